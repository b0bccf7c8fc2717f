"""The ledger in Beancount's language, so that a program that is not ours adds it up.

Source of the syntax: Beancount's "Language Syntax" (beancount.github.io), checked with bean-check 3.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta, tzinfo

from django.db.models import Max, Min, Sum

from scanforpay_django import money
from scanforpay_django.books.fund_balances import FundBalance, find_fund_balances
from scanforpay_django.books.reports import PLATFORM_ZONE
from scanforpay_django.models import Posting
from scanforpay_django.models.posting import PostingQuerySet

#: how an account's name begins -> Beancount's
_ROOTS = {
    "platform": "Assets:Platform",
    "orders:store": "Income:Orders",
    "unapplied:store": "Liabilities:Unapplied",
    "overpaid:store": "Liabilities:Overpaid",
    "refunds_on_their_way": "Liabilities:RefundsOnTheirWay",
    "fees:expected": "Expenses:Fees:Expected",
    "fees": "Expenses:Fees:Billed",
    "rounding": "Expenses:Fees:Rounding",
}
_PLAIN = re.compile(r"[A-Z0-9][A-Za-z0-9]*")
#: postings of one statement
TOGETHER = 2000


def account_name(account: str) -> str:
    """ "orders:store:0-1" -> "Income:Orders:X-0-2d-1". Different accounts have different names: what Beancount takes
    stays, anything else begins with X and has its other characters in hexadecimal.
    """
    root = next(root for root in _ROOTS if account.startswith(f"{root}:"))
    parts = account.removeprefix(f"{root}:").split(":")
    return ":".join([_ROOTS[root], *map(_component, parts)])


def _component(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return "X-" + re.sub(r"[^A-Za-z0-9]", lambda found: f"-{ord(found[0]):x}-", text)


def _number(amount: int, currency: str) -> str:
    return f"-{money.to_major(-amount, currency)}" if amount < 0 else money.to_major(amount, currency)


def write_beancount(postings: PostingQuerySet, zone: tzinfo = PLATFORM_ZONE) -> Iterator[str]:
    """Lines without their ends: options, accounts, a transaction of two legs for each posting, and at the end the
    balance of each account as the database adds it up. Dates are days of ``zone``. With the platforms' zone, the days
    whose fund bills can be compared have a balance by that bill.
    """
    bounds = postings.aggregate(first=Min("effective_at"), last=Max("effective_at"))
    currencies = sorted(postings.order_by().values_list("currency", flat=True).distinct())
    yield 'option "title" "scanforpay_django"'
    for currency in currencies:
        yield f'option "operating_currency" "{currency}"'
    if not currencies:
        return
    balances = _read_balances(postings)
    first = bounds["first"].astimezone(zone).date()
    for name in sorted({account_name(account) for account, _currency in balances}):
        yield f"{first} open {name}"
    yield from _transactions(postings, zone)
    funds = [one for one in find_fund_balances() if (one.account, one.currency) in balances]
    yield from _fund_balances(funds if zone == PLATFORM_ZONE else [])
    # An account has one balance on a day.
    last = max([bounds["last"].astimezone(zone).date(), *(one.day + timedelta(days=1) for one in funds)])
    after = last + timedelta(days=1)
    for (account, currency), amount in sorted(balances.items()):
        # Without a tolerance of its own a balance may be off by a minor unit.
        yield f"{after} balance {account_name(account)} {_number(amount, currency)} ~ 0 {currency}"


def _transactions(postings: PostingQuerySet, zone: tzinfo) -> Iterator[str]:
    last = 0
    while True:
        # By the key: a connection behind a pooler needs no cursor of its own.
        part = list(postings.filter(pk__gt=last).order_by("pk")[:TOGETHER])
        for row in part:
            yield from _transaction(row, zone)
        if len(part) < TOGETHER:
            return
        last = part[-1].pk


def _fund_balances(balances: Iterable[FundBalance]) -> Iterator[str]:
    for found in balances:
        name = account_name(found.account)
        if found.amount is None:
            yield f"; {name}: the fund bill of {found.day} is not compared: {found.reason}"
            continue
        amount, tolerance = (_number(one, found.currency) for one in (found.amount, found.tolerance))
        after = found.day + timedelta(days=1)
        yield f"{after} balance {name} {amount} ~ {tolerance} {found.currency}"


def _transaction(row: Posting, zone: tzinfo) -> Iterator[str]:
    yield f'{row.effective_at.astimezone(zone).date()} * "{row.kind}"'
    yield f'  posting: "{row.pk}"'
    yield f'  cause: "{row.cause_type} {row.cause_id}"'
    if row.reverses_id is not None:
        yield f'  reverses: "{row.reverses_id}"'
    for account, amount in ((row.destination, row.amount), (row.source, -row.amount)):
        yield f"  {account_name(account)} {_number(amount, row.currency)} {row.currency}"


def _read_balances(postings: PostingQuerySet) -> dict[tuple[str, str], int]:
    """Account and currency -> what came in less what went out."""
    found: dict[tuple[str, str], int] = {}
    for side, sign in (("destination", 1), ("source", -1)):
        sums = postings.order_by().values_list(side, "currency").annotate(total=Sum("amount"))
        for account, currency, total in sums:
            found[account, currency] = found.get((account, currency), 0) + sign * int(total)
    return found
