"""Bills into the books: from the platform's API, or from a file that staff upload."""

import logging
from datetime import date
from tempfile import TemporaryFile
from typing import IO

from scanforpay_django.books.keep_bill import BillOf, keep_bill, note_no_bill
from scanforpay_django.books.read_bill import read_bill
from scanforpay_django.conf import conf
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import BillFile, WalletAccount
from scanforpay_django.wallets.base import FetchedBill
from scanforpay_django.wallets.bills.unpack import open_parts

logger = logging.getLogger(__name__)


def fetch_bill(account: WalletAccount, bill_type: str, day: date) -> BillFile:
    """Fetched, kept and read. Raises BillNotReady as long as the platform makes it, PlatformError, and
    ImproperlyConfigured where SCANFORPAY_BILL_STORAGE is not set. Called outside a transaction.
    """
    # Read here, so that nothing is fetched for nothing where it is not set.
    logger.debug("bills are kept in %s", conf.bill_storage)
    of = BillOf(account=account, bill_type=bill_type, first_day=day, last_day=day)
    with TemporaryFile() as file:
        fetched = configure(account).wallet.fetch_bill(bill_type, day, file)
        if fetched is None:
            return note_no_bill(of)
        bill = keep_bill(of, file, source=BillFile.Source.API, fetched=fetched)
    return read_bill(bill)


def import_bill(of: BillOf, file: IO[bytes], *, by: str) -> BillFile:
    """An uploaded file, kept and read. Raises BillRefused for one that cannot be opened, of which nothing is kept."""
    check_file(file)
    bill = keep_bill(of, file, source=BillFile.Source.UPLOAD, fetched=FetchedBill(), by=by)
    return read_bill(bill)


def check_file(file: IO[bytes]) -> None:
    """Raises BillRefused for what is no bill at all: a spreadsheet, an archive with a password."""
    for part in open_parts(file):
        part.file.read(1)
    file.seek(0)
