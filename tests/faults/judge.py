"""After a story: the invariants, the audit, the ledger, the platform's books and the merchant's, all of them."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import F, Sum

from scanforpay_django.books.follow import catch_up
from scanforpay_django.models import Difference, Flag, Notification, Order, Payment, Posting
from scanforpay_django.models import Refund as OurRefund
from scanforpay_django.operations.audit import audit
from scanforpay_django.operations.audit.overdue_checks import STANDS_STILL
from scanforpay_django.sandbox.models import Notice, Refund, Trade
from tests.invariants.rules import broken, unseen_money
from tests.invariants.shop import Shop
from tests.scripted import Platform
from tests.wallets.conftest import Setup

#: what the audit says of rows that a person was asked about by a flag
ASKED_ABOUT = {"flag-not-cleared", "refund-overdue", "payment-overdue", "platform-message-not-applied"}
#: how a bill's comparison calls a trade that is closed here, of an order that was not paid or was
CLOSED_HERE = (Difference.Kind.PAID_THERE_CLOSED_HERE, Difference.Kind.DOUBLE_PAYMENT)
#: money that paid no order
UNAPPLIED = {"late_payment", "duplicate_payment", "amount_mismatch"}


def judge(shop: Shop, setup: Setup, *, has_bills: bool) -> list[object]:
    """Everything that is wrong; [] when all is well. ``has_bills``: whether platforms' bills were fetched."""
    catch_up()
    platform = read_platform()
    found = [*broken(platform, first_wallets=(setup.wallet,)), *_audit(), *_compare_books(), *_differ(setup)]
    found += _find_unseen(platform, has_bills=has_bills and setup.bill_type != "")
    for order in Order.objects.all():
        found += [*_still(order), *_told(order, shop), *_owed(order)]
    return found


def read_platform() -> Platform:
    """The sandbox's rows in the form in which the invariants ask a platform."""
    platform = Platform()
    for trade in Trade.objects.all():
        platform.trades[trade.out_trade_no] = trade.state
    for refund in Refund.objects.exclude(state=Refund.State.CLOSED):
        platform.refunds[refund.number] = refund.amount
    return platform


def _flags(order: Order) -> set[str]:
    return set(order.flags.filter(cleared_at=None).values_list("kind", flat=True))


def _find_unseen(platform: Platform, *, has_bills: bool) -> Iterator[object]:
    """Money that the platform has and we do not know: only where a person is asked about it."""
    for number, state in (one[1:] for one in unseen_money(platform)):
        order = Order.objects.get(payments__out_trade_no=number)
        if _flags(order) & set(STANDS_STILL):
            continue
        if not _is_in_bill_alone(number) or (has_bills and not _is_found_by_bill(order.order_no)):
            yield "unseen money", number, state


def _is_in_bill_alone(number: str) -> bool:
    """A trade that was paid although the platform had confirmed its closing, so that it is asked about no more, and of
    which the platform then never speaks, or speaks as of another merchant's.
    """
    is_closed = Payment.objects.filter(out_trade_no=number, state=Payment.State.CLOSED).exists()
    trade = Trade.objects.get(out_trade_no=number)
    is_kept_back = Notice.objects.filter(trade=trade, last_status__startswith="kept back").exists()
    return is_closed and (is_kept_back or "wrong-merchant" in trade.lies)


def _is_found_by_bill(order_no: str) -> bool:
    return Difference.objects.filter(kind__in=CLOSED_HERE, order_no=order_no).exists()


def _differ(setup: Setup) -> Iterator[object]:
    """What a bill and our rows do not agree about is flagged, or was to be found by the bill alone. Where no bill can
    be fetched it is asked for.
    """
    for one in Difference.objects.open():
        order = Order.objects.filter(order_no=one.order_no).first()
        is_asked_for = one.kind == Difference.Kind.BILL_LATE and not setup.bill_type
        if not is_asked_for and (order is None or not (_flags(order) or _is_found_by_bill(order.order_no))):
            yield "difference", one.kind, one.number, one.field, one.ours, one.theirs


