"""A difference's page, and the button of what is proposed."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scanforpay_django.models import BillDay, BillFile, Difference, Order, Store
from tests.admin.pages import url
from tests.admin.reconciliation import make_scene, said
from tests.books.platform_copy import line_of
from tests.books.test_difference_acts import compare, forget_payment
from tests.operations.figures.calendar import At, at, store
from tests.operations.overview.desk import read_text
from tests.operations.overview.test_page import NO_QUERIES
from tests.people import sign_in
from tests.rows import Rows
from tests.wallets.conftest import Till, till_of

__all__ = ["at", "store", "till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


def step(name: str, row: Difference) -> str:
    return reverse(f"admin:scanforpay_difference_{name}", args=[row.pk])


def open_page(staff: Client, row: Difference) -> str:
    answer = staff.get(url(Difference, "change", row.pk))
    assert answer.status_code == 200
    return answer.content.decode()


def test_bill_books_and_notification_stand_side_by_side(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    page = open_page(staff, scene.difference("paid_there_closed_here"))
    text = read_text(page)
    for words in (
        "Amount CNY 45.60 CNY 21.00",
        "State SUCCESS payment: closed, order: awaiting payment ≠ none: the order has no notify address",
        "When 2026-11-27 10:00:00",
        f"{scene.late.out_trade_no} same",
        "Fee CNY 0.2736",
        "What to do: The customer paid while the order was being closed.",
        "Ask the platform and record it",
        "Line 2 of the bill, as it came",
    ):
        assert words in text, words
    assert url(Order, "change", scene.late.order_id) in page


def test_every_kind_has_a_page(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    row = make_scene(store).difference("refund_unknown")
    for kind, label in Difference.Kind.choices:
        Difference.objects.filter(pk=row.pk).update(kind=kind)
        row.refresh_from_db()
        with CaptureQueriesContext(connection) as captured:
            page = open_page(staff, row)
        assert str(label)[1:] in html.unescape(page)
        ours = [one["sql"] for one in captured if not any(word in one["sql"] for word in NO_QUERIES)]
        assert len(ours) <= 12, "\n".join(ours)


def test_the_order_is_named_and_not_linked_for_who_may_not_see_it(store: Store, at: At) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    page = open_page(sign_in("", "view_difference", store=store), scene.difference("paid_there_closed_here"))
    assert url(Order, "change", scene.late.order_id) not in page
    assert scene.late.order.order_no in page


def test_the_line_is_shown_as_it_came(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    scene = make_scene(store)
    page = staff.get(step("line", scene.difference("refund_unknown"))).content.decode()
    assert "`REFUND,`OTHERS,`CNY" in page
    Difference.objects.filter(kind="refund_unknown").update(details={"line": 99, "part": 0})
    page = staff.get(step("line", scene.difference("refund_unknown"))).content.decode()
    assert "has no such line" in page
    Difference.objects.filter(kind="refund_unknown").update(details={})
    page = staff.get(step("line", scene.difference("refund_unknown"))).content.decode()
    assert "is about no line of a bill" in page


def test_a_file_that_is_gone_is_said(store: Store, at: At, staff: Client, settings: Any) -> None:
    at("2026-11-28 12:00")
    row = make_scene(store).difference("refund_unknown")
    place = step("line", row)
    for bill in BillFile.objects.all():
        bill.packed.storage.delete(bill.packed.name)
    assert "file cannot be opened" in staff.get(place).content.decode()
    settings.SCANFORPAY_BILL_STORAGE = ""
    assert "file cannot be opened" in staff.get(place).content.decode()


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    return till_of("wechat")


def test_what_is_proposed_is_done_and_stands_in_the_history(till: Till, staff: Client) -> None:
    payment = till.paid()
    line = line_of(payment)
    forget_payment(payment)
    compare(till, line)
    row = Difference.objects.get()
    answer = staff.post(step("act", row), {"from_list": "1", "query": "day=all"})
    assert answer["Location"] == f"{url(Difference, 'changelist')}?day=all"
    assert said(answer) == ["The platform was asked: the payment is paid now."]
    payment.refresh_from_db()
    assert (payment.state, payment.is_unapplied) == ("paid", True)
    row.refresh_from_db()
    assert row.closed_at is not None
    entry = LogEntry.objects.get()
    assert "Did what was proposed. The platform was asked" in entry.get_change_message()
    assert (entry.object_id, entry.user.get_username()) == (str(row.pk), "boss")
    assert payment.order.events.filter(source="staff", actor="boss").exists()
    # What is closed has no act any more.
    answer = staff.post(step("act", row))
    assert "Nothing is proposed for this difference." in said(answer)[-1]


def test_what_cannot_be_done_is_said(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    row = make_scene(store).difference("refund_unknown")
    Difference.objects.filter(pk=row.pk).update(kind="not_notified", details={})
    answer = staff.post(step("act", row))
    assert answer["Location"] == url(Difference, "change", row.pk)
    assert "The notification cannot be resent now." in said(answer)[0]
    assert "could not be done" in LogEntry.objects.get().get_change_message()


def test_a_late_bill_is_due_at_once(store: Store, at: At, staff: Client) -> None:
    at("2026-11-28 12:00")
    row = make_scene(store).difference("fee_rate")
    Difference.objects.filter(pk=row.pk).update(kind="bill_late")
    BillDay.objects.update(next_at=None)
    assert "The worker fetches the bill" in said(staff.post(step("act", row)))[0]
    assert BillDay.objects.get(pk=row.day_id).next_at is not None


def test_acts_need_the_permission_and_a_post(store: Store, at: At, rows: Rows) -> None:
    at("2026-11-28 12:00")
    row = make_scene(store).difference("refund_unknown")
    reader = sign_in("", "view_difference", store=store)
    assert reader.post(step("act", row)).status_code == 403
    assert reader.get(step("line", row)).status_code == 200
    actor = sign_in("accountant", name="ann", store=store)
    assert actor.get(step("act", row)).status_code == 403
    stranger = sign_in("accountant", name="eve", store=rows.store())
    assert [stranger.post(step("act", row)).status_code, stranger.get(step("line", row)).status_code] == [
        404,
        404,
    ]
    assert sign_in("cashier", name="till", store=store).get(step("line", row)).status_code == 403
    assert actor.post(url(Difference, "change", row.pk), {"reason": "x"}).status_code == 403
    assert actor.post(url(Difference, "delete", row.pk), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.closed_at is None


def test_another_line_in_the_same_place_is_not_shown(store: Store, at: At, staff: Client) -> None:
    """A newer version of the bill may have another store's there."""
    at("2026-11-28 12:00")
    row = make_scene(store).difference("refund_unknown")
    Difference.objects.filter(pk=row.pk).update(number="other", details={"line": 2, "part": 0})
    assert "has no such line" in staff.get(step("line", row)).content.decode()
