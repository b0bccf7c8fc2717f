"""Lists of large tables: what is listed, and with how many statements of which kind."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scanforpay_django.admin.large_list import MAX_PAGE, PAGES_AHEAD
from scanforpay_django.models import (
    Difference,
    Endpoint,
    Flag,
    HandlerCall,
    Notification,
    Order,
    Partner,
    Payment,
    PlatformNotification,
    Refund,
    SignKey,
    Store,
    WalletAccount,
)
from tests.admin.pages import url
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)
OURS = [model for model in admin.site._registry if model._meta.app_label == "scanforpay"]
#: as many as the list of a page and the ten after it
MANY = 100 * PAGES_AHEAD


def add_calls(rows: Rows, number: int) -> None:
    order = rows.order("")
    made = (HandlerCall(order=order, event="paid", handler=f"h{count}") for count in range(number))
    HandlerCall.objects.bulk_create(made)


def visit(staff: Client, **query: Any) -> Any:
    return staff.get(url(HandlerCall, "changelist"), query)


def test_a_short_list_says_how_many(staff: Client, rows: Rows) -> None:
    add_calls(rows, 3)
    page = visit(staff)
    assert "3 handler calls" in page.content.decode()
    assert "more than" not in page.content.decode()
    assert len(page.context["cl"].result_list) == 3


def test_a_long_list_says_that_there_are_more(staff: Client, rows: Rows) -> None:
    add_calls(rows, MANY + 150)
    newest = list(HandlerCall.objects.order_by("-pk").values_list("pk", flat=True))
    page = visit(staff)
    assert f"more than {MANY} handler calls" in page.content.decode()
    # what an action may be made for is on the page
    assert f"Select all {MANY}" not in page.content.decode()
    page = visit(staff, p=2)
    assert f"more than {MANY + 100} handler calls" in page.content.decode()
    assert [row.pk for row in page.context["cl"].result_list] == newest[100:200]
    page = visit(staff, p=12)
    assert f"{MANY + 150} handler calls" in page.content.decode()
    assert [row.pk for row in page.context["cl"].result_list] == newest[1100:]
    # whatever the address says of the order of rows
    assert [row.pk for row in visit(staff, o="1").context["cl"].result_list] == newest[:100]


def test_a_page_that_is_not_there_is_the_first(staff: Client, rows: Rows) -> None:
    add_calls(rows, 150)
    for page in (3, MAX_PAGE, MAX_PAGE + 1, 10**30):
        answer = visit(staff, p=page)
        assert answer.status_code == 302
        assert answer.url.endswith("?e=1")
    for page in (0, -3, "x"):
        assert visit(staff, p=page).status_code in (200, 302)
    assert visit(staff, all="").context["cl"].result_count == 150


def one_of_each(rows: Rows, number: int) -> None:
    """As many partners, stores and accounts, with a row of every kind for each."""
    for count in range(number):
        store = rows.store()
        message = rows.notification(f"https://shop{count}.example/", store)
        order = message.order
        account = WalletAccount.objects.create(store=store, wallet="Wechat")
        Endpoint.objects.create(partner=store.partner, origin="o", key=message.endpoint)
        money = {"amount": 2100, "currency": "CNY"}
        payment = Payment.objects.create(
            order=order,
            account=account,
            wallet="Wechat",
            product="jsapi",
            expires_at=order.expires_at,
            **money,
        )
        Refund.objects.create(partner=store.partner, order=order, payment=payment, **money)
        PlatformNotification.objects.create(
            account=account, event_id=message.message_id, body="", payment=payment
        )
        Flag.objects.create(order=order, kind="late_payment")
        HandlerCall.objects.create(order=order, event="paid", handler="shop.ship")


def statements(staff: Client, model: Any, **query: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        page = staff.get(reverse(f"admin:scanforpay_{model._meta.model_name}_changelist"), query)
    assert page.status_code == 200
    return [statement["sql"] for statement in captured]


@pytest.mark.parametrize("query", [{}, {"q": "p1-2-3-4"}], ids=["all", "search"])
def test_a_list_takes_few_statements_whatever_there_is(
    staff: Client, rows: Rows, query: dict[str, str]
) -> None:
    one_of_each(rows, 2)
    few = {model: len(statements(staff, model, **query)) for model in OURS}
    one_of_each(rows, 30)
    for model in OURS:
        found = statements(staff, model, **query)
        assert len(found) == few[model], (model, found)
        assert len(found) <= 17
        for statement in found:
            # the list of endpoints says how much waits at each, by the indexes of what waits
            # and so does that of notifications, with what was given up; that of orders adds up the newest ten thousand
            counts = model in (Endpoint, Notification) or "LIMIT 10001" in statement
            # the open differences are few: they are added up by their own index
            counts |= model is Difference and '"closed_at" IS NULL' in statement
            assert "COUNT(" not in statement or counts
            # which currencies stores have: a small table
            assert "DISTINCT" not in statement or model is Store


def test_every_list_is_looked_at() -> None:
    assert {Partner, SignKey, Store, WalletAccount, Order, Notification} < set(OURS)
