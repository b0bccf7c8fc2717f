"""What our side does when the platform misbehaves: paid once, told once, nothing lost, nothing believed unproven."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    PlatformError,
    PlatformSignatureInvalid,
    PlatformTimeout,
    ScanForPayError,
)
from scanforpay_django.flows.carry_out_refund import carry_out
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.flows.refund_unapplied import refund_unapplied
from scanforpay_django.models import Flag, Notification, Order, Payment, PlatformNotification, Refund
from scanforpay_django.sandbox import notify
from scanforpay_django.sandbox.pay_page import CustomerError
from scanforpay_django.wallets.base import PaymentRequest, RefundRequest, RefundState
from tests.causes import PAGE, STAFF
from tests.waiting import wait_for
from tests.wallets.conftest import Till

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.sqlite]

BOTH = pytest.mark.parametrize("name", ["wechat", "alipay"])
NOTICES = [
    "notify-late",
    "notify-never",
    "notify-twice",
    "notify-8x",
    "notify-out-of-order",
    "notify-before-answer",
    "bad-signature",
    "unknown-key",
]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform repeats its notifications at once."""
    monkeypatch.setattr(notify, "RETRY_DELAYS_SECONDS", (0.2,) * 6)


def assert_paid_once(order: Order) -> None:
    order.refresh_from_db()
    assert order.state == "paid"
    assert order.events.filter(to_state="paid").count() == 1
    assert order.payments.filter(is_applied=True).count() == 1
    assert Notification.objects.filter(order=order).count() == 1
    assert not Flag.objects.exists()


@BOTH
@pytest.mark.parametrize("fault", NOTICES)
def test_however_it_is_told_it_is_paid_once(till_of: Callable[[str], Till], name: str, fault: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault(fault, seconds=1 if fault in ("notify-late", "notify-out-of-order") else None)
    if fault == "notify-before-answer":
        # Paid before the page was there: the page is the receipt.
        with contextlib.suppress(CustomerError):
            till.pay(order)
        wait_for(lambda: Order.objects.get().state == "paid")
    else:
        assert till.pay(order) == "paid"
    till.sandbox.wait_for_notices()
    assert_paid_once(order)


@pytest.mark.parametrize("fault", ["stale-timestamp", "signtest"])
def test_wechats_probes_and_old_stamps_are_refused_and_told_again(
    till_of: Callable[[str], Till], fault: str
) -> None:
    till = till_of("wechat")
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault(fault)
    assert till.pay(order) == "paid"
    till.sandbox.wait_for_notices()
    assert_paid_once(order)
    assert PlatformNotification.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "fault"), [("wechat", "wrong-amount"), ("wechat", "wrong-currency"), ("alipay", "wrong-amount")]
)
def test_other_money_is_kept_and_flagged(till_of: Callable[[str], Till], name: str, fault: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault(fault)
    with pytest.raises(CustomerError):
        till.pay(order, timeout=2)
    till.sandbox.wait_for_notices()
    order.refresh_from_db()
    payment = order.payments.get()
    assert (order.state, payment.state, payment.is_applied) == ("pending", "paid", False)
    assert Flag.objects.get().kind == "amount_mismatch"
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("name", "fault"), [("wechat", "wrong-amount"), ("wechat", "wrong-currency"), ("alipay", "wrong-amount")]
)
def test_other_money_can_be_given_back(till_of: Callable[[str], Till], name: str, fault: str) -> None:
    till = till_of(name)
    order = till.order()
    till.sandbox.fault(fault)
    with pytest.raises(CustomerError):
        till.pay(order, timeout=2)
    till.sandbox.wait_for_notices()
    refund = refund_unapplied(order.payments.get(), STAFF)
    carry_out(refund)
    wait_for(lambda: carry_out(Refund.objects.get()).state == "succeeded")
    [asked] = till.sandbox.refunds
    trade = till.sandbox.trades[0]
    assert (asked.amount, refund.currency) == (trade.amount, trade.currency)


