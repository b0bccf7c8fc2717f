"""``manage.py scanforpay_report``."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import Store
from tests.books.story import tell
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("scanforpay_report", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_month_without_a_worker(store: Store, at: At) -> None:
    tell(store, at)
    out, err = run("--month=2026-11")
    lines = out.splitlines()
    assert lines[0].startswith(
        "day,store number,store,wallet account,wallet,currency,gross,of it unapplied,refunds"
    )
    assert len(lines) == 6
    assert lines[1].endswith(",CNY,21.00,0.00,0.00,0.13,20.87,1,0,0,1")
    assert err == "2026-11-01 to 2026-11-30, days of each store's time zone\n"
    assert "days of the platforms (UTC+8)" in run("--month=2026-11", "--day=platform")[1]


def test_files(store: Store, at: At, tmp_path: Path) -> None:
    tell(store, at)
    table, book, ledger = (tmp_path / name for name in ("a.csv", "a.xlsx", "a.beancount"))
    run("--month=2026-11", f"--csv={table}", f"--store={store.store_no}")
    text = table.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffday,")
    assert text.count("\r\n") == 6
    run("--month=2026-11", f"--xlsx={book}")
    assert book.read_bytes().startswith(b"PK")
    run(f"--beancount={ledger}")
    assert ledger.read_text(encoding="utf-8").startswith('option "title"')


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "name a month"),
        (["--month=2026-13"], "not a month like 2026-11"),
        (["--month=11"], "not a month like 2026-11"),
        (["--month=2026-11", "--store=nowhere"], "no such store: nowhere"),
        (["--month=2026-11", "--csv=/nowhere/at/all.csv"], "No such file"),
        (["--month=2026-11", "--beancount=/tmp/x"], "takes no --month"),
    ],
)
def test_what_it_cannot_do(arguments: list[str], error: str) -> None:
    with pytest.raises(CommandError, match=error):
        run(*arguments)
