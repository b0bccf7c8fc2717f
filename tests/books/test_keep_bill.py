"""A bill's bytes are kept once, as they came."""

import gzip
import io

import pytest
from django.core.exceptions import ImproperlyConfigured

from scanforpay_django.books.keep_bill import keep_bill, note_no_bill
from scanforpay_django.models import BillFile
from scanforpay_django.wallets.base import FetchedBill
from tests.books.bills import DAY, account_of, trade_bill, trade_bill_of
from tests.merchant import Merchant
from tests.threads import raced

pytestmark = pytest.mark.django_db(transaction=True)


def keep(merchant: Merchant, file: io.BytesIO, platform_hash: str = "SHA1 x") -> BillFile:
    """As if fetched."""
    fetched = FetchedBill(platform_hash=platform_hash, is_proven=True)
    return keep_bill(trade_bill_of(account_of(merchant)), file, source=BillFile.Source.API, fetched=fetched)


def test_the_bytes_are_kept_packed(merchant: Merchant) -> None:
    file = trade_bill()
    bill = keep(merchant, file)
    with bill.packed.open("rb") as kept:
        assert kept.read() == file.getvalue()
    assert bill.packed.name.endswith(f"trade-{DAY}-{bill.sha256[:12]}.csv.gz")
    assert (bill.size, bill.state, bill.day, bill.platform_hash) == (
        len(file.getvalue()),
        "stored",
        DAY,
        "SHA1 x",
    )


def test_the_same_bytes_are_the_same_bill(merchant: Merchant) -> None:
    first = keep(merchant, trade_bill())
    assert keep(merchant, trade_bill()) == first
    assert keep(merchant, trade_bill([1, 2]), "SHA1 y") != first


def test_the_same_content_packed_at_another_moment_is_the_same_bill(merchant: Merchant) -> None:
    first = keep(merchant, trade_bill())
    later = io.BytesIO(gzip.compress(gzip.decompress(trade_bill().getvalue()), mtime=1))
    assert keep(merchant, later) == first


def test_two_processes_that_fetch_one_bill_make_one_row(merchant: Merchant) -> None:
    bills = raced(6, lambda: keep(merchant, trade_bill()))
    assert len({bill.pk for bill in bills}) == BillFile.objects.count() == 1
    bill = BillFile.objects.get()
    with bill.packed.open("rb") as kept:
        assert kept.read() == trade_bill().getvalue()
    _, files = bill.packed.storage._chosen().listdir(bill.packed.name.rpartition("/")[0])
    assert files == [bill.packed.name.rpartition("/")[2]]
    bill.packed.delete(save=False)


def test_that_there_is_no_bill_is_kept_too(merchant: Merchant) -> None:
    of = trade_bill_of(account_of(merchant))
    bill = note_no_bill(of)
    assert note_no_bill(of) == bill
    assert (bill.state, bill.sha256, bool(bill.packed)) == ("none", "", False)


def test_without_a_storage_nothing_is_kept(merchant: Merchant, settings) -> None:
    settings.SCANFORPAY_BILL_STORAGE = ""
    with pytest.raises(ImproperlyConfigured, match="SCANFORPAY_BILL_STORAGE"):
        keep(merchant, trade_bill())
    assert BillFile.objects.count() == 0
