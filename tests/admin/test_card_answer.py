"""A card as PDF, with the extra and without."""

import sys

import pytest
from django.test import Client
from django.urls import reverse

from scanforpay_django.models import CounterCode
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


def test_without_the_extra_it_says_how_to_get_it(
    merchant: Merchant, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = CounterCode.objects.create(store=merchant.store, number="till-1")
    pages = [reverse(f"admin:scanforpay_countercode_card_{kind}", args=[code.pk]) for kind in ("pdf", "svg")]
    assert admin_client.get(pages[0]).content.startswith(b"%PDF-")
    monkeypatch.setitem(sys.modules, "scanforpay_django.operations.card_pdf", None)
    answer = admin_client.get(pages[0])
    assert (answer.status_code, "scanforpay-django[pdf]" in answer.content.decode()) == (501, True)
    assert admin_client.get(pages[1]).status_code == 200
