"""Bills of the tests' accounts."""

import gzip
import io
from collections.abc import Sequence
from datetime import date

from scanforpay_django.books.keep_bill import BillOf
from scanforpay_django.models import WalletAccount
from tests.merchant import Merchant
from tests.wallets.bills.samples import ALL_HEAD, ALL_TOTALS, MCHID, all_line, text, tick

DAY = date(2019, 2, 19)


def account_of(merchant: Merchant, wallet: str = "Wechat") -> WalletAccount:
    """An account whose merchant number is the samples'."""
    account = merchant.store.wallet_accounts.get(wallet=wallet)
    account.config = {"mchid": MCHID}
    account.save()
    return account


def trade_bill_of(account: WalletAccount) -> BillOf:
    """The trade bill of the samples' day."""
    return BillOf(account=account, bill_type="trade", first_day=DAY, last_day=DAY)


def trade_bill(numbers: Sequence[int] = (1, 2, 3), *, is_cut: bool = False) -> io.BytesIO:
    """A file of payments of 3.07, packed."""
    lines = [all_line(number, "3.07", fee="0.01842") for number in numbers]
    amount, fees = 307 * len(numbers), 1842 * len(numbers)
    yuan = f"{amount // 100}.{amount % 100:02}"
    totals = tick(
        str(len(numbers)), yuan, "0.00", "0.00", f"{fees // 100000}.{fees % 100000:05}", yuan, "0.00"
    )
    raw = text(ALL_HEAD, *lines, *([] if is_cut else [ALL_TOTALS, totals]))
    return io.BytesIO(gzip.compress(raw, mtime=0))
