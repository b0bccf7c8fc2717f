"""Bills as they come from the platform's API, and what is found in them."""

import gzip
import io
import random
from collections.abc import Iterable
from datetime import date

from scanforpay_django.books.bill_merchants import find_merchant
from scanforpay_django.books.keep_bill import BillOf, keep_bill
from scanforpay_django.books.read_bill import read_bill
from scanforpay_django.books.reconcile import compare_again, compare_file, get_day
from scanforpay_django.models import BillDay, BillFile, Difference, WalletAccount
from scanforpay_django.wallets.bills.bill_type import FetchedBill
from tests.books.platform_copy import Bill

#: a difference: what it is known by, what it says, and whether it is open
Found = tuple[object, ...]


def pack(raw: bytes) -> bytes:
    """As the platform packs it, the same each time."""
    return gzip.compress(raw, mtime=0)


def write(account: WalletAccount, bill: Bill) -> bytes:
    """The file of a day."""
    return bill.statement() if account.wallet == "WechatGlobal" else bill.trade()


def expect_bills(account: WalletAccount, days: Iterable[date]) -> None:
    """The days as the schedule has them before any bill is there."""
    for day in days:
        get_day(find_merchant(account), "statement" if account.wallet == "WechatGlobal" else "trade", day)


def publish(account: WalletAccount, bill: Bill, raw: bytes | None = None, bill_type: str = "") -> None:
    """Fetched, read and compared."""
    usual = "statement" if account.wallet == "WechatGlobal" else "trade"
    of = BillOf(account=account, bill_type=bill_type or usual, first_day=bill.day, last_day=bill.day)
    packed = io.BytesIO(pack(write(account, bill) if raw is None else raw))
    kept = keep_bill(of, packed, source=BillFile.Source.API, fetched=FetchedBill())
    compare_file(find_merchant(account), read_bill(kept))


def compare_all_again(rng: random.Random) -> None:
    """All days that have a bill, in an order that is drawn."""
    days = list(BillDay.objects.exclude(bill=None).select_related("account").order_by("pk"))
    rng.shuffle(days)
    for day in days:
        compare_again(find_merchant(day.account), day)


def forget_bills() -> None:
    """All bills and what was found in them, and nothing of ours."""
    for model in (Difference, BillDay, BillFile):
        model.objects.all().delete()


def read_found() -> list[Found]:
    """All differences, those that are closed too. Without the keys of rows, which another run has others of."""
    columns = (
        "day__number", "day__bill_type", "day__day", "kind", "number", "occurrence", "account_id", "order_no", "field",
        "ours", "theirs", "amount", "currency", "closed_at",
    )  # fmt: skip
    return sorted(Difference.objects.values_list(*columns), key=str)


def read_keys(rows: Iterable[Difference]) -> set[tuple[str, object, str, str]]:
    """Merchant number, day, kind and number of each."""
    return {(row.day.number, row.day.day, row.kind, row.number) for row in rows}
