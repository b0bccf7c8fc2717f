"""Every moment that leaves the house is in the project's time zone; CI runs this with USE_TZ = False as well."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scanforpay_django import clock
from scanforpay_django.models import Notification, Order, SignKey
from tests.admin.pages import url
from tests.merchant import Merchant
from tests.platform import WeChatNotice, give_credentials, open_payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(merchant: Merchant) -> Order:
    """An order that was paid 40 days ago."""
    give_credentials(merchant)
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    assert WeChatNotice(payment).send().status_code == 200
    moment = clock.now() - timedelta(days=40)
    Order.objects.update(created_at=moment, paid_at=moment)
    return Order.objects.get()


def local(moment: datetime) -> datetime:
    return timezone.make_naive(moment, timezone.get_default_timezone())


def test_the_wire_names_its_offset(merchant: Merchant, paid: Order) -> None:
    told = datetime.fromisoformat(merchant.query(partnerOrderNo=paid.partner_order_no)["payTime"])
    assert told == paid.paid_at.replace(microsecond=0)
    assert told.replace(tzinfo=None) == local(paid.paid_at).replace(microsecond=0)


def test_admin_shows_and_filters_by_the_projects_days(staff: Client, paid: Order) -> None:
    page = staff.get(url(Order, "change", paid.pk))
    assert f">{local(paid.paid_at):%Y-%m-%d %H:%M:%S}</time>" in page.content.decode()
    for days, number in ((0, 1), (1, 0), (-1, 0)):
        day = local(paid.created_at) + timedelta(days=days)
        only = {"from": f"{day:%Y-%m-%d}", "to": f"{day:%Y-%m-%d}"}
        found = staff.get(url(Order, "changelist"), only).context["cl"]
        assert len(found.result_list) == number, day


def test_a_new_sign_key_is_valid_at_once(merchant: Merchant, staff: Client) -> None:
    """Its form offers the present moment, which comes back as the project's time."""
    before = clock.now().replace(microsecond=0)
    form = staff.get(url(SignKey, "add")).context["adminform"].form
    began = form["valid_from"].value()
    shown = form.fields["valid_from"].widget.decompress(began)
    fields = {"partner": merchant.partner.pk, "name": "new", "existing": ""}
    fields |= {"valid_from_0": f"{shown[0]:%Y-%m-%d}", "valid_from_1": f"{shown[1]:%H:%M:%S}"}
    staff.post(url(SignKey, "add"), fields)
    assert before <= SignKey.objects.get(name="new").valid_from <= clock.now()


@pytest.mark.parametrize(("minutes", "state"), [(-1, "pending"), (1, "exhausted")])
def test_resending_counts_from_the_projects_time(
    staff: Client, paid: Order, minutes: int, state: str
) -> None:
    given_up = clock.now().replace(second=30, microsecond=0)
    Notification.objects.update(state="exhausted", alarmed_at=given_up, created_at=given_up, attempt_count=20)
    since = local(given_up + timedelta(minutes=minutes))
    fields = {"partner": paid.partner_id, "since_0": f"{since:%Y-%m-%d}", "since_1": f"{since:%H:%M:%S}"}
    staff.post(reverse("admin:scanforpay_delivery_desk"), {"_resend": "1", **fields})
    assert Notification.objects.get().state == state
