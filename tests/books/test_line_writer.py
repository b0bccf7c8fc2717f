"""Lines reach every database as they are."""

from collections import deque
from decimal import Decimal
from typing import Any

import pytest

from scanforpay_django.books.keep_bill import note_no_bill
from scanforpay_django.books.line_writer import (
    COLUMNS,
    MANY_LINES,
    MAX_REFERENCE,
    analyze_lines,
    fewer_waits,
    kept_reference,
    open_writer,
    takes_lines_meanwhile,
    write_problems,
)
from scanforpay_django.models import BillLine
from scanforpay_django.models.database import atomic, connection
from scanforpay_django.wallets.bills.values import BillKind, BillProblem, ProblemCode
from tests.books.bills import account_of, trade_bill_of
from tests.merchant import Merchant
from tests.wallets.bills.test_values import make_line

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_is_written_is_read_back(merchant: Merchant) -> None:
    file = note_no_bill(trade_bill_of(account_of(merchant)))
    lines = [
        make_line(),
        make_line(line_no=3, kind=BillKind.EXPENSE, settled=None, coupon=None, fee_units=None, balance=-5),
        make_line(
            line_no=4,
            out_trade_no="a\\b\\N'\"%s茶",
            reference="r\\1",
            fee_units=-1,
            amount=10**15,
            settled=-(10**15),
        ),
    ]
    with atomic(), open_writer(file.pk) as write:
        write(lines[:1])
        write(lines[1:])
    rows = list(BillLine.objects.filter(file=file).order_by("line_no"))
    names = [
        "kind",
        "out_trade_no",
        "at",
        "amount",
        "settled",
        "coupon",
        "balance",
        "fee",
        "reference",
        "word",
        "rate",
    ]
    assert [[getattr(row, name) for name in names] for row in rows] == [
        [getattr(line, name) for name in names] for line in lines
    ]
    assert rows[2].fee == Decimal("-0.00001")


def test_nothing_is_kept_of_what_broke_off(merchant: Merchant) -> None:
    file = note_no_bill(trade_bill_of(account_of(merchant)))
    broken: Any = [[make_line()], None]
    with pytest.raises(TypeError), atomic(), open_writer(file.pk) as write:
        deque(map(write, broken), maxlen=0)
    assert not file.lines.exists()
    assert takes_lines_meanwhile() == (connection().vendor == "postgresql")


def test_a_reference_that_cannot_be_ours_is_not_kept() -> None:
    assert kept_reference("r" * MAX_REFERENCE) == "r" * MAX_REFERENCE
    assert [kept_reference(one) for one in ("r" * 129, "a\nb", "a\0")] == ["", "", ""]


def test_problems_are_written(merchant: Merchant) -> None:
    file = note_no_bill(trade_bill_of(account_of(merchant)))
    problem = BillProblem(code=ProblemCode.LINE_UNREAD, line_no=7, field="手续费", stated="x", raw="`a")
    with atomic():
        assert write_problems(file.pk, [problem]) == 1
    [row] = file.problems.all()
    assert (row.code, row.line_no, row.field, row.stated, row.raw) == ("line_unread", 7, "手续费", "x", "`a")
    assert COLUMNS[0] == "file_id"


@pytest.mark.sqlite
def test_sqlite_waits_for_the_disk_as_before() -> None:
    def level() -> int:
        with connection().cursor() as cursor:
            return int(cursor.execute("PRAGMA synchronous").fetchone()[0])

    before = level()
    with fewer_waits():
        inside = level()
    assert (before, inside, level()) == (2, 1, 2)
    with pytest.raises(ZeroDivisionError), fewer_waits():
        raise ZeroDivisionError
    assert level() == 2


@pytest.mark.postgres
def test_the_planner_knows_of_many_lines_at_once(merchant: Merchant) -> None:
    file = note_no_bill(trade_bill_of(account_of(merchant)))
    with atomic(), open_writer(file.pk) as write:
        write([make_line(line_no=number) for number in range(1, 301)])
    planned = []
    for number in (MANY_LINES - 1, MANY_LINES):
        analyze_lines(number)
        with connection().cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'scanforpay_billline'")
            planned.append(cursor.fetchone()[0] == 300)
    assert planned == [False, True]
