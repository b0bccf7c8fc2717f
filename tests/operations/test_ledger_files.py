"""The ledger's report as files."""

import csv
import io
import zipfile
from xml.etree import ElementTree

import pytest

from scanforpay_django.books.reports import Period, read_report
from scanforpay_django.models import Store, WalletAccount
from scanforpay_django.operations.ledger_files import csv_lines, write_xlsx
from tests.books.ledger import post
from tests.books.story import tell
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
NOVEMBER = Period.month(2026, 11)


def test_csv_has_amounts_as_numbers_and_computes_nothing(store: Store, at: At) -> None:
    Store.objects.update(name="=1+1")
    WalletAccount.objects.update(name="@SUM(A1)")
    tell(store, at)
    post()
    table = list(csv.reader(io.StringIO("".join(csv_lines(read_report(NOVEMBER))))))
    assert {tuple(row[2:4]) for row in table[1:]} == {("'=1+1", "'@SUM(A1)")}
    assert [row[6:] for row in table[1:] if row[0] == "2026-11-30"] == [
        ["0.00", "0.00", "21.00", "-0.13", "-20.87", "0", "1", "0", "0"]
    ]
    (yen,) = (row for row in table if row[5] == "JPY")
    assert yen[6:11] == ["250", "0", "0", "2", "248"]


def test_without_an_agreed_rate_neither_fee_nor_net_is_said(store: Store, at: At) -> None:
    tell(store, at)
    post()
    account = store.wallet_accounts.get(wallet="Alipay")
    table = list(csv.reader(io.StringIO("".join(csv_lines(read_report(NOVEMBER))))))
    (row,) = (row for row in table if row[3] == str(account.pk))
    assert row[6:] == ["19.99", "0.00", "0.00", "", "", "1", "0", "1", "0"]


def test_xlsx_has_the_months_sums_and_its_days(store: Store, at: At) -> None:
    Store.objects.update(name="=1+1")
    tell(store, at)
    post()
    file = io.BytesIO()
    write_xlsx(file, read_report(NOVEMBER), NOVEMBER)
    month, days = (read_sheet(file, number) for number in (1, 2))
    assert month[0] == ["2026-11-01 to 2026-11-30, days of each store's time zone"]
    assert len(days) == 2 + 5
    numbers = sorted(
        [float(cell) for cell in (row[-9:] if len(row) == 14 else row[-7:])] for row in month[2:]
    )
    assert numbers == [
        [19.99, 0, 0, 1, 0, 1, 0],
        [63, 21, 28.01, 0.21, 34.78, 3, 3, 0, 3],
        [250, 0, 0, 2, 248, 1, 0, 0, 1],
    ]
    assert all("=1+1" in row for row in month[2:])


def read_sheet(file: io.BytesIO, number: int) -> list[list[str]]:
    """Rows with what is in their cells: text, or a number as it is stored."""
    names = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(file) as book:
        texts = [
            "".join(one.itertext())
            for one in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iterfind("s:si", names)
        ]
        sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
    assert sheet.find(".//s:f", names) is None
    found = []
    for row in sheet.iterfind(".//s:row", names):
        cells = row.findall("s:c", names)
        values = [cell.findtext("s:v", "", names) for cell in cells]
        found.append(
            [
                texts[int(value)] if cell.get("t") == "s" else value
                for cell, value in zip(cells, values, strict=True)
            ]
        )
    return found
