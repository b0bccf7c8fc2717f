"""A bill that is kept becomes rows, once."""

import gzip
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.files.base import File
from django.core.files.storage import InMemoryStorage
from django.db.models import Sum

from scanforpay_django import clock
from scanforpay_django.books import read_bill as reading
from scanforpay_django.books.fetch_bill import import_bill
from scanforpay_django.books.keep_bill import keep_bill, note_no_bill
from scanforpay_django.books.read_bill import STALE, read_again, read_bill
from scanforpay_django.models import BillFile, BillLine, BillProblem
from scanforpay_django.models.database import connection
from scanforpay_django.wallets.base import FetchedBill
from tests.books.bills import account_of, trade_bill, trade_bill_of
from tests.merchant import Merchant
from tests.threads import raced

pytestmark = pytest.mark.django_db(transaction=True)


def keep(merchant: Merchant, file: io.BytesIO) -> BillFile:
    """Kept, and not read yet."""
    return keep_bill(
        trade_bill_of(account_of(merchant)), file, source=BillFile.Source.UPLOAD, fetched=FetchedBill()
    )


def bring(merchant: Merchant, file: io.BytesIO) -> BillFile:
    """As staff upload it."""
    return import_bill(trade_bill_of(account_of(merchant)), file, by="ann")


def test_lines_become_rows(merchant: Merchant) -> None:
    bill = bring(merchant, trade_bill())
    assert (bill.state, bill.is_whole, bill.line_count, bill.unread_count, bill.problem_count) == (
        "read",
        True,
        3,
        0,
        0,
    )
    assert bill.totals["订单总金额"] == "9.21"
    line = bill.lines.order_by("line_no").first()
    assert (line.line_no, line.amount, line.fee, line.kind) == (2, 307, Decimal("0.01842"), "payment")
    assert line.at.isoformat() == "2019-02-18T21:01:01+00:00"
    assert bill.lines.aggregate(fees=Sum("fee"))["fees"] == Decimal("0.05526")


def test_a_line_that_does_not_read_is_a_problem_and_the_others_are_read(merchant: Merchant) -> None:
    file = trade_bill()
    raw = gzip.decompress(file.getvalue()).replace(b"`3.07", b"`3,07", 1)
    bill = bring(merchant, io.BytesIO(raw))
    assert (bill.state, bill.line_count, bill.unread_count) == ("read", 3, 1)
    assert bill.lines.count() == 2
    unread = bill.problems.get(code="line_unread")
    assert unread.line_no == 2
    assert "`3,07" in unread.raw
    assert bill.problems.filter(code="total_differs").exists()


def test_a_cut_bill_is_broken_and_takes_nobodys_place(merchant: Merchant) -> None:
    whole = bring(merchant, trade_bill())
    cut = bring(merchant, trade_bill([1, 2], is_cut=True))
    assert (cut.state, cut.is_whole, cut.lines.count()) == ("broken", False, 2)
    whole.refresh_from_db()
    assert whole.superseded_by is None
    again = bring(merchant, trade_bill([1, 2, 4]))
    assert set(BillFile.objects.current()) == {again}


