"""What can be said of an account at the platform by its fund bill: each movement of a day, with fees, in and out.

A day is compared where each line is of a payment or refund that the ledger has on that day, each of those has a line,
and the fees are a bill's: then the account has moved by what the fund bill adds up to. Nothing is said of other days.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Case, F, Q, Sum, When

from scanforpay_django.books import accounts
from scanforpay_django.books.reports import PLATFORM_ZONE
from scanforpay_django.models import BillFile, BillLine, Payment, Posting, Refund
from scanforpay_django.models.posting import PostingQuerySet

#: a day's bill of all movements of the account that payments come to
FUND = "fund"
Kind, CauseType = Posting.Kind, Posting.CauseType


@dataclass(frozen=True, kw_only=True)
class FundBalance:
    """An account at the platform, at the end of a day."""

    day: date
    account: str
    currency: str
    # minor units: what the ledger had when the day began, and what the fund bill moved; None: it cannot be told
    amount: int | None = None
    # by how much it may be off: the day's rounding of fees, whose place in the fund bill is not known
    tolerance: int = 0
    # why it cannot be told
    reason: str = ""


def find_fund_balances() -> Iterator[FundBalance]:
    """By account and day; the lines of one day are in memory at a time."""
    bills = BillFile.objects.current().filter(state=BillFile.State.READ, bill_type=FUND, day=F("last_day"))
    for bill in bills.select_related("account").order_by("account", "day"):
        for currency in sorted(set(bill.lines.values_list("currency", flat=True))):
            yield _Day(bill, currency).compare()


class _Day:
    """One day's bill in one currency, and the ledger's day."""

    def __init__(self, bill: BillFile, currency: str) -> None:
        self.bill, self.currency = bill, currency
        self.account = accounts.platform(bill.account.wallet, bill.account_id, currency)
        self.start, self.end = (
            datetime.combine(day, time(), PLATFORM_ZONE).astimezone(UTC)
            for day in (bill.day, bill.day + timedelta(days=1))
        )
        own = Posting.objects.filter(account=bill.account, currency=currency)
        self.postings = own.filter(Q(source=self.account) | Q(destination=self.account))
        self.today = self.postings.filter(effective_at__gte=self.start, effective_at__lt=self.end)

    def compare(self) -> FundBalance:
        """What is to be asserted, or why nothing is."""
        found = FundBalance(
            day=self.bill.day, account=self.account, currency=self.currency, reason=self._find_reason()
        )
        if found.reason:
            return found
        before = _moved(self.postings.filter(effective_at__lt=self.start), self.account)
        rounding = _moved(self.today.filter(cause_type=CauseType.BILL), self.account)
        return replace(found, amount=before + self._add_up(), tolerance=abs(rounding))

    def _add_up(self) -> int:
        lines = self.bill.lines.filter(currency=self.currency)
        signed = Case(When(kind=BillLine.Kind.INCOME, then=F("amount")), default=-F("amount"))
        return int(lines.aggregate(total=Sum(signed))["total"] or 0)

    def _find_reason(self) -> str:
        fees = BillFile.objects.current().filter(
            account=self.bill.account, day=self.bill.day, fees_posted_at__isnull=False, fee_count__gt=0
        )
        if not fees.exists():
            return "no bill has said its fees"
        causes = self._read_numbers()
        known = {number: cause for cause, numbers in causes.items() for number in numbers if number}
        seen, foreign = set(), 0
        lines = self.bill.lines.filter(currency=self.currency)
        for numbers in lines.values_list("trade_no", "flow_no", "reference"):
            found = {known[number] for number in numbers if number in known}
            seen |= found
            foreign += not found
        missing = len(causes.keys() - seen)
        if foreign or missing:
            return (
                f"{foreign} of its movements are not in the ledger's day, and {missing} are not in the bill"
            )
        return ""

    def _read_numbers(self) -> dict[tuple[str, int], tuple[str, ...]]:
        """The day's payments and refunds, and by which numbers a bill may name each."""
        standing = self.today.filter(
            kind__in=(Kind.COLLECTED, Kind.REFUNDED), reverses=None, reversed_by=None
        )
        causes = set(standing.values_list("cause_type", "cause_id"))
        found: dict[tuple[str, int], tuple[str, ...]] = dict.fromkeys(causes, ())
        payments = Payment.objects.filter(pk__in=[pk for kind, pk in causes if kind == CauseType.PAYMENT])
        for pk, *numbers in payments.values_list("pk", "trade_no", "out_trade_no"):
            found[str(CauseType.PAYMENT), pk] = tuple(numbers)
        refunds = Refund.objects.filter(pk__in=[pk for kind, pk in causes if kind == CauseType.REFUND])
        for pk, *numbers in refunds.values_list("pk", "refund_id", "out_refund_no"):
            found[str(CauseType.REFUND), pk] = tuple(numbers)
        return found


def _moved(postings: PostingQuerySet, account: str) -> int:
    signed = Case(When(destination=account, then=F("amount")), default=-F("amount"))
    return int(postings.aggregate(total=Sum(signed))["total"] or 0)
