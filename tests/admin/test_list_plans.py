"""PostgreSQL's plans for the statements of admin's lists, with tens of thousands of rows."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.models import (
    BillDay,
    Difference,
    Endpoint,
    Flag,
    HandlerCall,
    Notification,
    Order,
    Payment,
    Posting,
    Refund,
)
from tests.admin.pages import url
from tests.large_tables import fill, make_template
from tests.people import sign_in
from tests.row_copies import copies

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
ORDERS = 20_000
LARGE = ("order", "payment", "refund", "notification", "platformnotification", "handlercall", "flag")
#: of the reconciliation page
BOOKS = ("difference", "posting", "billday")
#: rows of the whole table are read and thrown away
WHOLE_TABLE = re.compile(rf"Seq Scan on scanforpay_({'|'.join((*LARGE, *BOOKS))})\b")


@pytest.fixture(autouse=True)
def looks_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a table of this size the newest hundred thousand are all, and for those no index is needed."""
    monkeypatch.setattr("scanforpay_django.operations.search.MOST_TEXTS", 300)
    monkeypatch.setattr("scanforpay_django.operations.order_list.MOST", 300)
    monkeypatch.setattr("scanforpay_django.admin.order_list.NEWEST", 300)


@pytest.fixture
def full(db: None) -> dict[str, Any]:
    """Every large table with as many rows, analysed."""
    rows = make_template(50)
    order, payment = rows["order"], rows["payment"]
    money = {"amount": 2100, "currency": "CNY", "state": "succeeded"}
    refund = Refund.objects.create(
        partner=order.partner, order=order, payment=payment, refund_no="r0", **money
    )
    call = HandlerCall.objects.create(order=order, event="paid", handler="shop.ship", state="done")
    flag = Flag.objects.create(order=order, kind="late_payment", cleared_at=order.paid_at)
    order_id = f"{order.pk} + g"
    numbers = {"out_refund_no": "'o' || g", "refund_no": "'r' || g", "refund_id": "'50' || g"}
    fill(rows, ORDERS, "1")
    copies(Refund, refund.pk, {"order_id": order_id, "payment_id": f"{payment.pk} + g", **numbers}, ORDERS)
    copies(HandlerCall, call.pk, {"order_id": order_id}, ORDERS)
    copies(Flag, flag.pk, {"order_id": order_id}, ORDERS)
    Endpoint.objects.create(partner=order.partner, origin="o", key=rows["told"].endpoint)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return rows


def visit(staff: Client, name: str, **query: str) -> list[str]:
    """The statements that read."""
    model = next(one for one in admin.site._registry if one._meta.label_lower == f"scanforpay.{name}")
    staff.get(url(model, "changelist"))
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url(model, "changelist"), query).status_code == 200
    return [one["sql"] for one in captured if one["sql"].lstrip("( ").upper().startswith("SELECT")]


def assert_indexed(statements: list[str]) -> None:
    for statement in statements:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert not WHOLE_TABLE.search(plan), f"{statement}\n{plan}"


def test_lists_and_searches_use_indexes(staff: Client, full: dict[str, Any]) -> None:
    assert_indexed(visit(staff, "endpoint"))
    for name in LARGE:
        assert_indexed(visit(staff, name))
        assert_indexed(visit(staff, name, p="7"))
    numbers = ("1-c-777", "1-t-777", "r777", "1-e-777", full["told"].message_id, full["payment"].out_trade_no)
    for name in LARGE[:-1]:
        for number in (*numbers, "1-c-77", "nothing at all"):
            assert_indexed(visit(staff, name, q=number))


def test_what_is_not_finished_is_found_among_what_is(staff: Client, full: dict[str, Any]) -> None:
    Payment.objects.filter(pk=full["payment"].pk).update(is_applied=False, is_unapplied=True)
    Notification.objects.filter(pk=full["told"].pk).update(state="pending", last_reason="HTTP status 500")
    Order.objects.filter(pk=full["order"].pk).update(state="pending")
    assert_indexed(visit(staff, "payment", is_unapplied__exact="1"))
    assert_indexed(visit(staff, "notification", state__exact="exhausted"))
    assert_indexed(visit(staff, "flag", cleared_at__isempty="1"))
    assert_indexed(visit(staff, "notification", created="today"))
    assert_indexed(
        visit(staff, "order", **{"from": f"{timezone.localdate()}", "to": f"{timezone.localdate()}"})
    )
    for tab in ("pending", "closed", "flagged"):
        assert_indexed(visit(staff, "order", state=tab))
    assert_indexed(visit(staff, "order", store__id__exact=str(full["order"].store_id + 3)))


