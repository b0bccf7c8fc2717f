"""Orders as a table."""

import csv
import io
import zipfile
from typing import Any

import pytest

from scanforpay_django.models import Order
from scanforpay_django.operations import order_export
from scanforpay_django.operations.order_export import (
    COLUMNS,
    TooManyRows,
    csv_lines,
    harmless,
    table_rows,
    write_xlsx,
)
from tests.rows import Rows

pytestmark = pytest.mark.django_db

SHOP = "https://shop.example/notify"
PLACES = {str(column.heading): place for place, column in enumerate(COLUMNS)}


def test_every_order_is_a_row_newest_first(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_export, "TOGETHER", 2)
    made = [rows.order(SHOP) for _ in range(5)]
    found = list(table_rows(Order.objects.all()))
    assert [row[0] for row in found] == [order.order_no for order in reversed(made)]
    assert {len(row) for row in found} == {len(COLUMNS)}


def test_an_order_that_is_made_meanwhile_is_not_among_them(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_export, "TOGETHER", 2)
    store = rows.store()
    for _ in range(4):
        rows.order(SHOP, store)
    found = []
    for row in table_rows(Order.objects.all()):
        found.append(row[0])
        rows.order(SHOP, store)
    assert len(found) == len(set(found)) == 4


def test_a_few_statements_for_thousands(rows: Rows, django_assert_num_queries: Any) -> None:
    store = rows.store()
    for _ in range(5):
        rows.order(SHOP, store)
    with django_assert_num_queries(2):
        assert len(list(table_rows(Order.objects.all()))) == 5


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1+1", 'a,"b"\nc', "茶 €"])
def test_a_cell_is_text(rows: Rows, title: str) -> None:
    rows.order(SHOP, title=title)
    text = "".join(csv_lines(table_rows(Order.objects.all())))
    assert text.startswith("\ufeff")
    _heading, row = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    shown = row[PLACES["title"]]
    assert shown == harmless(title)
    assert shown in {title, f"'{title}"}
    assert shown[0] not in "=+-@\t＝"


def test_amounts_are_by_their_currency(rows: Rows) -> None:
    rows.order(SHOP, amount=2100, currency="JPY")
    rows.order(SHOP, amount=2105, currency="CNY", refunded_amount=5)
    amount, refunded = PLACES["amount"], PLACES["refunded amount"]
    found = [(row[amount], row[refunded]) for row in table_rows(Order.objects.all())]
    assert found == [("21.05", "0.05"), ("2100", "0")]


def test_the_excel_file_has_amounts_and_no_formula(rows: Rows) -> None:
    order = rows.order(SHOP, amount=2105, title="=1+1")
    with write_xlsx(table_rows(Order.objects.all())) as file, zipfile.ZipFile(file) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in sheet
    assert "<v>21.05</v>" in sheet
    assert order.order_no in sheet


def test_a_sheet_has_an_end(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_export, "MOST_IN_A_SHEET", 1)
    rows.order(SHOP)
    rows.order(SHOP)
    with pytest.raises(TooManyRows):
        write_xlsx(table_rows(Order.objects.all()))
