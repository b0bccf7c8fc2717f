"""The page docs/django-payments.md: its settings are those of the tests, and its view works."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from scanforpay_django.sandbox.testing import Sandbox
from tests.django_payments.sale import find_order, new_payment, open_store

PAGE = Path(__file__).parents[2] / "docs" / "django-payments.md"
SETTINGS, VIEW = re.findall(
    r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def test_its_settings_are_those_of_the_tests(settings: Any) -> None:
    written: dict[str, Any] = {"INSTALLED_APPS": []}
    exec(SETTINGS, written)
    assert set(written["INSTALLED_APPS"]) <= set(settings.INSTALLED_APPS)
    assert written["PAYMENT_VARIANTS"]["phone"] == settings.PAYMENT_VARIANTS["phone"]


@pytest.mark.django_db(transaction=True)
def test_its_view_leads_to_the_pay_page(scanforpay_sandbox: Sandbox) -> None:
    open_store(scanforpay_sandbox)
    payment = new_payment()
    written: dict[str, Any] = {}
    exec(VIEW, written)
    answer = written["pay"](RequestFactory().get("/"), payment.pk)
    assert (answer.status_code, answer["Location"]) == (302, find_order(payment).pay_url)
