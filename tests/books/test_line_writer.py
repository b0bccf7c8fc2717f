"""Lines reach every database as they are."""

from decimal import Decimal

import pytest

from scanforpay_django.books.keep_bill import note_no_bill
from scanforpay_django.books.line_writer import (
    COLUMNS,
    MAX_REFERENCE,
    fewer_waits,
    kept_reference,
    write_lines,
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
    with atomic():
        write_lines(file.pk, lines)
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
