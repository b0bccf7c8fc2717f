"""Staff's delivery desk, in admin and in the shell."""

import contextlib
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.models import Endpoint, Notification, NotificationAttempt, SignKey
from tests.rows import SECRET, Rows
from tests.transport.zoo import Zoo, whole

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "admin:scanforpay_notification_changelist"
DESK = "admin:scanforpay_delivery_desk"


@pytest.fixture
def staff(client: Client, django_user_model: Any) -> Client:
    client.force_login(django_user_model.objects.create_superuser("boss", "boss@example.com", "x"))
    return client


def shell(*arguments: str) -> str:
    out = StringIO()
    call_command("scanforpay_notifications", *arguments, stdout=out)
    return out.getvalue()


def given_up(rows: Rows, zoo: Zoo, number: int = 2) -> list[Notification]:
    store, url = rows.store(), zoo.answering(whole(b"", b"410 Gone"))
    made = [rows.notification(url, store) for _ in range(number)]
    assert drain().exhausted == number
    return made


def states() -> list[str]:
    return list(Notification.objects.order_by("pk").values_list("state", flat=True))


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


def test_only_those_given_up_since_then(rows: Rows, zoo: Zoo) -> None:
    first, _second = given_up(rows, zoo)
    before = timezone.now() - timedelta(days=3)
    Notification.objects.filter(pk=first.pk).update(alarmed_at=before, created_at=before)
    number = first.order.partner.partner_no
    since = (timezone.now() - timedelta(days=1)).isoformat()
    assert shell("resend", "--partner", number, "--since", since) == "1 will be resent\n"
    assert states() == ["exhausted", "pending"]


def test_a_test_shows_what_came_back_and_stores_nothing(staff: Client, rows: Rows, zoo: Zoo) -> None:
    url = zoo.answering(b"<b>bad signature</b>")
    order = rows.order(url)
    page = staff.post(reverse(DESK), {"store": order.store_id, "url": "", "_test": "1"}).content.decode()
    assert "&lt;b&gt;bad signature" in page
    assert "the answer is not “success”" in page
    assert (Notification.objects.count(), NotificationAttempt.objects.count()) == (0, 0)
    assert SignKey.objects.count() == 1
    body = zoo.bodies()[0]
    assert b'"status":0' in body
    assert order.partner_order_no.encode() not in body
    assert SECRET not in page


def test_a_test_goes_through_the_guard(staff: Client, settings: Any) -> None:
    settings.SCANFORPAY_OUTBOUND_ALLOW = []
    page = staff.post(reverse(DESK), {"url": "http://169.254.169.254/", "_test": "1"}).content.decode()
    assert "address refused: the host is not on the public internet" in page


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


def test_the_shell_lists_and_sends_again(rows: Rows, zoo: Zoo) -> None:
    first, second = given_up(rows, zoo)
    assert shell("list", "--state", "exhausted", "--reason", "410").count("\n") == 2
    assert shell("list", "--limit", "1").startswith(second.message_id)
    assert shell("resend", first.message_id) == "1 will be resent\n"
    assert states() == ["pending", "exhausted"]
    for wrong in (["resend"], ["resend", "--partner", "nobody"], ["test"], ["test", "--store", "x"]):
        with pytest.raises(CommandError):
            shell(*wrong)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/Lima"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_no_500(
    staff: Client, rows: Rows, settings: Any, zone: str, day: str
) -> None:
    settings.TIME_ZONE = zone
    partner = rows.partner()
    form = {"partner": partner.pk, "since_0": day, "since_1": "00:00" if day < "1" else "23:59"}
    page = staff.post(reverse(DESK), {**form, "_resend": "1"})
    is_beyond = (zone, day) in {("Asia/Shanghai", "0001-01-01"), ("America/Lima", "9999-12-31")}
    assert page.status_code == (200 if is_beyond else 302)
    assert ("Enter a valid date." in page.content.decode()) == is_beyond
    for since in (f"{day}T{form['since_1']}", "0001-01-01T00:00+08:00", "9999-12-31T23:59-05:00"):
        with contextlib.suppress(CommandError):
            shell("resend", "--partner", partner.partner_no, "--since", since)


@pytest.mark.parametrize("limit", ["-1", "x", ""])
def test_a_limit_is_a_number(limit: str) -> None:
    with pytest.raises(CommandError, match="--limit: invalid number value"):
        shell("list", "--limit", limit)


def test_the_shell_sends_a_test(zoo: Zoo) -> None:
    line = shell("test", "--url", zoo.answering(b"success"))
    assert "HTTP 200, acknowledged" in line
    assert line.endswith("success\n")


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
