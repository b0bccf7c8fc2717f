"""The fees that platforms' bills say take the place of the expected ones.

A line whose payment or refund is not posted waits: the bill is looked at again, each hour for a day and each day for
ten, unless all of its lines with a fee are posted. A platform may list a refund on the day it was accepted, which may
be days before it arrives.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max, Min, Q

from scanforpay_django import clock
from scanforpay_django.books import accounts, fee_sql
from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.bill_rounding import is_rounding_posted, post_rounding
from scanforpay_django.books.fee_sql import MATTERS, PAYMENTS, BilledFee, Matter, Sums, Window
from scanforpay_django.books.fees import is_expected, signed_fee
from scanforpay_django.books.postings import post_orders, read_latest, reverse
from scanforpay_django.books.wanted import Key, Kind
from scanforpay_django.models import BillFile, BillLine, Posting, PostingMark, Refund, WalletAccount
from scanforpay_django.models.database import atomic
from scanforpay_django.models.posting import BILLS, LOCK
from scanforpay_django.models.slice_plans import slice_plans

#: lines of one transaction, and causes of one that are posted one by one
TOGETHER, ONE_BY_ONE = 5000, 500
#: how often a bill with lines that wait is looked at again, and until when
SOON, LATER = timedelta(hours=1), timedelta(days=1)
SOON_UNTIL, LATER_UNTIL = timedelta(days=1), timedelta(days=10)
#: what any process has begun so lately is its own
TURN = timedelta(minutes=2)


@dataclass
class Tally:
    """What the lines of a bill came to."""

    line_count: int = 0
    # their payments and refunds are posted, and so are their fees
    posted_count: int = 0
    # currency -> hundred-thousandths of the major unit, and minor units with each line rounded
    exact: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    rounded: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    # whether the ledger has changed
    has_changed: bool = False

    def add(self, sums: Sums) -> None:
        """Count those of a window."""
        self.line_count += sums.line_count
        self.posted_count += sums.posted_count
        self.exact[sums.currency] += sums.exact
        self.rounded[sums.currency] += sums.rounded


class _NotCurrent(Exception):
    """Another version counts, or the bill is read anew."""


def post_next() -> tuple[BillFile, Tally | None] | None:
    """Post the fees of one bill; the bill, and what ``post_bill`` said. None where nothing is due, or another process
    is at it. Two at the same time post once.
    """
    bill = BillFile.objects.fees_due(clock.now()).select_related("account__store").first()
    if bill is None or not PostingMark.objects.take_turn(BILLS, TURN):
        return None
    try:
        return bill, post_bill(bill)
    except Exception:
        # The others do not wait for it.
        BillFile.objects.filter(pk=bill.pk).update(fees_due_at=clock.now() + SOON)
        raise
    finally:
        PostingMark.objects.end_turn(BILLS)


def find_accounts(bill: BillFile) -> list[WalletAccount]:
    """Whose payments the bill's lines may be of: all accounts of the merchant number."""
    return list(find_merchant(bill.account).accounts)


def post_bill(bill: BillFile) -> Tally | None:
    """Post what the bill's lines say, as far as their payments and refunds are posted; None for a bill that is not read
    or does not count. Again, at the same time or after a crash: nothing more is written. Called outside a transaction.
    """
    PostingMark.objects.begin(LOCK)
    tally = Tally()
    try:
        for window in _find_windows(bill, find_accounts(bill)):
            PostingMark.objects.keep_turn(BILLS)
            for matter in MATTERS:
                _post_window(bill, window, matter, tally)
        _finish(bill, tally)
    except _NotCurrent:
        return None
    return tally


def is_posted(bill: BillFile) -> bool:
    """Whether the ledger has what the lines say, and with the rounding the bill's own total: of lines whose payment or
    refund is posted. Of a bill whose orders were archived since it is not known, and True.
    """
    own, tally = find_accounts(bill), Tally()
    for window in _find_windows(bill, own):
        for matter in MATTERS:
            with slice_plans():
                sums = fee_sql.add_up(window, matter)
            for one in sums:
                tally.add(one)
            if any(one.open_count for one in sums):
                return False
    is_archived = tally.posted_count < bill.fee_count
    return is_archived or is_rounding_posted(bill, tally.exact, tally.rounded)


def _find_windows(bill: BillFile, own: Collection[WalletAccount]) -> Iterator[Window]:
    """By the lines' keys, which follow each other."""
    bounds = BillLine.objects.filter(file=bill).aggregate(first=Min("pk"), last=Max("pk"))
    first = bounds["first"]
    while first is not None and first <= bounds["last"]:
        yield Window(file_id=bill.pk, first=first, last=first + TOGETHER - 1, accounts=own)
        first += TOGETHER


def _post_window(bill: BillFile, window: Window, matter: Matter, tally: Tally) -> None:
    # A look without the lock: where nothing has changed, no process has to wait.
    with slice_plans():
        sums = fee_sql.add_up(window, matter)
    open_count = sum(one.open_count for one in sums)
    if open_count:
        with atomic(), slice_plans():
            PostingMark.objects.lock()
            _check(bill)
            _post_open(window, matter, open_count)
        tally.has_changed = True
    for one in sums:
        tally.add(one)


