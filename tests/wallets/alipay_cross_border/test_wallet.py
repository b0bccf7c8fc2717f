"""The cross-border gateway: one refund at a time, the payment's own currency, and no message believed by itself."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.exceptions import PlatformSignatureInvalid
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, Notification, Order, Payment, PlatformNotification, Refund
from scanforpay_django.sandbox.keys import platform_signer
from scanforpay_django.sandbox.models import Notice, Platform, Trade
from scanforpay_django.sandbox.models import Refund as SandboxRefund
from scanforpay_django.wallets.alipay_cross_border.client import signed_text
from scanforpay_django.wallets.alipay_cross_border.wallet import AlipayHKWallet
from tests.wallets.alipay_cross_border.account import TRADE, Gateway, make_account, running_gateway, sign
from tests.wallets.conftest import SETUPS, Setup, Till

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def till(till_of: Callable[[str], Till], settings) -> Till:
    """An AlipayHK account that collects HKD."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    return till_of("alipay-hk")


def ask_for_refund(till: Till, order: Order, number: str, amount: int) -> dict:
    """What the merchant is answered."""
    SandboxRefund.objects.update(created_at=clock.now() - timedelta(seconds=10))
    body = {"partnerOrderNo": order.partner_order_no, "refundNo": number, "orderAmount": amount}
    return till.merchant.call("/api/common/refund", body)


def sweep(times: int = 3) -> None:
    """As if the platform's pauses were over."""
    for _ in range(times):
        long_ago = clock.now() - timedelta(minutes=5)
        Refund.objects.filter(finished_at=None).update(next_at=clock.now())
        Refund.objects.exclude(sent_at=None).update(sent_at=long_ago)
        SandboxRefund.objects.update(created_at=long_ago)
        Payment.objects.unfinished().update(next_query_at=clock.now())
        poll_platforms()


def refund_in_the_console(amount: int) -> None:
    """Somebody refunds at the platform itself."""
    SandboxRefund.objects.create(
        trade=Trade.objects.get(),
        number=f"console-{amount}",
        refund_id=f"5030{amount:025d}",
        amount=amount,
        request={},
        state="SUCCESS",
        finished_at=clock.now(),
    )


def states() -> dict[str, str]:
    """Our refunds' states by the merchant's number."""
    return dict(Refund.objects.values_list("refund_no", "state"))


# -- refunds --------------------------------------------------------------------------------------------------


def test_a_refund_that_was_lost_does_not_hold_up_another(till: Till) -> None:
    order = till.paid().order
    ask_for_refund(till, order, "a", 500)
    # As if the second one's process had died between its note and its call.
    till.sandbox.fault("cut-connection", operation="refund")
    ask_for_refund(till, order, "b", 300)
    sweep()
    assert states() == {"a": "succeeded", "b": "succeeded"}
    assert sorted(one.amount for one in till.sandbox.refunds) == [300, 500]
    payment = Payment.objects.get()
    assert (payment.refunded_amount, payment.reserved_amount) == (800, 0)
    assert not Flag.objects.exists()


def test_a_console_refund_is_counted_and_flagged(till: Till) -> None:
    order = till.paid().order
    refund_in_the_console(200)
    ask_for_refund(till, order, "a", 500)
    sweep()
    assert states()["a"] == "succeeded"
    assert Payment.objects.get().refunded_amount == 700
    assert Flag.objects.get().kind == "refund_sum"
    # 16.00 more would be 23.00 of 21.00.
    assert ask_for_refund(till, order, "b", 1600)["code"] != 1
    ask_for_refund(till, order, "c", 1400)
    sweep()
    assert Order.objects.get().state == "refunded"
    assert sum(one.amount for one in till.sandbox.refunds) == 2100


def test_a_sum_that_is_too_small_is_flagged_and_changes_nothing(till: Till) -> None:
    order = till.paid().order
    ask_for_refund(till, order, "a", 500)
    sweep()
    SandboxRefund.objects.update(amount=400)
    ask_for_refund(till, order, "b", 300)
    sweep()
    assert states() == {"a": "succeeded", "b": "succeeded"}
    assert Payment.objects.get().refunded_amount == 800
    assert Flag.objects.get().details["reported"] == 700


@pytest.mark.parametrize(("end", "state"), [("SUCCESS", "succeeded"), ("CLOSED", "failed")])
def test_a_refund_under_way_ends_as_the_platform_says(till: Till, end: str, state: str) -> None:
    order = till.paid().order
    till.sandbox.fault("refund-pending")
    ask_for_refund(till, order, "a", 500)
    sweep()
    assert states() == {"a": "processing"}
    till.sandbox.finish_refund(till.sandbox.refunds[0], end)
    sweep()
    assert states() == {"a": state}
    assert Payment.objects.get().reserved_amount == 0