class Distant(InMemoryStorage):
    """A storage elsewhere, which is asked for each part of a file. It says where a transaction waited for it."""

    waited: ClassVar[list[bool]] = []

    def open(self, name: str, mode: str = "rb") -> Any:
        """No file of this machine."""
        waited = self.waited

        class Part(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                waited.append(connection().in_atomic_block)
                return super().read(size)

        return File(Part(super().open(name, mode).read()))


def test_no_transaction_waits_for_a_storage_elsewhere(merchant: Merchant, settings: Any) -> None:
    backend = f"{__name__}.Distant"
    settings.STORAGES = {**settings.STORAGES, "distant": {"BACKEND": backend}}
    settings.SCANFORPAY_BILL_STORAGE = "distant"
    file = io.BytesIO(gzip.decompress(trade_bill(range(1, 4000)).getvalue()))
    Distant.waited.clear()
    bill = bring(merchant, file)
    assert (bill.state, bill.lines.count()) == ("read", 3999)
    assert Distant.waited
    assert True not in Distant.waited


def test_a_file_that_is_torn_inside_is_broken(merchant: Merchant) -> None:
    packed = trade_bill(range(20_000)).getvalue()
    bill = read_bill(keep(merchant, io.BytesIO(packed[: len(packed) // 2])))
    assert (bill.state, bill.is_whole) == ("broken", False)
    assert bill.error.startswith("The file is damaged")


def test_what_a_dead_reader_left_is_read_anew(merchant: Merchant) -> None:
    bill = keep(merchant, trade_bill())
    assert BillFile.objects.claim(bill.pk, "dead", clock.now() - STALE)
    BillLine.objects.bulk_create([BillLine(file=bill, part=0, line_no=9, at=clock.now(), amount=1)])
    assert read_bill(bill).state == "reading"
    BillFile.objects.update(reading_at=clock.now() - STALE - timedelta(seconds=1))
    assert read_bill(bill).state == "read"
    assert sorted(bill.lines.values_list("line_no", flat=True)) == [2, 3, 4]


def test_a_reader_whose_bill_was_taken_writes_no_more(merchant: Merchant) -> None:
    bill = keep(merchant, trade_bill())
    assert BillFile.objects.claim(bill.pk, "first", clock.now() - STALE)
    BillFile.objects.update(reader="second")
    with pytest.raises(reading._NoLongerOurs):
        reading._read(bill, "first")
    assert (BillLine.objects.count(), BillProblem.objects.count()) == (0, 0)


def test_one_of_many_readers_reads(merchant: Merchant) -> None:
    bill = keep(merchant, trade_bill(range(3000)))
    raced(6, lambda: read_bill(bill))
    bill.refresh_from_db()
    assert (bill.state, bill.lines.count()) == ("read", 3000)


def test_reading_again_changes_nothing(merchant: Merchant) -> None:
    bill = bring(merchant, trade_bill())
    before = list(bill.lines.order_by("line_no").values_list("line_no", "amount", "fee", "at"))
    assert (
        list(read_again(bill).lines.order_by("line_no").values_list("line_no", "amount", "fee", "at"))
        == before
    )


def test_of_versions_that_are_read_at_once_the_last_one_stays(merchant: Merchant) -> None:
    none = note_no_bill(trade_bill_of(account_of(merchant)))
    bills = [keep(merchant, trade_bill([number])) for number in range(1, 6)]
    waiting = iter(bills)
    raced(len(bills), lambda: read_bill(next(waiting)))
    assert set(BillFile.objects.current()) == {bills[-1]}
    none.refresh_from_db()
    assert none.superseded_by in bills
    assert set(BillFile.objects.exclude(pk=none.pk).values_list("state", flat=True)) == {"read"}


def fetch(merchant: Merchant, file: io.BytesIO) -> BillFile:
    """As the platform's API gives it."""
    fetched = FetchedBill(platform_hash="SHA1 00", is_proven=True)
    of = trade_bill_of(account_of(merchant))
    return read_bill(keep_bill(of, file, source=BillFile.Source.API, fetched=fetched))


def test_an_upload_takes_no_place_of_what_was_fetched(merchant: Merchant) -> None:
    """Otherwise one who may upload could have the platform's word forgotten."""
    fetched = fetch(merchant, trade_bill())
    upload = bring(merchant, trade_bill([7]))
    assert (upload.state, upload.superseded_by) == ("read", fetched)
    assert set(BillFile.objects.current()) == {fetched}
    newer = fetch(merchant, trade_bill([1, 2]))
    assert set(BillFile.objects.current()) == {newer}


def test_an_upload_that_is_fetched_later_counts_again(merchant: Merchant) -> None:
    right = bring(merchant, trade_bill())
    wrong = bring(merchant, trade_bill([7]))
    assert set(BillFile.objects.current()) == {wrong}
    fetched = fetch(merchant, trade_bill())
    assert (fetched.pk, fetched.source, fetched.platform_hash) == (right.pk, "api", "SHA1 00")
    assert fetched.lines.count() == 3
    assert set(BillFile.objects.current()) == {fetched}


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [(b"`1900000001", b"`1900000007", "party"), (b"`2019-02-19", b"`2019-02-17", "day")],
)
def test_a_bill_of_another_account_or_day_takes_nobodys_place(
    merchant: Merchant, right: bytes, wrong: bytes, code: str
) -> None:
    whole = bring(merchant, trade_bill())
    raw = gzip.decompress(trade_bill([4, 5]).getvalue())
    bill = bring(merchant, io.BytesIO(raw.replace(right, wrong)))
    assert bill.problems.filter(code=code).exists()
    assert set(BillFile.objects.current()) == {whole}
