"""The ledger: whether it is what payments and refunds say.

Each payment equals what its postings moved into its account at the platform, and each refund what they moved out of it:
so for every account and currency the postings' sum is that of the payments less that of the refunds. Fees are beside
it: a bill's lines equal their postings, and with its rounding they are the bill's own total. Orders that were archived
have left their postings, and are not looked at.
"""

from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from scanforpay_django import clock
from scanforpay_django.books.bill_fees import is_posted, post_bill
from scanforpay_django.books.postings import post_orders
from scanforpay_django.models import BillFile, OrderEvent, Payment, Posting, PostingMark, Refund
from scanforpay_django.operations.audit.check import Check, Rows

#: until then the worker may not have come to what has changed
DELAY = timedelta(hours=1)
#: the same for bills; those that were done so lately are compared, line by line
BILL_DELAY, BILLS_COMPARED = timedelta(days=1), timedelta(days=8)


def _moved(cause_type: str, kind: str, account: Any, currency: str) -> Any:
    """What the postings of a row moved into its account at the platform; out of it is negative."""
    postings = Posting.objects.filter(
        cause_type=cause_type, cause_id=OuterRef("pk"), kind=kind, currency=OuterRef(currency)
    )
    amount = Case(
        When(destination=account, then=F("amount")), When(source=account, then=-F("amount")), default=Value(0)
    )
    total = postings.order_by().values("cause_id").annotate(total=Sum(amount)).values("total")
    return Coalesce(Subquery(total), Value(0))


def _platform(prefix: str, currency: str) -> Any:
    """As ``books.accounts`` names it, of the row outside."""
    key = Cast(OuterRef(f"{prefix}account_id"), CharField())
    wallet = OuterRef(f"{prefix}account__wallet")
    return Concat(
        Value("platform:"), wallet, Value(":"), key, Value(":"), OuterRef(currency), output_field=CharField()
    )


def _settled(rows: Rows) -> Rows:
    """None before the ledger has caught up for the first time."""
    if PostingMark.objects.last_caught_up() is None:
        return rows.none()
    changed = OrderEvent.objects.filter(order=OuterRef("order"), at__gt=clock.now() - DELAY)
    return rows.exclude(Exists(changed))


def _find_payments(rows: Rows) -> Rows:
    moved = _moved("payment", "collected", _platform("", "paid_currency"), "paid_currency")
    paid = _settled(rows).filter(state=Payment.State.PAID, paid_amount__gt=0)
    found: Rows = paid.annotate(moved=moved).exclude(moved=F("paid_amount"))
    return found


def _find_refunds(rows: Rows) -> Rows:
    moved = _moved("refund", "refunded", _platform("payment__", "currency"), "currency")
    arrived = _settled(rows).filter(state=Refund.State.SUCCEEDED)
    found: Rows = arrived.annotate(moved=moved).exclude(moved=-F("amount"))
    return found


def _find_bills(rows: Rows) -> Rows:
    """Bills that are overdue, and of those that are looked at no more the ones of the last days that differ."""
    now = clock.now()
    read = rows.filter(state=BillFile.State.READ, superseded_by=None)
    overdue = read.filter(
        Q(fees_posted_at=None, read_at__lt=now - BILL_DELAY) | Q(fees_due_at__lt=now - BILL_DELAY)
    )
    done = read.filter(fees_due_at=None, fees_posted_at__gt=now - BILLS_COMPARED).select_related("account")
    differ = [bill.pk for bill in done if not is_posted(bill)]
    found: Rows = rows.filter(Q(pk__in=differ) | Q(pk__in=overdue.values("pk")))
    return found


def _post_bill(pk: int) -> bool:
    return post_bill(BillFile.objects.select_related("account").get(pk=pk)) is not None


def _post(order_pk: int) -> bool:
    return post_orders([order_pk]) > 0


LEDGER_CHECKS = (
    Check(
        code="payment-not-posted",
        invariant=0,
        text="The ledger does not have the payment as it is.",
        rows=Payment.objects.all(),
        find=_find_payments,
        repair=lambda pk: _post(Payment.objects.get(pk=pk).order_id),
    ),
    Check(
        code="refund-not-posted",
        invariant=0,
        text="The ledger does not have the refund as it is.",
        rows=Refund.objects.all(),
        find=_find_refunds,
        repair=lambda pk: _post(Refund.objects.get(pk=pk).order_id),
    ),
    Check(
        code="bill-fees-not-posted",
        invariant=0,
        text="The fees in the ledger are not what the platform's bill adds up to.",
        rows=BillFile.objects.all(),
        find=_find_bills,
        repair=_post_bill,
    ),
)