def _audit() -> Iterator[object]:
    for one in audit():
        if one.check.code not in ASKED_ABOUT or not Flag.objects.filter(cleared_at=None).exists():
            yield "audit", one.check.code, one.row


def _compare_books() -> Iterator[object]:
    """Trade by trade and refund by refund, in minor units."""
    for trade in Trade.objects.filter(state=Trade.State.PAID):
        payment = Payment.objects.get(out_trade_no=trade.out_trade_no)
        if payment.state == Payment.State.PAID:
            ours = _posted(Posting.CauseType.PAYMENT, payment.pk, Posting.Kind.COLLECTED)
            if ours != Counter({trade.currency: trade.amount}):
                yield "ledger", trade.out_trade_no, ours, trade.currency, trade.amount
    for payment in Payment.objects.filter(state=Payment.State.PAID):
        if not Trade.objects.filter(out_trade_no=payment.out_trade_no, state=Trade.State.PAID).exists():
            yield "paid here only", payment.out_trade_no
    for refund in OurRefund.objects.all():
        there = Refund.objects.filter(number=refund.out_refund_no, state=Refund.State.SUCCESS)
        total = there.aggregate(sum=Sum("amount"))["sum"] or 0
        ours = _posted(Posting.CauseType.REFUND, refund.pk, Posting.Kind.REFUNDED)[refund.currency]
        if not total == ours == (refund.amount if refund.state == OurRefund.State.SUCCEEDED else 0):
            yield "refund", refund.out_refund_no, refund.state, refund.amount, total, ours
    ours = set(OurRefund.objects.values_list("out_refund_no", flat=True))
    for refund in Refund.objects.exclude(number__in=ours):
        yield "refund unknown here", refund.number


def _posted(cause: str, pk: int, kind: str) -> Counter[str]:
    total: Counter[str] = Counter()
    for posting in Posting.objects.filter(cause_type=cause, cause_id=pk, kind=kind):
        total[posting.currency] += posting.amount if posting.revision % 2 else -posting.amount
    return Counter({currency: amount for currency, amount in total.items() if amount})


def _still(order: Order) -> Iterator[object]:
    """What has not ended is flagged."""
    flags = _flags(order) & set(STANDS_STILL)
    rows = [
        *order.payments.filter(state__in=Payment.UNFINISHED),
        *OurRefund.objects.unfinished().filter(order=order),
        *([order] if order.state == Order.State.PENDING and not _flags(order) & UNAPPLIED else []),
    ]
    if rows and not flags:
        yield "stands still unseen", [(type(one).__name__, one.state) for one in rows]


def _told(order: Order, shop: Shop) -> Iterator[object]:
    """The merchant's server has had what it was to be sent, and of each the same text each time."""
    if order.notifications.exclude(state__in=[Notification.State.DELIVERED, Notification.State.LEARNED]):
        yield (
            "not told",
            order.order_no,
            list(order.notifications.values_list("kind", "state", "attempt_count")),
        )
    if order.state in (Order.State.PAID, Order.State.REFUNDED) and order.order_no not in shop.numbers():
        yield "the shop does not know", order.order_no
    if any(len(set(bodies)) > 1 for bodies in shop.told.values()):
        yield "told two stories", order.order_no


def _owed(order: Order) -> Iterator[object]:
    """A customer has paid once, or the rest went back, or a person is asked about it."""
    kept = order.payments.filter(is_unapplied=True, paid_amount__gt=F("refunded_amount"))
    if kept.exists() and not _flags(order) & (UNAPPLIED | set(STANDS_STILL)):
        yield "kept too much", list(kept.values_list("out_trade_no", "paid_amount", "refunded_amount"))
    if order.payments.filter(is_applied=True).count() > 1:
        yield "paid twice", order.order_no
