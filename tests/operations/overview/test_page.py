"""The overview as a whole: over HTTP, from rows through the worker's figures."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scanforpay_django import clock
from scanforpay_django.models import FigureMark, Flag, HostClock, Store, WalletAccount, WorkerBeat
from tests.operations.figures.calendar import At, at, follow, make, open_page, pay, refund, store
from tests.operations.overview.desk import PAGE, open_overview, read_text
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db
NO_QUERIES = ("django_session", "auth_", "scanforpay_staffscope", "SAVEPOINT", "django_content_type")


def read_queries(staff: Client, **query: str) -> list[str]:
    """The statements of the page, without session, user, permissions and scope."""
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(PAGE, query).status_code == 200
    return [one["sql"] for one in captured if not any(word in one["sql"] for word in NO_QUERIES)]


def trade(store: Store, at: At) -> None:
    """A week ago, and today."""
    for moment in ("2026-11-21 10:00", "2026-11-28 10:00", "2026-11-28 11:00"):
        at(moment)
        payment = open_page(make(store))
        at(moment + ":10")
        pay(payment)
    payment.refresh_from_db()
    refund(payment, 700)
    pay(open_page(make(store, wallet="Alipay", currency="HKD")))
    at("2026-11-28 17:42:30")
    follow()
    # It was written by the database's clock.
    FigureMark.objects.filter(name="read").update(at=clock.now())


def test_the_days_figures(store: Store, at: At, staff: Client) -> None:
    trade(store, at)
    text = open_overview(staff)
    for words in (
        "2026-11-28 17:42:30 · times are in Asia/Shanghai (UTC+08:00)",
        "Paid today, CNY CNY 42.00 up 100.0 % amount · up 100.0 % payments 2 payments",
        "Sat 2026-11-21 until 17:40: CNY 21.00, payments: 1",
        "Paid today, HKD HKD 21.00",
        "Of orders opened, paid 100.0 %",
        "Refunded today CNY 7.00 CNY 7.00 in 1 refund 16.7 % of what was paid",
        "30 days: CNY 63.00 paid in 3 payments, CNY 7.00 refunded.",
        "By wallet, 30 days, CNY WeChat Pay 100.0 % CNY 63.00",
        "By store, 30 days, CNY 山茶小铺 100.0 % CNY 63.00",
        "Sat 2026-11-28 42.00 2 42.00 7.00",
    ):
        assert words in text
    assert "Paid per day in HKD" in open_overview(staff, currency="HKD")
    assert "Paid per day in CNY" in open_overview(staff, currency="<b>")


def test_fees_and_what_is_left_where_a_rate_is_agreed(store: Store, at: At, staff: Client) -> None:
    WalletAccount.objects.filter(wallet="Wechat").update(fee_rate="0.006")
    trade(store, at)
    text = open_overview(staff)
    # of 63.00: 7.00 went back, fees are three times 0.13 less 0.05
    for share in ("WeChat Pay 100.0 % CNY 63.00", "山茶小铺 100.0 % CNY 63.00"):
        assert f"{share} fees CNY 0.34 · net after refunds CNY 55.66 · expected fees 3" in text
    assert "net after refunds" not in open_overview(staff, currency="HKD")


def test_fees_are_those_of_the_readers_stores(store: Store, at: At, rows: Rows) -> None:
    WalletAccount.objects.update(fee_rate="0.006")
    trade(store, at)
    clerk = sign_in("", "view_order", store=rows.store())
    assert "net after refunds" not in open_overview(clerk)


@pytest.mark.parametrize("has_orders", [True, False])
def test_ten_statements_whatever_there_is(
    store: Store, at: At, staff: Client, django_user_model: Any, has_orders: bool
) -> None:
    if has_orders:
        WalletAccount.objects.update(fee_rate="0.006")
        trade(store, at)
        for number, kind in enumerate(Flag.Kind.values):
            Flag.objects.create(order=make(store), kind=kind)
            HostClock.objects.record(f"web-{number}", 75)
            WorkerBeat.objects.record(f"pay-{number}", "worker")
    clerk = sign_in("", "view_order", "view_flag", "view_notification", store=store)
    for reader in (staff, clerk):
        statements = read_queries(reader)
        assert len(statements) <= 10, "\n".join(statements)


def test_what_is_not_counted_yet_is_not_compared(store: Store, at: At, staff: Client) -> None:
    trade(store, at)
    FigureMark.objects.filter(name="read").update(at=clock.now() - timedelta(hours=7, minutes=40, seconds=30))
    text = open_overview(staff)
    assert "figures are 7 h 40 min old" in text
    assert "Sat 2026-11-21 until 10:00: CNY 0.00" in text
    FigureMark.objects.filter(name="read").update(at=clock.now() - timedelta(days=1))
    assert "Sat 2026-11-21 until 00:00: CNY 0.00" in open_overview(staff)


def test_what_was_sold_in_no_figure_yet(store: Store, staff: Client) -> None:
    """Before the worker's first turn there are orders, and no set-up list."""
    make(store)
    text = open_overview(staff)
    assert "steps done" not in text
    assert "Paid today" not in text


def test_a_readers_figures_are_those_of_the_own_stores(
    store: Store, at: At, staff: Client, settings: Any
) -> None:
    other = Store.objects.create(
        partner=store.partner, store_no="other", name="Jade", timezone="America/New_York"
    )
    trade(store, at)
    clerks = [
        sign_in("", "view_order", "view_flag", name=name, **scope)
        for name, scope in (("own", {"store": store}), ("other", {"store": other}), ("nobody", {}))
    ]
    texts = [open_overview(clerk) for clerk in clerks]
    assert ["CNY 63.00" in text for text in texts] == [True, False, False]
    # Stores in different time zones have the project's in common.
    zones = ("Asia/Shanghai", "America/New_York", settings.TIME_ZONE)
    for zone, text in zip(zones, (*texts[:2], open_overview(staff)), strict=True):
        assert f"times are in {zone} (" in text


def test_money_needs_the_permission_to_see_orders(store: Store, at: At) -> None:
    trade(store, at)
    text = open_overview(sign_in("", "view_flag", store=store))
    assert "Needs a person now" in text
    assert "CNY" not in text


def test_the_page_runs_under_a_strict_content_security_policy(store: Store, at: At, staff: Client) -> None:
    trade(store, at)
    page = staff.get(PAGE).content.decode()
    ours = page.partition('<div class="sp">')[2]
    for word in (" style=", "<style", " onclick=", "javascript:"):
        assert word not in ours
    assert "WeChat Pay" in read_text(page)
