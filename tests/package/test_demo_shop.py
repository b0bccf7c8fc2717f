"""The demo's shop: thirty of thirty, and an order that was made by hand is taken in when it is paid."""

from typing import Any

import pytest

from demo_project.shop.models import Sale
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.operations.grading import grade as grading
from scanforpay_django.operations.grading.grade import Grader
from scanforpay_django.operations.grading.subject import find_material
from scanforpay_django.sandbox.testing import Sandbox
from tests.merchant import PARTNER_NO, Merchant

pytestmark = [pytest.mark.sqlite, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def here(settings: Any, live_server: Any) -> None:
    """The API is where the shop asks it."""
    settings.SCANFORPAY_BASE_URL = live_server.url


def test_the_demos_shop_gets_thirty_of_thirty(
    merchant: Merchant, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "PAUSE_SECONDS", 0.1)
    merchant.partner.notify_refunds = True
    merchant.partner.save()
    merchant.create(partnerOrderNo="tea1")
    Sale.objects.create(number="tea1", title="Tea", amount=2100)
    material = find_material(PARTNER_NO, "tea1")
    judged = list(Grader(url=f"{live_server.url}/shop/notify", material=material).grade())
    assert [(one.case.name, one.did) for one in judged if not one.is_right] == []
    assert Sale.objects.get().paid_at is not None


def test_an_order_made_by_hand_comes_into_the_list(
    merchant: Merchant, live_server: Any, scanforpay_sandbox: Sandbox
) -> None:
    merchant.store.wallet_accounts.update(is_active=False)
    scanforpay_sandbox.wechat_account(merchant.store)
    made = merchant.create(partnerOrderNo="c1", notifyUrl=f"{live_server.url}/shop/notify")
    scanforpay_sandbox.pay(made["payUrl"], "wechat")
    assert drain().delivered == 1
    sale = Sale.objects.get()
    assert (sale.number, sale.amount, sale.times_told) == ("c1", 2100, 1)
    assert sale.paid_at is not None
