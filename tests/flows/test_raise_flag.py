"""Money that needs a person raises a flag."""

import pytest

from scanforpay_django.models import Flag, Notification, Order, Payment
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, accepted, merchant, open_payment

__all__ = ["merchant"]

NOTICES = [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)]


@pytest.mark.parametrize("state", ["closed", "expired"])
@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_late_money_is_flagged_and_changes_no_status(
    merchant: Merchant, wallet: str, notice: type, state: str
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    Order.objects.update(state=state)
    Payment.objects.update(state="closed")
    assert accepted(wallet, notice(payment).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("paid", state)
    assert Flag.objects.get().kind == "late_payment"
    assert not Notification.objects.exists()
