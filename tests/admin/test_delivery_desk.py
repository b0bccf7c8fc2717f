"""The delivery desk in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Endpoint
from tests.delivery_desk import given_up, shell, states
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
        {"alarmed_at__isempty": "0"},
    ):
        page = staff.get(reverse(LIST), query).content.decode()
        assert dead.message_id in page
        assert waiting.message_id not in page


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
    Endpoint.objects.filter(failed_count=1).update(open_since=timezone.now())
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
