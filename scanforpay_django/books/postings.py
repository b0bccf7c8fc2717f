"""Write the postings of orders: what is missing is added, what does not hold any more is reversed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q

from scanforpay_django.books.fees import find_billed
from scanforpay_django.books.wanted import CauseType, Key, Kind, Wanted, find_ends, find_wanted
from scanforpay_django.models import Order, Payment, Posting, PostingMark, Refund
from scanforpay_django.models.database import atomic
from scanforpay_django.models.posting import LOCK

_Row = TypeVar("_Row", Payment, Refund)

#: orders of one transaction: on SQLite nothing else is written meanwhile
TOGETHER = 200


def post_orders(pks: Collection[int]) -> int:
    """Post orders; how many postings were written. Again, at the same time or after a crash: none.

    The orders' own rows are not locked. What changes them meanwhile has an event, which is read after this.
    """
    keys = sorted(set(pks))
    return sum(_post(keys[start : start + TOGETHER]) for start in range(0, len(keys), TOGETHER))


def _post(pks: list[int]) -> int:
    # A look without the lock: most that is asked for is posted already, and no process has to wait for it.
    if not _find_missing(pks):
        return 0
    PostingMark.objects.begin(LOCK)
    with atomic():
        PostingMark.objects.lock()
        new = _find_missing(pks)
        Posting.objects.bulk_create(new)
    return len(new)


def _find_missing(pks: list[int]) -> list[Posting]:
    """The postings that these orders want and do not have."""
    # Children first: a refund that is seen has its payment seen as paid.
    refunds = _by_order(Refund.objects.filter(order__in=pks).order_by("pk"))
    payments = _by_order(
        Payment.objects.filter(order__in=pks, state=Payment.State.PAID)
        .select_related("account")
        .order_by("pk")
    )
    orders = Order.objects.filter(pk__in=list(payments)).select_related("store").order_by("pk")
    latest = _read_latest(payments, refunds)
    billed = find_billed(latest)
    rates = _find_rates(latest)
    new: list[Posting] = []
    for order in orders:
        own = refunds.get(order.pk, [])
        wanted = list(find_wanted(order, payments[order.pk], own, rates, billed))
        keys = [key for key in _keys(payments[order.pk], own) if key in latest and key not in billed]
        new += _compare(wanted, {key: latest[key] for key in keys}, find_ends(own))
    return new


def _by_order(rows: "Iterable[_Row]") -> "dict[int, list[_Row]]":
    found: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row)
    return dict(found)


def _keys(payments: Iterable[Payment], refunds: Iterable[Refund]) -> Iterator[Key]:
    for payment in payments:
        for kind in (Kind.COLLECTED, Kind.FEE):
            yield str(CauseType.PAYMENT), payment.pk, str(kind)
    for refund in refunds:
        for kind in (Kind.REQUESTED, Kind.REFUNDED, Kind.FEE_RETURNED):
            yield str(CauseType.REFUND), refund.pk, str(kind)


def _read_latest(payments: dict[int, list[Payment]], refunds: dict[int, list[Refund]]) -> dict[Key, Posting]:
    return read_latest(
        Q(cause_type=CauseType.PAYMENT, cause_id__in=_pks(payments))
        | Q(cause_type=CauseType.REFUND, cause_id__in=_pks(refunds))
    )


def read_latest(causes: Q) -> dict[Key, Posting]:
    """The last posting of each cause and kind: it stands, unless it is a reversal."""
    found = Posting.objects.filter(causes).order_by("revision")
    return {(row.cause_type, row.cause_id, row.kind): row for row in found}


def _pks(rows: dict[int, list[Payment]] | dict[int, list[Refund]]) -> list[int]:
    return [row.pk for own in rows.values() for row in own]


def _find_rates(latest: dict[Key, Posting]) -> dict[int, Decimal | None]:
    """Of payments that were booked before: at which rate, None without a fee."""
    rates: dict[int, Decimal | None] = {}
    for (cause_type, cause_id, kind), _posting in latest.items():
        if cause_type == CauseType.PAYMENT and kind == Kind.COLLECTED:
            fee = latest.get((cause_type, cause_id, str(Kind.FEE)))
            rates[cause_id] = fee.rate if fee else None
    return rates


def _compare(
    wanted: Iterable[Wanted], latest: dict[Key, Posting], ends: dict[Key, datetime]
) -> Iterator[Posting]:
    missing = {one.key: one for one in wanted}
    for key, posting in latest.items():
        if posting.reverses_id is not None:
            continue
        one = missing.get(key)
        if one is not None and one.is_posted_as(posting):
            del missing[key]
        else:
            yield reverse(posting, ends.get(key, posting.effective_at))
    for key, one in missing.items():
        before = latest.get(key)
        if before is None:
            yield one.make(1)
        elif before.reverses_id is None:
            # It has just been reversed.
            yield one.make(before.revision + 2)
        else:
            # What had failed begins anew, and not before it had failed.
            yield one.make(before.revision + 1, not_before=before.effective_at)


def reverse(posting: Posting, effective_at: datetime) -> Posting:
    """The row that takes it back, without a key."""
    same = ("amount", "currency", "cause_type", "cause_id", "kind", "rate", "store_id", "account_id")
    return Posting(
        source=posting.destination,
        destination=posting.source,
        effective_at=effective_at,
        revision=posting.revision + 1,
        reverses=posting,
        **{name: getattr(posting, name) for name in same},
    )