def test_a_reason_in_chinese_is_taken(till: Till) -> None:
    order = till.paid().order
    ask_for_refund(till, order, "a", 500)
    Refund.objects.update(reason="退款＆", state="queued", sent_at=None, finished_at=None)
    sweep()
    assert states() == {"a": "succeeded"}


# -- currencies -----------------------------------------------------------------------------------------------

TWO_CURRENCIES = Setup(
    lambda s, store: s.alipay_global_account(store, wallet="AlipayGlobal", currencies="HKD JPY"),
    "Alipay",
    "JPY",
    "alipay",
)


@pytest.fixture
def yen(till_of: Callable[[str], Till], monkeypatch: pytest.MonkeyPatch, settings) -> Till:
    """An account of two currencies, and orders in the second."""
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    monkeypatch.setitem(SETUPS, "two", TWO_CURRENCIES)
    return till_of("two")


def test_a_missed_notification_is_found_in_the_payments_own_currency(yen: Till) -> None:
    order = yen.order(notifyUrl="https://shop.example/n")
    yen.sandbox.fault("notify-never")
    assert yen.pay(order) == "paid"
    payment = Payment.objects.get()
    assert (payment.paid_amount, payment.paid_currency, payment.is_applied) == (2100, "JPY", True)


def test_a_refund_in_yen_is_a_refund_in_yen(yen: Till) -> None:
    order = yen.paid().order
    refund_in_the_console(100)
    ask_for_refund(yen, order, "a", 700)
    sweep()
    assert states()["a"] == "succeeded"
    assert Payment.objects.get().refunded_amount == 800


def test_an_account_that_has_changed_its_currency_still_finds_its_payments(till: Till) -> None:
    order = till.order()
    till.sandbox.fault("notify-never")
    till.pay(order, outcome="cancel")
    till.sandbox.confirm(till.sandbox.trades[0])
    type(till.account).objects.filter(pk=till.account.pk).update(currencies="JPY")
    sweep(1)
    payment = Payment.objects.get()
    assert (payment.paid_amount, payment.paid_currency) == (2100, "HKD")


# -- what is closed, and what is not there ----------------------------------------------------------------------


def test_paid_and_returned_is_never_announced_as_paid(till: Till) -> None:
    order = till.order(notifyUrl="https://shop.example/n")
    till.sandbox.fault("notify-never")
    till.pay(order, outcome="cancel")
    till.sandbox.confirm(till.sandbox.trades[0])
    refund_in_the_console(2100)
    sweep(1)
    order.refresh_from_db()
    assert (order.state, order.refunded_amount) == ("refunded", 2100)
    assert till.merchant.query(orderNo=order.order_no)["status"] == 3
    assert not Notification.objects.exists()


def test_not_there_is_believed_after_the_addresses_real_life(till: Till) -> None:
    order = till.order()
    payment = Payment.objects.create(
        order=order,
        account=till.account,
        wallet="AlipayHK",
        product="forex_wap",
        state="closing",
        amount=2100,
        currency="HKD",
        request={"client_ip": ""},
        prepay={"service": "create_forex_trade_wap"},
        expires_at=clock.now() - timedelta(hours=23, minutes=50),
    )
    sweep(1)
    payment.refresh_from_db()
    assert payment.state == "closing"
    Payment.objects.filter(pk=payment.pk).update(expires_at=clock.now() - timedelta(hours=24, minutes=10))
    sweep(1)
    payment.refresh_from_db()
    assert payment.state == "closed"


# -- notifications --------------------------------------------------------------------------------------------


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """One that sent every notification and says that trade N1 is paid, as number 20."""
    with running_gateway(notify_verify="true", single_trade_query=TRADE) as running:
        yield running


def notification(**changes: str) -> bytes:
    """A form, genuinely signed."""
    fields = {
        "currency": "HKD",
        "notify_id": "5ac2",
        "notify_type": "trade_status_sync",
        "notify_time": "2026-11-23 10:00:00",
        "out_trade_no": "N1",
        "total_fee": "21.00",
        "trade_no": "20",
        "trade_status": "TRADE_FINISHED",
    } | changes
    return urlencode(fields | {"sign": sign(fields), "sign_type": "RSA2"}).encode()


def test_a_notification_is_confirmed_by_two_questions(gateway: Gateway) -> None:
    found = AlipayHKWallet(make_account(gateway.url)).read_notification({}, notification())
    assert (found.result.state, found.result.amount, found.result.currency) == ("paid", 2100, "HKD")
    assert (found.doubts, len(gateway.calls)) == ("", 2)


