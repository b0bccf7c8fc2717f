"""The list of notifications: its tabs, its rows and what they cost."""

from typing import Any

import pytest
from django.test import Client

from scanforpay_django.models import Notification
from tests.admin.pages import url
from tests.operations.overview.test_page import NO_QUERIES
from tests.rows import Rows

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["pending", "delivered", "learned", "superseded"])
def test_each_state_is_a_list_of_its_own(staff: Client, rows: Rows, state: str) -> None:
    shown, other = (rows.notification(f"https://shop{number}.example/n") for number in range(2))
    Notification.objects.filter(pk=other.pk).update(state="exhausted")
    Notification.objects.filter(pk=shown.pk).update(state=state)
    page = staff.get(url(Notification, "changelist"), {"state__exact": state}).content.decode()
    assert shown.order.partner_order_no in page
    assert other.order.partner_order_no not in page


def test_pages_lead_to_older_and_newer(staff: Client, rows: Rows) -> None:
    for _ in range(51):
        rows.notification("https://shop.example/n")
    page = staff.get(url(Notification, "changelist")).content.decode()
    assert 'rel="next" href="?p=2"' in page
    assert 'rel="prev" href="?p=1"' in staff.get(url(Notification, "changelist"), {"p": "2"}).content.decode()


def test_a_list_without_rows_says_so(staff: Client) -> None:
    assert "No notification was written yet" in staff.get(url(Notification, "changelist")).content.decode()
    answer = staff.get(url(Notification, "changelist"), {"state__exact": "learned"})
    assert "No notification is like this." in answer.content.decode()


def test_twelve_statements_whatever_there_is(staff: Client, rows: Rows) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for number in range(20):
        rows.notification(f"https://shop{number}.example/n")
    with CaptureQueriesContext(connection) as captured:
        assert staff.get(url(Notification, "changelist")).status_code == 200
    ours: list[Any] = [one["sql"] for one in captured if not any(word in one["sql"] for word in NO_QUERIES)]
    assert len(ours) <= 12, "\n".join(ours)
