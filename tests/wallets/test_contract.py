"""One contract for every backend: the sandbox verifies as strictly as the platforms do."""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from scanforpay_django import clock
from scanforpay_django.books.fetch_bill import fetch_bill
from scanforpay_django.exceptions import PlatformError, ScanForPayError
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.payment_request import make_payment_request
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Notification, Order, Payment, PlatformNotification, Refund
from scanforpay_django.operations import connection_test
from scanforpay_django.operations.connection_test import OURS_IS_RIGHT, RIGHT
from scanforpay_django.sandbox.models import Refund as SandboxRefund
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.wallets.account_faults import OUR_SIGNATURE
from scanforpay_django.wallets.base import Kind, RefundRequest, RefundState, TradeState
from scanforpay_django.wallets.bills.amounts import CHINA
from tests.causes import PAGE
from tests.platform import private_pem, public_pem
from tests.wallets.conftest import Till
from tests.wallets.table import channels

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def refund_of(payment: Payment, amount: int = 700, number: str = "R0001") -> RefundRequest:
    return RefundRequest(
        out_trade_no=payment.out_trade_no,
        out_refund_no=number,
        amount=amount,
        paid_amount=payment.amount,
        currency=payment.currency,
        reason="退款 🍵",
    )


def test_an_order_is_paid_and_the_query_agrees(till: Till) -> None:
    order = till.order(notifyUrl="https://shop.example/n", orderTitle="一杯茶 🍵 a=b&c/d")
    assert till.pay(order) == "paid"
    payment = order.payments.get()
    order.refresh_from_db()
    assert (order.state, payment.paid_amount, payment.paid_currency) == ("paid", 2100, till.setup.currency)
    assert Notification.objects.get().order == order
    till.sandbox.wait_for_notices()
    assert set(PlatformNotification.objects.values_list("outcome", flat=True)) <= {
        "applied",
        "already_applied",
    }
    result = till.wallet.query(payment.out_trade_no)
    assert (result.state, result.amount, result.trade_no) == (TradeState.PAID, 2100, payment.trade_no)
    assert result.paid_at is not None
    assert abs((result.paid_at - clock.now()).total_seconds()) < 300


def test_a_cancelled_order_stays_payable_and_is_paid_later(till: Till) -> None:
    order = till.order()
    assert till.pay(order, outcome="cancel", user="anna") == "pending"
    assert till.pay(order, user="anna") == "paid"
    assert order.payments.filter(state="paid").count() == 1


def test_closing_is_confirmed_and_what_is_closed_cannot_be_paid(till: Till) -> None:
    order = till.order()
    till.pay(order, outcome="cancel", user="anna")
    payment = order.payments.get()
    if not till.setup.closes:
        # Nothing can be told to this platform: the order stays open until the trade's own time is up.
        with pytest.raises(ScanForPayError):
            close_order(order, PAGE)
        assert Order.objects.get().state == "pending"
        return
    assert close_order(order, PAGE).state == "closed"
    assert till.wallet.query(payment.out_trade_no).state is TradeState.CLOSED
    assert not till.sandbox.confirm(till.sandbox.trades[-1])


def test_what_never_was_is_not_found(till: Till) -> None:
    assert till.wallet.query("N" * 28).state is TradeState.NOT_FOUND


def test_the_identical_request_again_is_the_same_trade(till: Till) -> None:
    order = till.order()
    till.pay(order, outcome="cancel", user="anna")
    payment = order.payments.select_related("account").get()
    till.wallet.create(make_payment_request(payment))
    assert len(till.sandbox.trades) == 1
    product = till.wallet.products[payment.product]
    if not product.opens_on_tap:
        other = replace(make_payment_request(payment), amount=2101)
        with pytest.raises(PlatformError):
            till.wallet.create(other)


def test_a_refund_is_made_once_and_told(till: Till) -> None:
    payment = till.paid()
    first = till.wallet.refund(refund_of(payment))
    again = till.wallet.refund(refund_of(payment))
    assert {first.state, again.state} <= {RefundState.SUCCEEDED, RefundState.PROCESSING}
    assert sum(refund.amount for refund in till.sandbox.refunds) == 700
    till.sandbox.wait_for_notices()
    found = till.wallet.query_refund(payment.out_trade_no, "R0001")
    assert (found.state, found.amount) == (
        RefundState.SUCCEEDED,
        700 if till.setup.tells_refund_amounts else None,
    )
    assert till.wallet.query_refund(payment.out_trade_no, "R9999").state is RefundState.NOT_FOUND
    # A paid order whose money went back in part is a paid order.
    assert till.wallet.query(payment.out_trade_no).state is TradeState.PAID