def _check(bill: BillFile) -> None:
    """Under the lock: a later version posts after this one, or this one posts nothing."""
    counts = BillFile.objects.current().filter(pk=bill.pk, state=BillFile.State.READ, read_at=bill.read_at)
    if not counts.exists():
        raise _NotCurrent


def _post_open(window: Window, matter: Matter, open_count: int) -> None:
    """Most of a bill takes one statement; what is left is posted one by one."""
    open_count -= fee_sql.confirm(window, matter)
    if open_count > 0 and matter is PAYMENTS:
        open_count -= fee_sql.post_first(window)
    if open_count <= 0:
        return
    billed = {one.cause_id: one for one in fee_sql.find_open(window, matter)}
    keys = sorted(billed)
    for start in range(0, len(keys), ONE_BY_ONE):
        part = [billed[key] for key in keys[start : start + ONE_BY_ONE]]
        _post_anew(part, matter, {account.pk: account for account in window.accounts})


def _post_anew(billed: Collection[BilledFee], matter: Matter, own: Mapping[int, WalletAccount]) -> None:
    keys = [one.cause_id for one in billed]
    latest = read_latest(Q(cause_type=matter.cause_type, cause_id__in=keys))
    new = [posting for one in billed for posting in _replace(one, matter, latest, own)]
    Posting.objects.bulk_create(new)
    if matter is PAYMENTS:
        # What is expected back with refunds is a part of the fee.
        refunded = Refund.objects.filter(payment__in=keys, state=Refund.State.SUCCEEDED)
        post_orders(set(refunded.values_list("order", flat=True)))


def _replace(
    billed: BilledFee, matter: Matter, latest: Mapping[Key, Posting], own: Mapping[int, WalletAccount]
) -> Iterator[Posting]:
    """What takes back the fee that stands, and the one that the bill says."""
    cause = (str(matter.cause_type), billed.cause_id)
    moved = latest[(*cause, str(matter.moved))]
    if moved.reverses_id is not None:
        return
    fee, confirmed = latest.get((*cause, str(matter.fee))), latest.get((*cause, str(Kind.FEE_CONFIRMED)))
    before = fee if fee is not None and fee.reverses_id is None else None
    if (
        before
        and is_expected(before)
        and (signed_fee(before), before.currency) == (billed.fee, billed.currency)
    ):
        yield _confirm_again(before, confirmed, own[before.account_id])
        return
    if confirmed is not None and confirmed.reverses_id is None:
        yield reverse(confirmed, confirmed.effective_at)
    if before is not None:
        back = reverse(before, before.effective_at)
        # That tells it from the reversal of an expected fee.
        back.rate = None
        yield back
    if billed.fee:
        revision = 1 if fee is None else fee.revision + (2 if before else 1)
        yield _make(billed, matter, moved, fee, revision, own[moved.account_id])


def _make(
    billed: BilledFee,
    matter: Matter,
    moved: Posting,
    fee: Posting | None,
    revision: int,
    account: WalletAccount,
) -> Posting:
    ends = (
        accounts.platform(account.wallet, account.pk, billed.currency),
        accounts.fees(account.wallet, account.pk),
    )
    source, destination = ends if billed.fee > 0 else ends[::-1]
    return Posting(
        source=source,
        destination=destination,
        amount=abs(billed.fee),
        currency=billed.currency,
        effective_at=moved.effective_at if fee is None else fee.effective_at,
        cause_type=moved.cause_type,
        cause_id=moved.cause_id,
        kind=matter.fee,
        revision=revision,
        rate=fee.rate if fee is not None else None,
        store_id=moved.store_id,
        account_id=moved.account_id,
    )


def _confirm_again(fee: Posting, confirmed: Posting | None, account: WalletAccount) -> Posting:
    expected, own = (
        accounts.expected_fees(account.wallet, account.pk),
        accounts.fees(account.wallet, account.pk),
    )
    source, destination = (expected, own) if signed_fee(fee) > 0 else (own, expected)
    same = ("amount", "currency", "effective_at", "cause_type", "cause_id", "rate", "store_id", "account_id")
    return Posting(
        source=source,
        destination=destination,
        kind=Kind.FEE_CONFIRMED,
        revision=confirmed.revision + 1 if confirmed is not None else 1,
        **{name: getattr(fee, name) for name in same},
    )


def _finish(bill: BillFile, tally: Tally) -> None:
    now = clock.now()
    with atomic():
        PostingMark.objects.lock()
        _check(bill)
        known = BillFile.objects.values_list("fee_count", flat=True).get(pk=bill.pk)
        # Orders that were archived since are found no more, and their fees stand.
        if tally.posted_count >= known:
            tally.has_changed |= post_rounding(bill, tally.exact, tally.rounded)
        BillFile.objects.filter(pk=bill.pk).update(
            fees_posted_at=now,
            fees_due_at=_find_next_look(bill.read_at, now) if tally.posted_count < tally.line_count else None,
            fee_count=max(tally.posted_count, known),
        )


def _find_next_look(read_at: datetime, now: datetime) -> datetime | None:
    age = now - read_at
    if age < SOON_UNTIL:
        return now + SOON
    return now + LATER if age < LATER_UNTIL else None