@pytest.mark.parametrize(
    ("changes", "amount", "currency"),
    [
        ({"total_fee": "21.0"}, 2100, "HKD"),
        ({"currency": ""}, 2100, None),
        ({"currency": "USD"}, 2100, "USD"),
    ],
)
def test_sums_are_compared_as_numbers(
    gateway: Gateway, changes: dict, amount: int, currency: str | None
) -> None:
    found = AlipayHKWallet(make_account(gateway.url)).read_notification({}, notification(**changes)).result
    assert (found.amount, found.currency) == (amount, currency)


@pytest.mark.parametrize("seller", [{}, {"seller_id": "2088000000000662"}])
def test_a_notification_that_cannot_be_confirmed_is_refused(seller: dict) -> None:
    wallet = AlipayHKWallet(make_account("https://127.0.0.1:9/gateway.do"))
    with pytest.raises(PlatformSignatureInvalid, match="could not be asked"):
        wallet.read_notification({}, notification(**seller))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"trade_no": "66", "total_fee": "0.01"}, "says otherwise"),
        ({"trade_status": "TRADE_CLOSED"}, "says otherwise"),
        ({"total_fee": "0.01"}, "says otherwise"),
        ({"out_trade_no": "N2"}, "another trade"),
        ({"seller_id": "2088000000000001"}, "another partner"),
        ({"notify_id": ""}, "no notify_id"),
    ],
)
def test_what_the_gateway_says_otherwise_is_refused(gateway: Gateway, changes: dict, why: str) -> None:
    with pytest.raises(PlatformSignatureInvalid, match=why):
        AlipayHKWallet(make_account(gateway.url)).read_notification({}, notification(**changes))


def test_what_the_gateway_did_not_send_is_refused(gateway: Gateway) -> None:
    gateway.answers["notify_verify"] = "false"
    with pytest.raises(PlatformSignatureInvalid, match="did not send"):
        AlipayHKWallet(make_account(gateway.url)).read_notification({}, notification())


def test_of_a_doubtful_message_the_query_alone_decides(gateway: Gateway) -> None:
    odd = notification(tomorrows_field="1", total_fee="0.01")
    found = AlipayHKWallet(make_account(gateway.url)).read_notification({}, odd)
    assert (found.doubts, found.result.amount_text) == ("tomorrows_field", "21.00")


# -- the attack -----------------------------------------------------------------------------------------------


def cut_otherwise(victim: Payment) -> bytes:
    """A genuine message about the attacker's own trade of 0.01, cut into other fields under the same signature."""
    tail = (
        f"currency=HKD&notify_id=evil&notify_time=2026-11-23 10:00:00&notify_type=trade_status_sync"
        f"&out_trade_no={victim.out_trade_no}&total_fee=888.00&trade_no=66&trade_status=TRADE_FINISHED&zzz=1"
    )
    genuine = {
        "body": f"x&{tail}",
        "currency": "HKD",
        "notify_id": "n-attacker",
        "notify_type": "trade_status_sync",
        "out_trade_no": "attackers",
        "total_fee": "0.01",
        "trade_no": "66",
        "trade_status": "TRADE_FINISHED",
    }
    text = signed_text(genuine).decode()
    signature = platform_signer(Platform.ALIPAY_GLOBAL).sign(text.encode())
    cut = dict(pair.split("=", 1) for pair in ("body=x", *tail.removesuffix("&zzz=1").split("&")))
    cut["zzz"] = text.split("&zzz=", 1)[1]
    assert signed_text(cut).decode() == text
    return urlencode(cut | {"sign": signature, "sign_type": "RSA2"}).encode()


def test_a_genuine_message_that_was_cut_otherwise_pays_nothing(till: Till) -> None:
    order = till.order(orderAmount=88800, notifyUrl="https://shop.example/n")
    till.pay(order, outcome="cancel")
    payment = Payment.objects.get()
    # Even where the attacker's message was sent to this partner a moment ago.
    Notice.objects.create(trade=Trade.objects.get(), event_id="evil", sent_at=clock.now())
    path = f"/api/platform/alipay-hk/{till.account.public_id}"
    form = "application/x-www-form-urlencoded"
    Client().post(path, cut_otherwise(payment), content_type=form)
    order.refresh_from_db()
    assert order.state == "pending"
    assert not Notification.objects.exists()
    assert Flag.objects.get().kind == "odd_notification"
    assert PlatformNotification.objects.get().outcome == "unchanged"
    Notice.objects.all().delete()
    assert Client().post(path, cut_otherwise(payment), content_type=form).status_code == 400
