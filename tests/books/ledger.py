"""The ledger as the tests read it."""

from collections import defaultdict

from scanforpay_django.books.follow import PostingFollower
from scanforpay_django.models import Posting


def post(follower: PostingFollower | None = None) -> PostingFollower:
    """A worker's turns, until nothing is left to be done."""
    follower = follower or PostingFollower()
    while follower():
        continue
    return follower


def balances() -> dict[str, int]:
    """Account and currency -> what came in less what went out, if any is left. # is the wallet account's key."""
    found: dict[str, int] = defaultdict(int)
    for row in Posting.objects.all():
        for account, sign in ((row.source, -1), (row.destination, 1)):
            parts = ["#" if part == str(row.account_id) else part for part in account.split(":")]
            found[f"{':'.join(parts)} {row.currency}"] += sign * row.amount
    return {name: amount for name, amount in sorted(found.items()) if amount}


def lines() -> list[str]:
    """Each posting, in the sequence of booking."""
    return [
        f"{row.kind} {row.revision}: {row.source.split(':')[0]} > {row.destination.split(':')[0]} {row.amount}"
        for row in Posting.objects.order_by("pk")
    ]
