"""The delivery desk in the admin."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.admin.delivery_desk import draw_tries
from scanforpay_django.conf import conf
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Endpoint, HandlerCall, HostClock, Notification
from tests.delivery_desk import given_up, shell, states
from tests.merchant import Merchant, new_order
from tests.people import sign_in
from tests.rows import Rows
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "admin:scanforpay_notification_changelist"

DESK = "admin:scanforpay_delivery_desk"


def test_the_list_is_filtered(staff: Client, rows: Rows, zoo: Zoo) -> None:
    dead = given_up(rows, zoo, 1)[0]
    waiting = rows.notification("http://127.0.0.1:82/")
    for query in (
        {"state__exact": "exhausted"},
        {"reason": "HTTP status 410"},
        {"endpoint": dead.endpoint},
        {"order__store__id__exact": dead.order.store_id},
    ):
        page = staff.get(reverse(LIST), query).content.decode()
        assert dead.order.partner_order_no in page
        assert waiting.order.partner_order_no not in page


def test_tabs_rows_and_buttons_of_the_list(staff: Client, rows: Rows, zoo: Zoo) -> None:
    dead = given_up(rows, zoo, 1)[0]
    rows.notification(zoo.answering(b"success"))
    drain()
    page = staff.get(reverse(LIST)).content.decode()
    assert "100 % at the first attempt" in page
    assert 'href="?state__exact=exhausted"' in page
    assert "Resend 1" in page
    # Of the two rows the delivered one has no button.
    assert page.count('form="sp-one"') == 1
    form = {"_resend_endpoint": "1", "endpoint": dead.endpoint}
    page = staff.post(reverse(DESK), form, follow=True).content.decode()
    assert "1 notification will be resent." in page
    assert f"1 of {conf.notify_max_attempts}" not in page
    assert f"0 of {conf.notify_max_attempts}" in page


def test_todays_deliveries_are_those_of_the_own_stores(rows: Rows, zoo: Zoo) -> None:
    own = rows.notification(zoo.answering(b"success"))
    for _ in range(3):
        rows.notification(zoo.answering(b"success"))
    drain()
    clerk = sign_in("", "view_notification", store=own.order.store)
    page = " ".join(clerk.get(reverse(LIST)).content.decode().split())
    assert '<h2 class="s">Delivered today</h2><div class="sp-fig">1</div>' in page
    Notification.objects.update(delivered_at=clock.now() - timedelta(days=2))
    page = " ".join(clerk.get(reverse(LIST)).content.decode().split())
    assert '<h2 class="s">Delivered today</h2><div class="sp-fig">0</div>' in page


def test_anothers_endpoint_is_not_sent_again(rows: Rows, zoo: Zoo) -> None:
    dead = given_up(rows, zoo, 1)[0]
    other = rows.order("https://other.example/n")
    stranger = sign_in("", "view_notification", "resend_notification", partner=other.partner)
    stranger.post(reverse(DESK), {"_resend_endpoint": "1", "endpoint": dead.endpoint})
    dead.refresh_from_db()
    assert dead.state == "exhausted"


def test_resending_stands_in_the_orders_timeline_and_in_history(staff: Client, rows: Rows, zoo: Zoo) -> None:
    dead = given_up(rows, zoo, 1)[0]
    staff.post(reverse(LIST), {"action": "send_selected_again", "_selected_action": [dead.pk]})
    assert dead.order.events.get(data__act="resend").data["message"] == dead.message_id
    assert LogEntry.objects.get(object_id=str(dead.pk)).get_change_message() == "Resent."


@pytest.mark.parametrize(
    ("took", "bar"),
    [
        (0, {"y": 17, "height": 3, "failed": False}),
        (2000, {"y": 0, "height": 20, "failed": False}),
        (99999, {"y": 0, "height": 20, "failed": False}),
        (-1, {"y": 17, "height": 3, "failed": True}),
        (-2001, {"y": 0, "height": 20, "failed": True}),
    ],
)
def test_a_try_is_a_bar(took: int, bar: dict[str, Any]) -> None:
    assert draw_tries([1, took])[1] == {"x": 4, **bar}


def test_all_dead_ones_of_a_partner_are_sent_again(staff: Client, rows: Rows, zoo: Zoo) -> None:
    mine, other = given_up(rows, zoo), given_up(rows, zoo, 1)
    form = {"partner": mine[0].order.partner_id, "since_0": "", "since_1": "", "_resend": "1"}
    page = staff.post(reverse(DESK), form, follow=True)
    assert "2 notifications will be resent" in page.content.decode()
    assert states() == ["pending", "pending", "exhausted"]
    assert other[0].order.partner_id != mine[0].order.partner_id


def test_a_test_needs_an_address(staff: Client) -> None:
    assert "Give an address" in staff.post(reverse(DESK), {"url": "", "_test": "1"}).content.decode()


def test_who_may_not_send_again_has_no_desk(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("viewer", is_staff=True))
    assert client.get(reverse(DESK)).status_code == 403


def test_the_endpoints_page_says_how_it_goes(staff: Client, rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    rows.notification(zoo.answering(b"fail"))
    drain()
    Endpoint.objects.filter(failed_count=1).update(open_since=clock.now())
    page = staff.get(reverse("admin:scanforpay_endpoint_changelist")).content.decode()
    assert "100%" in page
    assert "0%" in page
    assert " ms" in page
    for row in Endpoint.objects.all():
        assert staff.get(reverse("admin:scanforpay_endpoint_change", args=[row.pk])).status_code == 200
    lines = shell("endpoints")
    assert "breaker open  success 0%  median -  waiting 1" in lines
    assert "breaker closed  success 100%" in lines


@pytest.mark.parametrize(
    "posted",
    [
        {"_resend": "1", "partner": "x", "since_0": "9999-12-31", "since_1": "23:59"},
        {"_test": "1", "url": "http://a\0b/"},
        {"_test": "1", "url": "javascript:alert(1)", "store": "9" * 40},
        {"_test": "1", "url": "javascript:alert('<script>')"},
        {"_test": "1", "url": "http://[::1%eth0]/"},
    ],
)
def test_odd_forms_are_no_500(staff: Client, rows: Rows, posted: dict[str, str]) -> None:
    partner = rows.partner()
    posted = {**posted, **({"partner": str(partner.pk)} if posted.get("partner") == "1" else {})}
    answer = staff.post(reverse(DESK), posted)
    assert answer.status_code in {200, 302}
    assert b"<script>'" not in answer.content


@pytest.fixture
def failing(merchant: Merchant) -> list[HandlerCall]:
    """Two that were given up and one that waits, of one handler; one that has never failed, of another."""
    error = 'Traceback (most recent call last):\n  File "shop.py", line 3, in ship\nValueError: no <stock>'
    made = []
    for state, attempts in (("exhausted", 19), ("exhausted", 19), ("pending", 2), ("done", 1)):
        call = HandlerCall(order=new_order(merchant), event="paid", handler="shop.ship", state=state)
        call.attempt_count, call.last_error = attempts, error
        call.next_at = clock.now() + timedelta(hours=1)
        call.save()
        made.append(call)
    HandlerCall.objects.create(order=new_order(merchant), event="paid", handler="shop.mail")
    return made


def test_the_desk_shows_failing_handlers_and_has_them_called_again(
    staff: Client, failing: list[HandlerCall]
) -> None:
    page = staff.get(reverse(DESK)).content.decode()
    assert "ValueError: no &lt;stock&gt;</summary>" in page
    assert "shop.mail" not in page
    answer = staff.post(reverse(DESK), {"_call_again": "shop.ship"}, follow=True)
    assert "3 handlers will be called again." in answer.content.decode()
    states = (
        HandlerCall.objects.filter(handler="shop.ship").order_by("pk").values_list("state", "attempt_count")
    )
    assert list(states) == [("pending", 0)] * 3 + [("done", 1)]
    assert HandlerCall.objects.due().count() == 4


def test_a_call_that_a_process_is_making_is_not_made_twice(staff: Client, failing: list[HandlerCall]) -> None:
    HandlerCall.objects.filter(state="pending").update(lease_token="of a process")
    staff.post(reverse(DESK), {"_call_again": "shop.ship"})
    assert HandlerCall.objects.get(pk=failing[2].pk).attempt_count == 2


@pytest.mark.parametrize("granted", ["", "view_handlercall"])
def test_who_may_not_call_again_has_no_button(
    client: Client, django_user_model: Any, failing: list[HandlerCall], granted: str
) -> None:
    user = django_user_model.objects.create_user("clerk", is_staff=True)
    names = ["view_all_partners", "resend_notification", "view_notification", granted]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    page = client.get(reverse(DESK)).content.decode()
    assert ("shop.ship" in page) is bool(granted)
    assert "_call_again" not in page
    assert client.post(reverse(DESK), {"_call_again": "shop.ship"}).status_code == 403
    assert HandlerCall.objects.filter(state="exhausted").count() == 2


def test_failing_handlers_in_the_shell(failing: list[HandlerCall]) -> None:
    shown = shell("handlers")
    assert "shop.ship  event paid  given up 2  waiting 1" in shown
    assert "ValueError: no <stock>" in shown
    assert "shop.mail" not in shown
    assert "will be called" not in shown
    assert "0 will be called again" in shell("handlers", "--handler", "shop.other", "--call-again")
    assert "3 will be called again" in shell("handlers", "--call-again")


def test_the_orders_page_shows_its_handler_calls(staff: Client, failing: list[HandlerCall]) -> None:
    page = staff.get(reverse("admin:scanforpay_order_change", args=[failing[0].order_id])).content.decode()
    assert "ValueError: no &lt;stock&gt;" in page


@pytest.mark.parametrize(("skew", "words"), [(1860, "31:00 ahead"), (-45, "0:45 behind")])
@pytest.mark.parametrize("model", ["order", "notification"])
def test_the_lists_say_whose_clock_is_wrong(
    merchant: Merchant, staff: Client, model: str, skew: int, words: str
) -> None:
    address = reverse(f"admin:scanforpay_{model}_changelist")
    assert "clock" not in staff.get(address).content.decode().partition('<div id="content"')[0]
    HostClock.objects.record("web-1", skew)
    page = staff.get(address).content.decode()
    assert (
        f"The clock of web-1 is {words} of the database" in page or f"web-1 is {words} the database" in page
    )
