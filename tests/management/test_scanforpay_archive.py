"""The command scanforpay_archive."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.management.commands.scanforpay_archive import parse_day
from scanforpay_django.models import Flag, Order
from tests.operations.archive.closed_orders import everything, is_empty, make_orders, path
from tests.rows import Rows

__all__ = ["path"]
pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: Any) -> tuple[str, str]:
    """What it printed, and what it warned of."""
    out, err = StringIO(), StringIO()
    call_command("scanforpay_archive", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def day(days_ago: int) -> str:
    return str(timezone.localdate(clock.now()) - timedelta(days=days_ago))


def test_orders_go_and_come_back(rows: Rows, path: Path) -> None:
    orders = make_orders(rows, 3)
    Flag.objects.create(order=orders[0], kind="late_payment")
    before = everything()
    out, err = run("--before", "2025-01-01", "--to", path, "--batch", 1)
    assert out.splitlines() == [
        "0 orders archived so far",
        "1 orders archived so far",
        "2 orders archived so far",
        "Notification: 2",
        "NotificationAttempt: 2",
        "Order: 2",
        "OrderEvent: 2",
        "Payment: 2",
        "CNY: ordered 4200, paid 4200, refunded 0 (minor units)",
        "left: 1, an open flag",
        f"2 orders are in {path}, 1 were left",
    ]
    assert err == ""
    listed, _err = run("--list", path)
    assert [line.split()[0] for line in listed.splitlines()] == [order.order_no for order in orders[1:]]
    shown, _err = run("--show", orders[1].partner_order_no, "--from", path)
    assert json.loads(shown)["Order"][0]["order_no"] == orders[1].order_no
    assert run("--import", path, "--order", orders[1].order_no)[0].startswith(
        "1 orders with 5 rows imported, 0"
    )
    assert run("--import", path)[0] == "1 orders with 5 rows imported, 1 were there already\n"
    assert everything() == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--before", "2025-01-01"], "say where the orders go"),
        (["--before", "yesterday", "--to", "x"], "is not a date: write 2025-01-01"),
        (["--before", "2025-01-01", "--to", "x", "--batch", "0"], "a number from 1 to 5000"),
        (["--before", "2025-01-01", "--import", "x"], "not allowed with"),
        ([], "required"),
        (["--show", "1"], "--show ORDER_NO --from FILE"),
        (["--import", "/nowhere/x.jsonl.gz"], "/nowhere/x.jsonl.gz: No such file"),
        (["--before", "2025-01-01", "--to", "/nowhere/x.jsonl.gz"], "/nowhere/x.jsonl.gz: No such file"),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        run(*arguments)


def test_ninety_days_are_the_least(rows: Rows, path: Path) -> None:
    with pytest.raises(CommandError, match="at least 90 days"):
        run("--before", day(89), "--to", path, "--yes-refunds-end")
    assert not path.exists()


def test_orders_that_may_be_refunded_need_a_second_word(rows: Rows, path: Path) -> None:
    make_orders(rows, 1)
    with pytest.raises(CommandError, match="--yes-refunds-end"):
        run("--before", day(300), "--to", path)
    assert Order.objects.count() == 1
    _out, err = run("--before", day(300), "--to", path, "--yes-refunds-end")
    assert err.startswith("WARNING: platforms take refunds for a year")
    assert is_empty()


def test_a_file_is_not_overwritten(rows: Rows, path: Path) -> None:
    run("--before", "2025-01-01", "--to", path)
    content = path.read_bytes()
    with pytest.raises(CommandError, match="complete archive: give another name"):
        run("--before", "2025-01-01", "--to", path)
    assert path.read_bytes() == content


def test_an_order_that_is_not_in_the_file_is_said(rows: Rows, path: Path) -> None:
    run("--before", "2025-01-01", "--to", path)
    for arguments in (["--import", path, "--order", "17"], ["--show", "17", "--from", path]):
        with pytest.raises(CommandError, match="17"):
            run(*arguments)


def test_a_day_begins_in_the_projects_time_zone(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Shanghai"
    assert parse_day("2025-01-01").isoformat() == "2025-01-01T00:00:00+08:00"
