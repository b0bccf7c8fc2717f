"""Fees: what is expected at the rate that was agreed for a wallet account, and what the ledger has."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from scanforpay_django.models import Payment, Posting, Refund

_FEE, _RETURNED = Posting.Kind.FEE, Posting.Kind.FEE_RETURNED
_CONFIRMED, _ROUNDING = Posting.Kind.FEE_CONFIRMED, Posting.Kind.ROUNDING
#: how the accounts of expected fees begin
EXPECTED = "fees:expected:"
#: of a fee's posting: what it adds to the fees
_ADDED = Case(When(source__startswith="platform:", then=F("amount")), default=-F("amount"))
#: of a posting of a payment: what it adds to the number of fees that no bill has confirmed
_STILL_EXPECTED = Case(
    When(kind=_FEE, source__startswith="platform:", destination__startswith=EXPECTED, then=Value(1)),
    When(kind=_FEE, source__startswith=EXPECTED, destination__startswith="platform:", then=Value(-1)),
    When(kind=_CONFIRMED, source__startswith=EXPECTED, then=Value(-1)),
    When(kind=_CONFIRMED, destination__startswith=EXPECTED, then=Value(1)),
    default=Value(0),
)


def compute_fee(amount: int, rate: Decimal) -> int:
    """Minor units, half up for each payment. That is a convention: bills of different years round differently."""
    return int((amount * rate).quantize(Decimal(1), ROUND_HALF_UP))


def compute_returned_fee(left_before: int, left_after: int, rate: Decimal) -> int:
    """What of the fee comes back when a refund leaves less of a payment: of all of it, all of it. Platforms' documents
    say that the fee goes back in proportion; no live account has shown it.
    """
    return compute_fee(max(left_before, 0), rate) - compute_fee(max(left_after, 0), rate)


def is_expected(posting: Posting) -> bool:
    """Whether it is of a fee at the agreed rate, and not of a bill's."""
    return posting.source.startswith(EXPECTED) or posting.destination.startswith(EXPECTED)


def signed_fee(posting: Posting) -> int:
    """What it takes from the account at the platform; negative when it brings it back."""
    return posting.amount if posting.source.startswith("platform:") else -posting.amount


def find_billed(latest: "Mapping[tuple[str, int, str], Posting]") -> "dict[tuple[str, int, str], int]":
    """Of the fees, those that a bill has said: cause and kind -> what it takes, 0 for a bill that says none.

    ``latest``: the last posting of each cause and kind. A bill's reversal has no rate, an expected fee's has.
    """
    found: dict[tuple[str, int, str], int] = {}
    for key, posting in latest.items():
        if key[2] not in (_FEE, _RETURNED):
            continue
        confirmed = latest.get((*key[:2], str(_CONFIRMED)))
        is_confirmed = confirmed is not None and confirmed.reverses_id is None
        if posting.reverses_id is not None:
            if posting.rate is None:
                found[key] = 0
        elif is_confirmed or not is_expected(posting):
            found[key] = signed_fee(posting)
    return found


def sum_fees(postings: "QuerySet[Posting]", *groups: str) -> Any:
    """A row for each value of ``groups``, with ``fees``: what was taken less what came back, in minor units, with the
    rounding of whole bills; and ``expected``: how many payments' fees no bill has confirmed.
    """
    is_fee = Q(kind__in=(_FEE, _RETURNED))
    taken = is_fee | Q(kind__startswith=f"{_ROUNDING}:")
    fees = postings.filter(taken | Q(kind=_CONFIRMED, cause_type=Posting.CauseType.PAYMENT)).order_by()
    total = Coalesce(Sum(_ADDED, filter=taken), Value(0))
    return fees.values(*groups).annotate(fees=total, expected=Sum(_STILL_EXPECTED))


def annotate_fees(payments: "QuerySet[Payment]") -> "QuerySet[Payment]":
    """Each with ``known_fee``, less what came back with refunds, None where no fee is in the ledger; and
    ``is_fee_expected``, 1 for a fee that no bill has confirmed.
    """
    own = Posting.objects.filter(
        cause_type=Posting.CauseType.PAYMENT, cause_id=OuterRef("pk"), kind__in=(_FEE, _CONFIRMED)
    )
    refunds = Refund.objects.filter(payment=OuterRef(OuterRef("pk"))).values("pk")
    back = Posting.objects.filter(cause_type=Posting.CauseType.REFUND, cause_id__in=refunds, kind=_RETURNED)
    fee = Subquery(sum_fees(own, "cause_type").values("fees"))
    returned = Subquery(sum_fees(back, "cause_type").values("fees"))
    expected = Subquery(sum_fees(own, "cause_type").values("expected"))
    return payments.annotate(known_fee=fee + Coalesce(returned, Value(0)), is_fee_expected=expected)
