"""Values that no payment or refund can have reach no row: they are kept raw, refused and flagged."""

import pytest

from scanforpay_django.models import Flag, Order, Payment, PlatformNotification, Refund
from tests.flows.test_import_platform_refund import console_refund, paid
from tests.merchant import Merchant
from tests.operations.audit.seeds import found
from tests.platform import AlipayNotice, WeChatNotice, merchant, open_payment

__all__ = ["merchant"]
pytestmark = pytest.mark.django_db(transaction=True)

YEAR_ONE = "0001-01-01T00:00:00+08:00"


@pytest.mark.parametrize(
    "changes",
    [
        {"transaction_id": None},
        {"transaction_id": "None"},
        {"transaction_id": ""},
        {"transaction_id": "4" * 65},
        {"transaction_id": "42\u0000"},
        {"success_time": YEAR_ONE},
        {"success_time": "1969-12-31T23:59:59+08:00"},
        {"success_time": "9999-12-31T23:59:59-08:00"},
        {"amount": {"total": 0, "currency": "CNY"}},
        {"amount": {"total": -2100, "currency": "CNY"}},
        {"amount": {"total": 2100, "currency": "yuan"}},
    ],
    ids=str,
)
def test_a_wechat_payment_that_cannot_be_right_is_refused_and_flagged(
    merchant: Merchant, changes: dict
) -> None:
    payment = open_payment(merchant, "Wechat")
    for _ in range(2):
        assert WeChatNotice(payment, changes=changes).send().status_code == 400
    assert PlatformNotification.objects.get().outcome == "refused"
    assert Flag.objects.get().kind == "message_refused"
    assert "platform-message-not-applied" in found()
    payment = Payment.objects.get()
    assert (payment.state, payment.trade_no, Order.objects.get().state) == ("open", "", "pending")
    assert WeChatNotice(payment, event_id="EV-9").send().status_code == 200
    assert Order.objects.get().state == "paid"


@pytest.mark.parametrize(
    "changes",
    [
        {"trade_no": "null"},
        {"trade_no": ""},
        {"trade_no": "2" * 65},
        {"gmt_payment": "0001-01-01 00:00:00"},
        {"gmt_payment": "1969-12-31 23:59:59"},
        {"total_amount": "0.00"},
    ],
    ids=str,
)
def test_an_alipay_payment_that_cannot_be_right_is_refused_and_flagged(
    merchant: Merchant, changes: dict
) -> None:
    payment = open_payment(merchant, "Alipay")
    assert b"success" not in AlipayNotice(payment, changes=changes).send().content
    assert Flag.objects.get().kind == "message_refused"
    assert (Payment.objects.get().state, Order.objects.get().state) == ("open", "pending")
    assert AlipayNotice(payment, changes={"notify_id": "ali-9"}).send().content == b"success"


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_id": "None"},
        {"success_time": YEAR_ONE},
        {"amount": {"total": 2100, "refund": 0}},
        {"amount": {"total": 2100}},
        {"amount": None},
    ],
    ids=str,
)
def test_a_refund_that_cannot_be_right_is_refused_and_flagged(merchant: Merchant, changes: dict) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", "SUCCESS", **changes) == 400
    assert Flag.objects.get().kind == "message_refused"
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": {"total": 2100, "refund": -700}},
        {"amount": {"total": 2100, "refund": 0}},
        {"out_refund_no": "9" * 65},
        {"out_refund_no": "9\u0000"},
        {"out_refund_no": "null"},
        {"refund_id": "5\u0000"},
        {"refund_id": "5" * 65},
    ],
    ids=str,
)
@pytest.mark.parametrize("status", ["PROCESSING", "ABNORMAL", "SUCCESS"])
def test_neither_can_one_that_is_under_way(merchant: Merchant, status: str, changes: dict) -> None:
    payment = paid(merchant, "Wechat", WeChatNotice)
    assert console_refund(payment, "EV-2", status, **changes) == 400
    assert Flag.objects.get().kind == "message_refused"
    assert not Refund.objects.exists()
    payment.refresh_from_db()
    assert payment.reserved_amount == 0


@pytest.mark.parametrize("odd", ["\u0000", "\ud800", "\u0000" * 200])
def test_characters_that_no_database_stores_stop_nothing(merchant: Merchant, odd: str) -> None:
    payment = open_payment(merchant, "Wechat")
    changes = {"trade_state_desc": odd, "attach": odd, "bank_type": odd}
    assert WeChatNotice(payment, event_id=f"EV{odd}", changes=changes).send().status_code == 200
    assert Order.objects.get().state == "paid"
    assert WeChatNotice(payment, event_id="EV-3", changes={"out_trade_no": odd}).send().status_code == 400
    assert console_refund(payment, "EV-4", f"SUCCESS{odd}") in (200, 400)
    alipay = open_payment(merchant, "Alipay", partnerOrderNo="ali")
    odd = odd.replace("\ud800", "?")
    changes = {"buyer_logon_id": odd, "notify_id": f"ali{odd}"}
    assert AlipayNotice(alipay, changes=changes).send().content == b"success"
    assert set(Order.objects.values_list("state", flat=True)) == {"paid"}


def test_two_events_without_an_id_are_two(merchant: Merchant) -> None:
    first, second = open_payment(merchant, "Wechat"), open_payment(merchant, "Wechat", partnerOrderNo="p2")
    for payment in (first, second):
        notice = WeChatNotice(payment)
        notice.event_id = None  # type: ignore[assignment]
        assert notice.send().status_code == 200
    assert PlatformNotification.objects.count() == 2
    assert set(Order.objects.values_list("state", flat=True)) == {"paid"}
