"""Orders, payments, refunds and the outbox in whatever order things happen, with whatever goes wrong.

Hypothesis writes the stories; ``rules.py`` lists the invariants, which are asked after every step. Each story ends with
everything well again, and then nothing may be lost.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    PlatformError,
    PlatformRefused,
    PlatformTimeout,
    PlatformUnreachable,
    ScanForPayError,
)
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.import_platform_refund import import_refund
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.merchant_notify.claim import claim
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.outbox import resend_all
from scanforpay_django.models import (
    Endpoint,
    Flag,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Payment,
    PlatformNotification,
    Refund,
    RestoreMark,
    WalletAccount,
)
from scanforpay_django.operations.audit import audit
from scanforpay_django.wallets.base import PaymentResult, RefundResult, RefundState, TradeState
from tests.causes import NOTIFICATION
from tests.invariants.rules import Moves, broken, unseen_money
from tests.invariants.shop import Shop, open_shop
from tests.merchant import Merchant, seed_merchant
from tests.scripted import Platform, platform, start, two_wallets

__all__ = ["platform", "two_wallets"]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]

# SQLite sees a sample; STORIES=1000 writes so many.
EXAMPLES = int(os.environ.get("STORIES", {"postgresql": "25", "mysql": "12"}.get(connection.vendor, "12")))
STEPS = 30
NUMBERS = st.sampled_from(["p1", "p2"])
REFUNDS = st.sampled_from(["r1", "r2", "r3"])
PAYERS = st.sampled_from(["a", "b"])
WALLETS = st.sampled_from(["Wechat", "Any"])
#: what each payer has on the phone: with an order that takes any wallet they differ
WALLET_OF = {"a": "Wechat", "b": "Alipay"}
WELL = "well"
TROUBLES = {
    "unreachable": PlatformUnreachable,
    "error": PlatformError,
    "refused": PlatformRefused,
    "no answer": PlatformTimeout,
    "done without an answer": PlatformTimeout,
}
TROUBLE = st.sampled_from([WELL, WELL, *TROUBLES])
# What a console's refund may be told as first, and whether its end is told later.
CONSOLE_STATES = {
    RefundState.SUCCEEDED: False,
    RefundState.PROCESSING: True,
    RefundState.PAYER_UNREACHABLE: True,
    RefundState.CLOSED: False,
}
CALLS = ("create", "query", "close", "refund", "query_refund")


class World:
    """What a story plays in."""

    merchant: Merchant
    shop: Shop
    platform: Platform


class Life(RuleBasedStateMachine):
    """One merchant's day."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.merchant, self.shop, self.platform = self.world.merchant, self.world.shop, self.world.platform
        self.shop.told.clear()
        self.shop.is_well = True
        for model in (
            NotificationAttempt, Notification, Endpoint, Refund, OrderEvent, Flag, PlatformNotification, Payment,
            RestoreMark, Order,
        ):  # fmt: skip
            model.objects.all().delete()
        self.moves = Moves()
        self.platform.trades.clear()
        self.platform.makers.clear()
        self.platform.refunds.clear()
        self.platform.script.clear()
        # Paid after they were closed: nobody asks about a closed trade, the platform's notification tells.
        self.reopened: set[str] = set()
        # number of a refund made in the console -> its trade
        self.console: dict[str, str] = {}

    def order(self, number: str) -> Order | None:
        return Order.objects.select_related("store", "partner").filter(partner_order_no=number).first()

    def troubled(self, calls: str, trouble: str) -> None:
        """One kind of call goes wrong during the next step."""
        if trouble == WELL:
            return
        error = TROUBLES[trouble]()

        def done(real: Callable[[], Any] | str) -> Any:
            # A query is handed its number: asking changes nothing.
            if callable(real):
                real()
            raise error

        self.platform.script[calls] = done if trouble == "done without an answer" else error

    def healed(self) -> None:
        self.platform.script.clear()

    # -- the merchant ------------------------------------------------------------------------------

    @rule(
        number=NUMBERS,
        amount=st.sampled_from([2100, 2100, 2100, 999]),
        silent=st.booleans(),
        wallet=WALLETS,
    )
    def create(self, number: str, amount: int, silent: bool, wallet: str) -> None:
        url = "" if silent else f"{self.shop.url}/notify"
        told = self.merchant.create(partnerOrderNo=number, orderAmount=amount, notifyUrl=url, wallet=wallet)
        assert told["code"] in (1, 31)

    @rule(number=NUMBERS)
    def ask(self, number: str) -> None:
        order = self.order(number)
        told = self.merchant.query(partnerOrderNo=number)
        assert told["status"] == (order.status() if order else 0)

    @rule(number=NUMBERS, call=st.sampled_from(["query", "close"]), trouble=TROUBLE)
    def close(self, number: str, call: str, trouble: str) -> None:
        self.troubled(call, trouble)
        told = self.merchant.call("/api/common/close", {"partnerOrderNo": number, "action": "close"})
        self.healed()
        assert told["code"] in (1, 2, 21, 22, 30, 32, 34)

    @precondition(lambda self: Order.objects.filter(state="paid").exists())
    @rule(
        number=NUMBERS,
        refund_no=REFUNDS,
        amount=st.sampled_from([700, 700, 1400, 2100, 2101]),
        call=st.sampled_from(["refund", "query_refund"]),
        trouble=TROUBLE,
    )
    def refund(self, number: str, refund_no: str, amount: int, call: str, trouble: str) -> None:
        self.troubled(call, trouble)
        body = {"partnerOrderNo": number, "refundNo": refund_no, "orderAmount": amount}
        told = self.merchant.call("/api/common/refund", body)
        self.healed()
        assert told["code"] in (1, 2, 30, 31, 32, 35)
        assert ("status" in told) == (told["code"] in (1, 2))

    # -- the customer ------------------------------------------------------------------------------

    @rule(number=NUMBERS, payer=PAYERS, wallet=WALLETS)
    def buy(self, number: str, payer: str, wallet: str) -> None:
        """As it goes most of the time, but nobody has told us of it yet."""
        self.create(number, 2100, silent=False, wallet=wallet)
        self.open_the_page(number, payer, CALLS[0], WELL)
        for payment in Payment.objects.filter(order__partner_order_no=number, state=Payment.State.OPEN):
            self.platform.pay(payment.out_trade_no)

    @initialize(number=NUMBERS, payer=PAYERS, wallet=WALLETS, hears=st.booleans())
    def the_day_begins_with_a_customer(self, number: str, payer: str, wallet: str, hears: bool) -> None:
        self.buy(number, payer, wallet)
        if hears:
            self.hear_of_all()

    @rule()
    def hear_of_all(self) -> None:
        """Every notification comes at last, some twice."""
        for which in range(len(self.platform.trades)):
            self.notify(which, 1 + which % 2)

    @rule(number=NUMBERS, payer=PAYERS, call=st.sampled_from(["create", "query", "close"]), trouble=TROUBLE)
    def open_the_page(self, number: str, payer: str, call: str, trouble: str) -> None:
        order = self.order(number)
        self.troubled(call, trouble)
        try:
            if order is not None:
                start(order, payer, WALLET_OF[payer])
        except ScanForPayError:
            pass
        finally:
            self.healed()

    @precondition(lambda self: Payment.objects.exclude(state="paid").exists())
    @rule(number=NUMBERS, which=st.integers(0, 3), forced=st.booleans())
    def pay(self, number: str, which: int, forced: bool) -> None:
        """In the app; ``forced``: a trade that was closed meanwhile, as happens at platforms."""
        payments = Payment.objects.filter(order__partner_order_no=number).order_by("pk")
        found = list(payments)[which : which + 1]
        for payment in found:
            if forced and self.platform.trades.get(payment.out_trade_no) == "closed":
                self.platform.trades[payment.out_trade_no] = "paid"
                self.reopened.add(payment.out_trade_no)
            else:
                self.platform.pay(payment.out_trade_no)

    # -- the platform ------------------------------------------------------------------------------

    @precondition(lambda self: "paid" in self.platform.trades.values())
    @rule(which=st.integers(0, 5), times=st.integers(1, 2))
    def notify(self, which: int, times: int) -> None:
        paid = [number for number, state in self.platform.trades.items() if state == "paid"]
        for number in paid[which : which + 1] * times:
            self._notify_of(number)

    def _notify_of(self, number: str) -> None:
        account = WalletAccount.objects.get(store=self.merchant.store, wallet=self.platform.makers[number])
        slug = {"Wechat": "scripted", "Alipay": "scripted-second"}[account.wallet]
        path = f"/api/platform/{slug}/{account.public_id}"
        answer = Client().post(path, f"paid {number}".encode(), content_type="application/json")
        assert answer.status_code == 200, answer.content

    @rule(
        which=st.integers(0, 5), amount=st.sampled_from([1, 2101]), currency=st.sampled_from(["CNY", "HKD"])
    )
    def tell_of_other_money(self, which: int, amount: int, currency: str) -> None:
        open_ones = [number for number, state in self.platform.trades.items() if state == "open"]
        for number in open_ones[which : which + 1]:
            payment = Payment.objects.get(out_trade_no=number)
            result = PaymentResult(
                out_trade_no=number,
                state=TradeState.PAID,
                amount=amount,
                currency=currency,
                trade_no=f"x{number}",
            )
            apply_payment(payment, result, NOTIFICATION)
            self.platform.trades[number] = "paid"

    @precondition(lambda self: Payment.objects.filter(state="paid").exists())
    @rule(
        number=NUMBERS,
        amount=st.sampled_from([100, 700, 2100]),
        state=st.sampled_from(list(CONSOLE_STATES)),
        ends=st.sampled_from([RefundState.SUCCEEDED, RefundState.CLOSED]),
    )
    def refund_in_the_console(self, number: str, amount: int, state: RefundState, ends: RefundState) -> None:
        """Somebody gives money back at the platform; we are told of it, and later of its end."""
        paid = Payment.objects.filter(order__partner_order_no=number, state="paid")
        payment = paid.order_by("pk").first()
        if payment is None or self._left_there(payment) < amount:
            return
        console = f"console{len(self.console) + 1}"
        self.console[console] = payment.out_trade_no
        self._tell_of_console(payment, console, amount, state)
        if CONSOLE_STATES.get(state):
            self._tell_of_console(payment, console, amount, ends)

    def _left_there(self, payment: Payment) -> int:
        """A console lets nobody give back more than was paid; what we have reserved may go out at any moment."""
        ours = set(payment.refunds.values_list("out_refund_no", flat=True))
        consoles = {name for name, trade in self.console.items() if trade == payment.out_trade_no}
        gone = sum(self.platform.refunds.get(name, 0) for name in ours | consoles)
        return min(2100, payment.paid_amount or 0) - gone - payment.reserved_amount

    def _tell_of_console(self, payment: Payment, console: str, amount: int, state: RefundState) -> None:
        if state is RefundState.SUCCEEDED:
            self.platform.refunds[console] = amount
        told = RefundResult(
            out_refund_no=console,
            out_trade_no=payment.out_trade_no,
            state=state,
            amount=amount,
            refund_id=f"id-{console}",
        )
        for _ in range(2):
            assert import_refund(payment, told, NOTIFICATION)

    # -- a copy is restored ------------------------------------------------------------------------

    @rule(number=NUMBERS, payer=PAYERS)
    def restore_a_copy_without_attempts(self, number: str, payer: str) -> None:
        """The copy is older than the order's attempts; somebody may have paid them since."""
        lost = Payment.objects.filter(order__partner_order_no=number, order__state="pending", refunds=None)
        lost.filter(state__in=Payment.UNFINISHED).delete()
        RestoreMark.objects.create()
        self.open_the_page(number, payer, CALLS[0], WELL)

    @precondition(lambda self: Refund.objects.filter(state__in=Refund.UNFINISHED, source="api").exists())
    @rule()
    def restore_a_copy_without_a_refund(self) -> None:
        """The copy is older than a refund whose end the merchant does not know; it repeats the refund."""
        lost = Refund.objects.filter(state__in=Refund.UNFINISHED, source="api").first()
        assert lost is not None
        OrderEvent.objects.filter(data__refund=lost.out_refund_no).delete()
        Payment.objects.filter(pk=lost.payment_id).update(reserved_amount=F("reserved_amount") - lost.amount)
        number, submission = lost.order.partner_order_no, lost.submission
        lost.delete()
        # Each submission that the copy does not know is answered as it was, until the merchant has the last one's.
        for _ in range(submission):
            self.refund(number, lost.refund_no, lost.amount, CALLS[3], WELL)

    # -- time --------------------------------------------------------------------------------------

    @rule(call=st.sampled_from(CALLS), trouble=TROUBLE)
    def sweep(self, call: str, trouble: str) -> None:
        self.troubled(call, trouble)
        Payment.objects.filter(state__in=Payment.UNFINISHED).update(next_query_at=clock.now())
        Refund.objects.filter(finished_at=None).update(next_at=clock.now())
        poll_platforms()
        self.healed()

    @rule(number=NUMBERS)
    def time_runs_out(self, number: str) -> None:
        past = clock.now() - timedelta(minutes=10)
        Order.objects.filter(partner_order_no=number, state="pending").update(expires_at=past)
        Payment.objects.filter(order__partner_order_no=number).update(expires_at=past, created_at=past)

    # -- the outbox --------------------------------------------------------------------------------

    @precondition(lambda self: Notification.objects.filter(state="pending").exists())
    @rule(well=st.booleans())
    def deliver(self, well: bool) -> None:
        self.shop.is_well = well
        # SQLite's clock has milliseconds only.
        Notification.objects.filter(state="pending").update(next_at=clock.now() - timedelta(seconds=1))
        drain(max_seconds=10)

    @precondition(lambda self: Notification.objects.filter(state="pending").exists())
    @rule()
    def a_worker_dies(self) -> None:
        claim(10)
        Notification.objects.filter(state="pending").update(lease_until=clock.now() - timedelta(seconds=1))

    @precondition(lambda self: Notification.objects.exists())
    @rule()
    def staff_send_again(self) -> None:
        resend_all(Notification.objects.all())

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def nothing_is_broken(self) -> None:
        assert [*broken(self.platform), *self.moves.broken()] == []

    @invariant()
    def the_shop_believes_the_truth(self) -> None:
        done = set(Order.objects.filter(state__in=["paid", "refunded"]).values_list("order_no", flat=True))
        assert self.shop.numbers() <= done
        assert all(len(set(bodies)) == 1 for bodies in self.shop.told.values())

    def teardown(self) -> None:
        """Everything is well again: nothing is lost, nothing hangs, whoever has paid is seen and told."""
        self.shop.is_well = True
        for _ in range(4):
            self.sweep(CALLS[0], WELL)
        for number in sorted(self.reopened):
            self._notify_of(number)
        Endpoint.objects.all().delete()
        self.staff_send_again()
        self.deliver(well=True)
        self.nothing_is_broken()
        self.the_shop_believes_the_truth()
        assert unseen_money(self.platform) == []
        assert not Refund.objects.filter(state__in=Refund.UNFINISHED).exists()
        paid = Order.objects.filter(state="paid").exclude(notify_url="")
        assert {order.order_no for order in paid} <= self.shop.numbers()
        assert [(one.check.code, one.row) for one in audit()] == []


def test_no_invariant_breaks(two_wallets: Platform, settings: Any) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    settings.SCANFORPAY_UNPROVEN_CALLS_PER_MINUTE = 0
    with open_shop() as shop:
        settings.SCANFORPAY_OUTBOUND_ALLOW = [shop.url]
        World.merchant, World.shop, World.platform = seed_merchant(), shop, two_wallets
        Life.world = World()
        run_state_machine_as_test(Life, settings=STORIES)


STORIES = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
