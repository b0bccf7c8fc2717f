"""The page of one order: its buttons, its timeline, and what it asks of the database."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import (
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    Payment,
    PlatformNotification,
)
from tests.admin.pages import url
from tests.books.ledger import post
from tests.merchant import Merchant
from tests.operations.figures.calendar import make, open_page, pay, refund
from tests.operations.order_story.seed import CREATED, NOW, Story, seed
from tests.operations.order_story.stories import APPLIED, PAID_ORDER, STRAY
from tests.people import sign_in

pytestmark = pytest.mark.django_db
TITLE = re.compile(r"<time [^>]*>(\d\d:\d\d:\d\d)</time><i>.*?</i><div><b>(.*?)</b>", re.DOTALL)


def show(client: Client, order: Order, **query: str) -> str:
    answer = client.get(url(Order, "change", order.pk), query)
    assert answer.status_code == 200
    return answer.content.decode()


def count_ours(client: Client, order: Order) -> int:
    """Statements that read tables of this app."""
    with CaptureQueriesContext(
        connection,
    ) as made:
        show(client, order)
    return sum("scanforpay_" in one["sql"] and "SAVEPOINT" not in one["sql"] for one in made)


def fill(order: Order, number: int) -> None:
    """``number`` rows of each kind that an order may have many of."""
    payment, told = Payment.objects.filter(order=order).first(), Notification.objects.get(order=order)
    assert payment is not None
    for n in range(number):
        at = CREATED + timedelta(seconds=n)
        OrderEvent.objects.create(order=order, at=at, source="sweep", data={"known": n})
        PlatformNotification.objects.create(
            account=payment.account,
            payment=payment,
            event_id=f"the-event-{order.pk}-{n}",
            body="{}",
            received_at=at,
        )
        NotificationAttempt.objects.create(notification=told, number=n + 1, state="failed", started_at=at)
        HandlerCall.objects.create(order=order, event="paid", handler=f"shop.h{n}", created_at=at)


RICH = Story(
    name="all there is",
    order=PAID_ORDER,
    payments=(APPLIED, {**STRAY, "wallet": "Wechat"}),
    refunds=(
        {"state": "succeeded"},
        {"state": "failed", "platform_code": "ODD"},
        {"of": 1, "kind": "duplicate"},
    ),
    notified={"state": "exhausted", "attempt_count": 3, "last_reason": "timed out"},
    flags=("duplicate_payment", "refund_sum", "handler_failed"),
    says="",
)


def test_it_asks_the_same_of_the_database_whatever_the_order_holds(merchant: Merchant, staff: Client) -> None:
    small = seed(merchant.store, RICH)
    fill(small, 2)
    few = count_ours(staff, small)
    NotificationAttempt.objects.all().delete()
    OrderEvent.objects.all().delete()
    PlatformNotification.objects.all().delete()
    HandlerCall.objects.all().delete()
    fill(small, 60)
    assert few == count_ours(staff, small) <= 10


def test_two_hundred_lines_then_older(merchant: Merchant, staff: Client) -> None:
    order = seed(merchant.store, RICH)
    fill(order, 110)
    lines: list[tuple[str, str]] = []
    before = ""
    pages = 0
    while True:
        page = show(staff, order, **({"before": before} if before else {}))
        found = TITLE.findall(page)
        assert len(found) <= 210
        lines = [*found, *lines]
        pages += 1
        older = re.search(r'href="\?before=([^"&]+)"', page)
        if not older:
            break
        before = older[1].replace("%3A", ":").replace("%2B", "+")
    assert pages == 3
    assert sum(title.startswith("Shop notified") for _at, title in lines) == 110
    assert sum(title == "Noted" for _at, title in lines) == 110
    assert sum(title.startswith("Notification of Alipay") for _at, title in lines) == 110
    assert lines[0] == (CREATED.astimezone(merchant.store.zone).strftime("%H:%M:%S"), "Created by the shop")


@pytest.mark.parametrize(
    "odd", ["", "x", "2026-11-28", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:59", "\0"]
)
def test_a_moment_that_is_none_shows_the_newest(merchant: Merchant, staff: Client, odd: str) -> None:
    assert "Created by the shop" in show(staff, seed(merchant.store, RICH), before=odd)


@pytest.mark.parametrize(
    ("show_only", "there", "missing"),
    [
        ("money", "Payment begun in Alipay", "Created by the shop"),
        ("shop", "Shop notified, attempt 1", "Payment begun"),
        ("staff", "Nothing of this kind happened.", "Payment begun"),
        ("odd", "Created by the shop", "Nothing of this kind happened."),
    ],
)
def test_tabs_show_a_part(
    merchant: Merchant, staff: Client, show_only: str, there: str, missing: str
) -> None:
    order = seed(merchant.store, RICH)
    fill(order, 1)
    page = show(staff, order, show=show_only)
    assert there in page
    assert missing not in page


def test_raw_data_is_masked(merchant: Merchant, staff: Client) -> None:
    order = seed(merchant.store, RICH)
    payment = Payment.objects.filter(order=order).first()
    assert payment is not None
    Payment.objects.update(payer_id="payer-openid-77")
    for n, body in enumerate(
        (
            '{"payer": {"openid": "oXYZ-secret"}, "amount": 2100, "sign": "abcSIGN"}',
            "trade_status=TRADE_SUCCESS&buyer_id=2088secret&sign=abcSIGN&total_amount=21.00",
        )
    ):
        PlatformNotification.objects.create(
            account=payment.account, payment=payment, event_id=f"the-event-{n}", body=body
        )
    page = show(staff, order)
    assert "2100" in page
    assert "TRADE_SUCCESS" in page
    for secret in ("oXYZ", "2088secret", "abcSIGN", "payer-openid-77", order.token, order.scan_token):
        assert secret not in page.replace(order.pay_url, "")


@pytest.mark.parametrize(
    ("role", "there", "missing"),
    [
        ("cashier", ["Payment begun", "The shop does not know of it"], ["Shop notified", "Handler shop", "the-event-"]),
        ("shop manager", ["Payment begun", "Shop notified"], ["Handler shop", "the-event-"]),
        ("accountant", ["Payment begun"], ["Shop notified", "The shop does not know", "Handler shop"]),
        ("developer", ["Shop notified", "The customer paid CNY 21.00"], ["Payment begun", "refunded", "Raw rows"]),
    ],
)  # fmt: skip
def test_what_a_reader_may_not_view_is_in_no_line(
    merchant: Merchant, role: str, there: list[str], missing: list[str]
) -> None:
    order = seed(merchant.store, RICH)
    fill(order, 1)
    page = show(sign_in(role, store=merchant.store), order)
    lines = page[page.index("What happened") :]
    for text in there:
        assert text in page
    for text in missing:
        assert text not in lines


def acts(page: str) -> set[str]:
    return set(re.findall(r'/order/\d+/(\w+)/"', page)) - {"history", "change"} | set(
        re.findall(r"(data-sp-copy)", page)
    )


@pytest.mark.parametrize(
    ("story", "shown"),
    [
        (Story(name="pending", order={"expires_at": NOW + timedelta(days=9000)}, says=""), {"close", "data-sp-copy"}),
        (Story(name="open", payments=({},), says=""), {"close", "ask"}),
        (Story(name="closed", order={"state": "closed"}, says=""), set()),
        (Story(name="late", order={"state": "closed"}, payments=(STRAY,), says=""), {"refund", "accept"}),
        (
            Story(name="late, back", order={"state": "closed"}, payments=(STRAY,), says="",
                  refunds=({"amount": 2100, "state": "succeeded", "kind": "late"},)),
            set(),
        ),
        (
            Story(name="late, to go back", order={"state": "closed"}, payments=(STRAY,), says="",
                  refunds=({"amount": 2100, "source": "rule", "kind": "late"},)),
            {"accept"},
        ),
        (Story(name="paid", order=PAID_ORDER, payments=(APPLIED,), notified={}, says=""), {"refund"}),
        (
            Story(name="not told", order=PAID_ORDER, payments=(APPLIED,), notified={"state": "exhausted"}, says=""),
            {"refund", "resend"},
        ),
        (
            Story(name="refund failed", order=PAID_ORDER, payments=(APPLIED,), notified={}, says="",
                  refunds=({"state": "failed", "platform_code": "ODD"},)),
            {"refund", "retry"},
        ),
        (
            Story(name="failed, and less is left", order=PAID_ORDER, payments=(APPLIED,), notified={}, says="",
                  refunds=({"amount": 1500}, {"state": "failed", "platform_code": "ODD"})),
            {"refund"},
        ),
        (
            Story(name="all reserved", order=PAID_ORDER, payments=(APPLIED,), notified={}, says="",
                  refunds=({"amount": 2100},)),
            set(),
        ),
        (
            Story(name="refunded", order={"state": "refunded", "refunded_amount": 2100}, payments=(APPLIED,), says="",
                  refunds=({"amount": 2100, "state": "succeeded"},)),
            set(),
        ),
    ],
    ids=lambda one: one.name if isinstance(one, Story) else "",
)  # fmt: skip
def test_only_buttons_that_apply(merchant: Merchant, staff: Client, story: Story, shown: set[str]) -> None:
    assert acts(show(staff, seed(merchant.store, story))) == shown


def test_an_order_of_an_uninstalled_wallet_is_shown(merchant: Merchant, staff: Client, settings: Any) -> None:
    order = seed(merchant.store, RICH)
    settings.SCANFORPAY_WALLETS = {}
    assert "Alipay" in show(staff, order)


def test_fee_and_net_are_shown_where_a_fee_is_known(merchant: Merchant, staff: Client) -> None:
    merchant.store.wallet_accounts.update(fee_rate="0.006")
    payment = open_page(make(merchant.store))
    pay(payment)
    payment.refresh_from_db()
    refund(payment, 700)
    Payment.objects.update(refunded_amount=700)
    words = ">expected fee <", " net <"
    assert not any(word in _without_breaks(show(staff, payment.order)) for word in words)
    post()
    page = _without_breaks(show(staff, payment.order))
    assert '>expected fee <span class="sp-money"><abbr>CNY</abbr>0.08</span> · net' in page
    assert 'net <span class="sp-money"><abbr>CNY</abbr>13.92</span>' in page


def _without_breaks(page: str) -> str:
    return page.replace("<br>", ">")
