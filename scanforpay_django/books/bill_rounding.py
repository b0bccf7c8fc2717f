"""What a bill's fees come to exactly, and what its lines come to when each is rounded: one posting for the difference.

So an account at the platform moves by the bill's own total.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Q

from scanforpay_django import money
from scanforpay_django.books import accounts
from scanforpay_django.books.postings import read_latest, reverse
from scanforpay_django.books.reports import PLATFORM_ZONE
from scanforpay_django.books.wanted import CauseType, Kind
from scanforpay_django.models import BillFile, Posting
from scanforpay_django.wallets.bills.values import FEE_PLACES


def round_total(exact: int, currency: str) -> int:
    """Hundred-thousandths of the major unit -> minor units, half up."""
    places = FEE_PLACES - money.exponent(currency)
    return int(Decimal(exact).scaleb(-places).quantize(Decimal(1), ROUND_HALF_UP))


def post_rounding(bill: BillFile, exact: Mapping[str, int], rounded: Mapping[str, int]) -> bool:
    """By currency; what stands of the bill's other versions is reversed. Whether anything has changed. In the caller's
    transaction, with the lock.
    """
    new = list(_find_missing(bill, exact, rounded))
    Posting.objects.bulk_create(new)
    return bool(new)


def is_rounding_posted(bill: BillFile, exact: Mapping[str, int], rounded: Mapping[str, int]) -> bool:
    """Whether ``post_rounding`` would write nothing."""
    return next(_find_missing(bill, exact, rounded), None) is None


def _find_missing(bill: BillFile, exact: Mapping[str, int], rounded: Mapping[str, int]) -> Iterator[Posting]:
    wanted = {
        _kind(currency): round_total(total, currency) - rounded[currency] for currency, total in exact.items()
    }
    versions = list(BillFile.objects.versions(bill).values_list("pk", flat=True))
    latest = read_latest(Q(cause_type=CauseType.BILL, cause_id__in=versions))
    own = {kind: row for (_type, pk, kind), row in latest.items() if pk == bill.pk}
    for (_type, pk, _name), row in latest.items():
        if pk != bill.pk and row.reverses_id is None:
            yield reverse(row, row.effective_at)
    for kind in sorted(wanted.keys() | own.keys()):
        yield from _compare(bill, kind, wanted.get(kind, 0), own.get(kind))


def _kind(currency: str) -> str:
    return f"{Kind.ROUNDING}:{currency}"


def _compare(bill: BillFile, kind: str, wanted: int, last: Posting | None) -> Iterator[Posting]:
    stands = last if last is not None and last.reverses_id is None else None
    before = 0 if stands is None else stands.amount * (1 if stands.source.startswith("platform:") else -1)
    if before == wanted:
        return
    if stands is not None:
        yield reverse(stands, stands.effective_at)
    if wanted:
        yield _make(bill, kind, wanted, 1 if last is None else last.revision + (2 if stands else 1))


def _make(bill: BillFile, kind: str, amount: int, revision: int) -> Posting:
    account, currency = bill.account, kind.partition(":")[2]
    ends = (
        accounts.platform(account.wallet, account.pk, currency),
        accounts.rounding(account.wallet, account.pk),
    )
    source, destination = ends if amount > 0 else ends[::-1]
    return Posting(
        source=source,
        destination=destination,
        amount=abs(amount),
        currency=currency,
        effective_at=_last_moment(bill),
        cause_type=CauseType.BILL,
        cause_id=bill.pk,
        kind=kind,
        revision=revision,
        store_id=account.store_id,
        account=account,
    )


def _last_moment(bill: BillFile) -> datetime:
    after = datetime.combine(bill.last_day + timedelta(days=1), time(), PLATFORM_ZONE)
    return after.astimezone(UTC) - timedelta(seconds=1)