@BOTH
def test_another_merchants_money_is_not_believed(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault("wrong-merchant")
    if name == "wechat":
        with pytest.raises(CustomerError):
            till.pay(order, timeout=2)
        order.refresh_from_db()
        assert (order.state, order.payments.get().state) == ("pending", "open")
        assert not PlatformNotification.objects.exists()
    else:
        # Alipay's query names no seller: the answer is to our own signed question and is believed.
        till.pay(order, timeout=10)
        assert not PlatformNotification.objects.exists()
    assert not Flag.objects.exists()


@BOTH
@pytest.mark.parametrize(
    "fault", ["cut-connection", "http-500", "http-429", "act-then-timeout", "answer-bad-signature"]
)
def test_a_create_call_that_fails_is_sent_again_under_its_number(
    till_of: Callable[[str], Till], name: str, fault: str
) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault(fault, operation="create", seconds=0)
    with pytest.raises(CustomerError, match="503"):
        till.pay(order, user="anna")
    assert Payment.objects.get().state == "created"
    assert till.pay(order, user="anna") == "paid"
    assert len(till.sandbox.trades) == 1
    till.sandbox.wait_for_notices()
    assert_paid_once(order)


@BOTH
def test_a_slow_answer_is_waited_for(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    till.sandbox.fault("answer-slow", operation="create", seconds=2)
    assert till.pay(till.order()) == "paid"


@BOTH
@pytest.mark.parametrize("fault", ["cut-connection", "http-500", "http-429", "answer-bad-signature"])
def test_a_query_that_fails_is_asked_again(till_of: Callable[[str], Till], name: str, fault: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault("notify-never")
    till.sandbox.fault(fault, operation="query")
    assert till.pay(order) == "paid"
    assert_paid_once(order)


@BOTH
@pytest.mark.parametrize("fault", ["cut-connection", "http-500", "act-then-timeout"])
def test_a_close_that_fails_closes_nothing_until_it_is_confirmed(
    till_of: Callable[[str], Till], name: str, fault: str
) -> None:
    till = till_of(name)
    order = till.order()
    till.pay(order, outcome="cancel", user="anna")
    till.sandbox.fault(fault, operation="close", seconds=0)
    with pytest.raises(PlatformError):
        close_order(order, PAGE)
    assert Order.objects.get().state == "pending"
    assert close_order(order, PAGE).state == "closed"


@BOTH
def test_money_after_closing_is_flagged_and_changes_no_status(
    till_of: Callable[[str], Till], name: str
) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.pay(order, outcome="cancel", user="anna")
    close_order(order, PAGE)
    till.sandbox.fault("pay-after-close")
    assert till.sandbox.confirm(till.sandbox.trades[0])
    till.sandbox.wait_for_notices()
    order.refresh_from_db()
    assert (order.state, order.payments.get().state) == ("closed", "paid")
    assert Flag.objects.get().kind == "late_payment"
    assert not Notification.objects.exists()


@BOTH
def test_money_from_two_phones_settles_once(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.pay(order, outcome="cancel", user="anna")
    till.sandbox.fault("pay-twice")
    assert till.pay(order, user="bert") == "paid"
    till.sandbox.wait_for_notices()
    order.refresh_from_db()
    assert sorted(order.payments.values_list("is_applied", "is_unapplied")) == [(False, True), (True, False)]
    assert Flag.objects.get().kind == "duplicate_payment"
    assert Notification.objects.count() == 1


@BOTH
def test_the_sweep_finds_what_nobody_told(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    order = till.order(notifyUrl="https://shop.example/n")
    till.pay(order, outcome="cancel", user="anna")
    till.sandbox.fault("notify-never")
    assert till.sandbox.confirm(till.sandbox.trades[0])
    Payment.objects.update(next_query_at="2020-01-01T00:00:00Z")
    poll_platforms()
    assert_paid_once(order)


# -- refunds, at the wallet ---------------------------------------------------------------------------------


def refund(till: Till, payment: Payment) -> RefundRequest:
    return RefundRequest(
        out_trade_no=payment.out_trade_no,
        out_refund_no="R1",
        amount=700,
        paid_amount=payment.amount,
        currency=payment.currency,
    )


def test_a_refund_that_hangs_and_ends(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment = till.paid()
    till.sandbox.fault("refund-pending")
    assert till.wallet.refund(refund(till, payment)).state is RefundState.PROCESSING
    assert till.wallet.query_refund(payment.out_trade_no, "R1").state is RefundState.PROCESSING
    assert till.sandbox.finish_refund(till.sandbox.refunds[0])
    assert till.wallet.query_refund(payment.out_trade_no, "R1").state is RefundState.SUCCEEDED


@pytest.mark.parametrize(
    ("fault", "state"),
    [("refund-abnormal", RefundState.PAYER_UNREACHABLE), ("refund-failed", RefundState.CLOSED)],
)
def test_a_refund_that_does_not_arrive(
    till_of: Callable[[str], Till], fault: str, state: RefundState
) -> None:
    till = till_of("wechat")
    payment = till.paid()
    till.sandbox.fault(fault)
    till.wallet.refund(refund(till, payment))
    till.sandbox.wait_for_notices()
    assert till.wallet.query_refund(payment.out_trade_no, "R1").state is state


@BOTH
def test_a_balance_that_is_too_small_is_no_refund(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    payment = till.paid()
    till.sandbox.fault("not-enough")
    with pytest.raises(PlatformError):
        till.wallet.refund(refund(till, payment))
    assert till.wallet.query_refund(payment.out_trade_no, "R1").state is RefundState.NOT_FOUND
    # The same number again, with money there, is that refund.
    till.sandbox.clear_faults()
    assert till.wallet.refund(refund(till, payment)).state in (RefundState.PROCESSING, RefundState.SUCCEEDED)


@BOTH
def test_a_refund_without_an_answer_is_asked_about_and_made_once(
    till_of: Callable[[str], Till], name: str
) -> None:
    till = till_of(name)
    payment = till.paid()
    till.sandbox.fault("act-then-timeout", operation="refund", seconds=0)
    with pytest.raises((PlatformTimeout, PlatformSignatureInvalid)):
        till.wallet.refund(refund(till, payment))
    till.wallet.refund(refund(till, payment))
    till.sandbox.wait_for_notices()
    assert till.wallet.query_refund(payment.out_trade_no, "R1").state is RefundState.SUCCEEDED
    assert sum(one.amount for one in till.sandbox.refunds) == 700


@BOTH
def test_refund_messages_are_kept_and_change_no_order(till_of: Callable[[str], Till], name: str) -> None:
    till = till_of(name)
    payment = till.paid()
    notify_url = payment.request["notify_url"]
    made = refund(till, payment)
    till.wallet.refund(type(made)(**{**vars(made), "notify_url": notify_url}))
    assert till.sandbox.wait_for_notices()
    assert Order.objects.get().state == "paid"
    assert not Flag.objects.exists()


# -- merchant scans -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "code"), [("wechat", "130000000000000002"), ("alipay", "2800000000000002")])
def test_a_barcode_is_charged_at_once(till_of: Callable[[str], Till], name: str, code: str) -> None:
    till = till_of(name)
    request = barcode_request(till, code)
    result = till.wallet.pay_by_barcode(request)
    assert (result.state, result.amount) == ("paid", 2100)
    assert till.wallet.query(request.out_trade_no).state == "paid"


@pytest.mark.parametrize(("name", "code"), [("wechat", "130000000000000001"), ("alipay", "2800000000000001")])
def test_a_barcode_that_waits_for_a_password_can_be_reversed(
    till_of: Callable[[str], Till], name: str, code: str
) -> None:
    till = till_of(name)
    request = barcode_request(till, code)
    assert till.wallet.pay_by_barcode(request).state == "unpaid"
    if name == "wechat":
        # Refused while the customer is at the password: asked again until it is not.
        with pytest.raises(ScanForPayError):
            till.wallet.reverse(request.out_trade_no)
        assert till.sandbox.confirm(till.sandbox.trades[0])
    till.wallet.reverse(request.out_trade_no)
    assert till.wallet.query(request.out_trade_no).state in ("closed", "paid")


def barcode_request(till: Till, code: str) -> PaymentRequest:
    return PaymentRequest(
        product="codepay",
        out_trade_no="B" * 20,
        amount=2100,
        currency="CNY",
        title="茶",
        notify_url=f"{till.sandbox.url.removesuffix('/sandbox')}/api/platform/x/y",
        expires_at=clock.now() + timedelta(minutes=5),
        barcode=code,
    )