def test_more_than_was_paid_is_not_given_back(till: Till) -> None:
    payment = till.paid()
    with pytest.raises(PlatformError):
        till.wallet.refund(refund_of(payment, amount=2101))
    assert sum(refund.amount for refund in till.sandbox.refunds) == 0


def test_the_connection_test_says_what_is_right_and_wrong(till: Till) -> None:
    verifies_both = till.wallet.probe_verifies_both
    assert connection_test.test_connection(till.account) == (True, RIGHT if verifies_both else OURS_IS_RIGHT)
    good = till.account.secrets()
    till.account.set_secrets({**good, "private_key": private_pem("other")})
    assert connection_test.test_connection(till.account) == (False, OUR_SIGNATURE)
    till.account.set_secrets({**good, "private_key": ""})
    works, _words = connection_test.test_connection(till.account)
    assert not works
    till.account.set_secrets(good)
    theirs = {"public_key", "alipay_public_key", "alipay_certificate"} & set(till.account.config)
    if verifies_both and theirs and "platform_certificates" not in till.account.config:
        till.account.config = {**till.account.config, theirs.pop(): public_pem("other")}
        works, _words = connection_test.test_connection(till.account)
        assert not works


def refunded(till: Till, order: Order, number: str, amount: int) -> Refund:
    """A refund that a merchant asked for, as it ends."""
    body = {"partnerOrderNo": order.partner_order_no, "refundNo": number, "orderAmount": amount}
    till.merchant.call("/api/common/refund", body)
    for _ in range(4):
        # as if the platform's pauses were over
        Refund.objects.filter(finished_at=None).update(next_at=clock.now())
        poll_platforms()
    return Refund.objects.get(refund_no=number)


def test_a_merchants_refunds_reach_their_end(till: Till, settings) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    order = till.paid().order
    assert refunded(till, order, "r1", 700).state == "succeeded"
    SandboxRefund.objects.update(created_at=clock.now() - timedelta(minutes=2))
    assert refunded(till, order, "r2", 1400).state == "succeeded"
    order.refresh_from_db()
    assert (order.state, order.refunded_amount) == ("refunded", 2100)
    assert sorted(one.amount for one in till.sandbox.refunds) == [700, 1400]


def test_a_refused_refund_ends_and_frees_its_amount(till: Till, settings) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    payment = till.paid()
    till.sandbox.fault("not-enough")
    assert refunded(till, payment.order, "r1", 700).state == "failed"
    payment.refresh_from_db()
    assert (payment.refunded_amount, payment.reserved_amount) == (0, 0)


def test_bills_hold_what_was_paid_and_given_back(till: Till) -> None:
    bill_type = till.setup.bill_type
    if not bill_type:
        with pytest.raises(PlatformError):
            till.wallet.fetch_bill("settlement", clock.now().date(), io.BytesIO())
        return
    payment = till.paid()
    till.wallet.refund(refund_of(payment))
    till.sandbox.wait_for_notices()
    # The bill of the day before yesterday is out at any hour.
    moment = clock.now() - timedelta(days=2)
    Trade.objects.update(paid_at=moment)
    SandboxRefund.objects.update(created_at=moment, finished_at=moment)
    day = moment.astimezone(CHINA).date()
    bill = fetch_bill(till.account, bill_type, day)
    assert (bill.state, bill.is_whole, list(bill.problems.all())) == ("read", True, [])
    lines = {line.kind: line for line in bill.lines.filter(out_trade_no=payment.out_trade_no)}
    assert lines["payment"].amount == 2100
    assert lines["refund"].amount == 700
    assert lines["refund"].out_refund_no == "R0001"
    if bill_type == "trade":
        # 0.6 % of 21.00, and of 7.00
        assert (lines["payment"].fee, lines["refund"].fee) == (Decimal("0.13"), Decimal("-0.04"))
    assert lines["payment"].trade_no == payment.trade_no
    assert lines["payment"].currency == till.setup.currency
    none = fetch_bill(till.account, bill_type, day - timedelta(days=30))
    assert (none.state, none.line_count) == ("none", 0)


def test_flags_tell_the_truth(till: Till) -> None:
    backend = type(till.wallet)
    kinds = {product.kind for product in backend.products.values()}
    assert backend.can_refund
    assert set(backend.default_grants) <= set(backend.products)
    ways = {name for channel in channels() for name in backend.route(channel)}
    assert {name for name, product in backend.products.items() if product.kind is not Kind.BARCODE} <= ways
    assert kinds
    assert till.setup.currency in backend.currencies
    assert configure(till.account).wallet is till.wallet
