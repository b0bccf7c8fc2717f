"""Fees: what is expected at the rate that was agreed for a wallet account, and what the ledger has."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from scanforpay_django.models import Payment, Posting, Refund

_FEE, _RETURNED = Posting.Kind.FEE, Posting.Kind.FEE_RETURNED
#: of a fee's posting: what it adds to the fees. A fee and the reversal of a return add, the others take away
_ADDED = Case(
    When(Q(kind=_FEE, reverses=None) | Q(kind=_RETURNED, reverses__isnull=False), then=F("amount")),
    default=-F("amount"),
)


def compute_fee(amount: int, rate: Decimal) -> int:
    """Minor units, half up for each payment. That is a convention: bills of different years round differently."""
    return int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))


def compute_returned_fee(left_before: int, left_after: int, rate: Decimal) -> int:
    """What of the fee comes back when a refund leaves less of a payment: of all of it, all of it. Platforms' documents
    say that the fee goes back in proportion; no live account has shown it.
    """
    return compute_fee(max(left_before, 0), rate) - compute_fee(max(left_after, 0), rate)


def sum_fees(postings: "QuerySet[Posting]", *groups: str) -> Any:
    """A row for each value of ``groups``, with ``fees``: what was taken less what came back, in minor units."""
    fees = postings.filter(kind__in=(_FEE, _RETURNED)).order_by()
    return fees.values(*groups).annotate(fees=Sum(_ADDED))


def annotate_fees(payments: "QuerySet[Payment]") -> "QuerySet[Payment]":
    """Each with ``known_fee``, less what came back with refunds; None where no fee is in the ledger."""
    own = Posting.objects.filter(cause_type=Posting.CauseType.PAYMENT, cause_id=OuterRef("pk"), kind=_FEE)
    refunds = Refund.objects.filter(payment=OuterRef(OuterRef("pk"))).values("pk")
    back = Posting.objects.filter(cause_type=Posting.CauseType.REFUND, cause_id__in=refunds, kind=_RETURNED)
    fee = Subquery(sum_fees(own, "cause_type").values("fees"))
    returned = Subquery(sum_fees(back, "cause_type").values("fees"))
    return payments.annotate(known_fee=fee + Coalesce(returned, Value(0)))
