"""One story, from the order to the day on which everything has ended."""

import contextlib
import hashlib
from collections.abc import Mapping, Sequence

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.models import Order, Store
from scanforpay_django.sandbox.faults import FAULTS
from scanforpay_django.sandbox.models import Refund, SandboxFault, Trade
from scanforpay_django.sandbox.pay_page import CustomerError
from tests.faults.stories import Phase, Story
from tests.invariants.rules import Moves
from tests.invariants.shop import Shop
from tests.wallets.conftest import Till

#: for people at a screen the sandbox takes longer
SECONDS = {"notify-late": "0.3", "notify-out-of-order": "0.3", "answer-slow": "0.1", "act-then-timeout": "0"}
#: customers and merchants try again so often
TRIES = 4
#: codes of calls that are written wrongly
NOT_A_CALL = range(3, 20)
#: an order may be paid for half an hour; an hour later what stands still is flagged
DAYS = ({"minutes": 6}, {"minutes": 35}, {"hours": 2}, {"days": 1})
#: with everything well again: the platform ends what hangs, and each platform's longest time for a refund passes
LAST_DAYS = ({"minutes": 6}, {"days": 1}, {"days": 4})


class Play:
    """A till, its customers, and what has moved."""

    def __init__(self, story: Story, till: Till, shop: Shop) -> None:
        self.story, self.till, self.shop = story, till, shop
        self.moves = Moves()
        self.broken: list[object] = []
        # the faults that found something to strike
        self.struck: set[str] = set()

    def run(self) -> None:
        """The whole story. What went along no table on the way is in ``broken``."""
        self._set_up_store()
        for number, armed in enumerate(self.story.plan()):
            self._order(number, armed)
        self.struck = set(SandboxFault.objects.filter(remaining=0).values_list("name", flat=True))
        self.till.sandbox.clear_faults()
        for refund in Refund.objects.filter(state=Refund.State.PROCESSING):
            self.till.sandbox.finish_refund(refund)
        self._pass_time(LAST_DAYS)

    def _set_up_store(self) -> None:
        """Stores take turns in what becomes of money that came too late or twice."""
        store = self.till.merchant.store
        store.late_payment = list(Store.LatePayment)[self.story.number % 3]
        store.duplicate_payment = list(Store.DuplicatePayment)[self.story.number % 2]
        store.save()

    # -- the story's phases ------------------------------------------------------------------------

    def _order(self, number: int, armed: Mapping[Phase, Sequence[str]]) -> None:
        order = self.till.order(notifyUrl=f"{self.shop.url}/notify")
        self._arm(armed, Phase.OPEN)
        self._visit(order, "bert", "cancel")
        self._arm(armed, Phase.PAY)
        self._pay(order)
        self._pass_time(({"minutes": 1}, {"minutes": 1}))
        self._arm(armed, Phase.REFUND)
        self._refund(order, f"r{number}a", 700)
        self._refund(order, f"r{number}b", 500)
        self._pass_time(({"minutes": 2},))
        self._arm(armed, Phase.LATE)
        self._close(order)
        if any(FAULTS[name].stage == "payment" for name in armed.get(Phase.LATE, ())):
            self._pay_late(order)
        self._pass_time(DAYS)

    def _arm(self, armed: Mapping[Phase, Sequence[str]], phase: Phase) -> None:
        for name in armed.get(phase, ()):
            self.till.sandbox.fault(name, seconds=SECONDS.get(name))

    def _pay(self, order: Order) -> None:
        for _ in range(TRIES):
            if not self._is_pending(order) or self._has_paid(order, "anna"):
                break
            self._visit(order, "anna", "pay")
        self._look()

    def _pay_late(self, order: Order) -> None:
        """On the first customer's phone, where the wallet's sheet is still open."""
        numbers = order.payments.values_list("out_trade_no", flat=True)
        for trade in self.till.sandbox.trades:
            if trade.out_trade_no in numbers and trade.state != Trade.State.PAID:
                self.till.sandbox.confirm(trade)
        self._look()

    def _visit(self, order: Order, user: str, outcome: str) -> None:
        """Open the page, and again where it does not open."""
        for _ in range(1 if outcome == "pay" else TRIES):
            with contextlib.suppress(CustomerError):
                self.till.pay(order, user=user, outcome=outcome, timeout=0.3)
                return
            if self._has_paid(order, user):
                return
            # The platform is asked about one payment every three seconds.
            self.till.sandbox.clock.forward(seconds=4)

    def _refund(self, order: Order, number: str, amount: int) -> None:
        """The merchant repeats a call until it is accepted or can never be."""
        for _ in range(TRIES):
            body = {"partnerOrderNo": order.partner_order_no, "refundNo": number, "orderAmount": amount}
            answer = self._call("/api/common/refund", body)
            if answer["code"] != 2:
                break
        self._look()
        self.till.sandbox.work()

    def _close(self, order: Order) -> None:
        for _ in range(TRIES):
            if not self._is_pending(order):
                break
            self._call("/api/common/close", {"partnerOrderNo": order.partner_order_no, "action": "close"})
        self._look()

    # -- what each of them does --------------------------------------------------------------------

    def _call(self, path: str, body: dict[str, object]) -> dict[str, object]:
        answer = self.till.merchant.call(path, body)
        if answer["code"] in NOT_A_CALL:
            self.broken.append((path, answer))
        return answer

    def _is_pending(self, order: Order) -> bool:
        order.refresh_from_db()
        return order.state == Order.State.PENDING

    def _has_paid(self, order: Order, user: str) -> bool:
        phone = hashlib.sha256(f"sandbox customer {user}".encode()).hexdigest()[:32]
        numbers = list(order.payments.values_list("out_trade_no", flat=True))
        paid = Trade.objects.filter(out_trade_no__in=numbers, state=Trade.State.PAID)
        return paid.filter(payer__phone_user=phone).exists()

    def _pass_time(self, spans: Sequence[Mapping[str, float]]) -> None:
        for span in spans:
            self._look()
            self.till.sandbox.clock.forward(**span)
            with contextlib.suppress(ScanForPayError):
                self.till.sandbox.work()
        self._look()

    def _look(self) -> None:
        """Wait for what the platform sends, and see where it has led."""
        if not self.till.sandbox.wait_for_notices():
            self.broken.append("a notification has no end")
        self.broken += self.moves.broken()
