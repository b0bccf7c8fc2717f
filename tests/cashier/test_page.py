"""What goes into a pay page."""

import pytest
from django.test import Client

from scanforpay_django.models import Store
from tests.house import house, merchant
from tests.merchant import Merchant

__all__ = ["house", "merchant"]


@pytest.mark.django_db
def test_a_colour_that_was_not_checked_reaches_no_style(merchant: Merchant, client: Client) -> None:
    made = merchant.create()
    Store.objects.update(color="}*{}a")
    html = client.get(made["payUrl"].removeprefix("http://localhost:8000")).content.decode()
    assert "}*{}a" not in html
