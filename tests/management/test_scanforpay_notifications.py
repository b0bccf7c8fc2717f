"""The command scanforpay_notifications."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError
from django.test import Client
from django.urls import reverse

from scanforpay_django import clock
from scanforpay_django.models import Notification
from tests.delivery_desk import given_up, shell, states
from tests.rows import Rows
from tests.transport.zoo import Zoo

pytestmark = pytest.mark.django_db(transaction=True)

DESK = "admin:scanforpay_delivery_desk"


def test_only_those_given_up_since_then(rows: Rows, zoo: Zoo) -> None:
    first, _second = given_up(rows, zoo)
    before = clock.now() - timedelta(days=3)
    Notification.objects.filter(pk=first.pk).update(alarmed_at=before, created_at=before)
    number = first.order.partner.partner_no
    since = (clock.now() - timedelta(days=1)).isoformat()
    assert shell("resend", "--partner", number, "--since", since) == "1 will be resent\n"
    assert states() == ["exhausted", "pending"]


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