@pytest.fixture
def compared(full: dict[str, Any]) -> dict[str, Any]:
    """Two years of days of fifty merchant numbers, their differences and postings; a few are open."""
    account, store = full["payment"].account, full["order"].store
    day = BillDay.objects.create(
        merchant="m0", number="0", account=account, bill_type="trade", day="2020-01-01", state="compared"
    )
    copies(BillDay, day.pk, {"merchant": "'m' || (g % 50)", "day": "current_date - 1 - g / 50"}, ORDERS)
    row = Difference.objects.create(
        day=day,
        account=account,
        kind="amount",
        number="0",
        facts="x",
        amount=1,
        currency="CNY",
        closed_at=clock.now(),
    )
    copies(Difference, row.pk, {"number": "'n' || g", "day_id": f"{day.pk} + g"}, ORDERS)
    Difference.objects.filter(number__in=[f"n{number}" for number in range(1, 300, 10)]).update(
        closed_at=None
    )
    posting = Posting.objects.create(
        source="orders:x", destination="platform:x", amount=1, currency="CNY", effective_at=clock.now(),
        cause_type="payment", cause_id=0, kind="collected", store=store, account=account,
    )  # fmt: skip
    at = "now() - g * interval '1 hour'"
    copies(Posting, posting.pk, {"cause_id": "g", "effective_at": at}, ORDERS)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return full


def test_the_reconciliation_page_uses_indexes(staff: Client, compared: dict[str, Any]) -> None:
    account = compared["payment"].account_id
    day = f"{clock.now():%Y-%m-%d}"
    queries = (
        {}, {"day": "all"}, {"state": "all", "p": "2"}, {"kind": "amount"}, {"kind": "balance"}, {"state": "closed"},
        {"account": f"{account}"}, {"day": day, "state": "all"}, {"day": "2026-01-01", "state": "all"},
    )  # fmt: skip
    for query in queries:
        assert_indexed(visit(staff, "difference", **query))
    clerk = sign_in("", "view_difference", store=compared["order"].store)
    assert_indexed(visit(clerk, "difference"))
    assert_indexed(visit(clerk, "difference", day="all"))


@pytest.mark.parametrize("tie", ["partner", "store"])
def test_lists_of_one_shops_staff_use_indexes(full: dict[str, Any], tie: str) -> None:
    permissions = [f"view_{name}" for name in (*LARGE, "endpoint")]
    clerk = sign_in("", *permissions, **{tie: getattr(full["order"], tie)})
    # One store has a fiftieth of these: the planner rightly reads the few hundred pages that
    # there are rather than as many single rows.
    names = [name for name in LARGE if (name, tie) != ("platformnotification", "store")]
    for name in names:
        assert_indexed(visit(clerk, name))
    for name in set(names) - {LARGE[-1]}:
        for number in ("1-c-777", "1-t-777", full["told"].message_id, "1-c-77", "nothing at all"):
            assert_indexed(visit(clerk, name, q=number))


def test_no_two_indexes_do_the_same(full: dict[str, Any]) -> None:
    """No index is the beginning of another one, or one for LIKE beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, indrelid::regclass::text, indkey::text, indisunique FROM pg_index "
            "WHERE indrelid::regclass::text = ANY(%s) AND indpred IS NULL",
            [[f"scanforpay_{name}" for name in LARGE]],
        )
        found = cursor.fetchall()
    twice = [
        (name, other)
        for name, table, columns, is_unique in found
        for other, other_table, other_columns, _is_unique in found
        if name != other
        and table == other_table
        and not is_unique
        and f"{other_columns} ".startswith(f"{columns} ")
    ]
    assert twice == []
    assert not [name for name, *_rest in found if name.endswith("_like")]
