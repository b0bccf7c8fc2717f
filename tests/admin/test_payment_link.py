"""Payment links: an order by hand, its address, code, card and text."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.admin.models import ADDITION, LogEntry
from django.test import Client

from scanforpay_django.models import Order, Partner, Store
from tests.admin.pages import url
from tests.merchant import Merchant
from tests.people import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
ADD = url(Order, "add")


def fill(merchant: Merchant, **changes: Any) -> dict[str, Any]:
    made = {
        "store": merchant.store.pk,
        "amount": "456.00",
        "title": "春节礼盒",
        "wallet": "Any",
        "lifetime": "900",
    }
    return {**made, **changes}


def place(order: Order, page: str) -> str:
    return f"{url(Order, 'changelist')}{order.pk}/{page}"


def test_a_link_is_made_once(staff: Client, merchant: Merchant) -> None:
    form = staff.get(ADD).context["form"]
    assert form.fields["store"].initial == merchant.store
    attempt = form["attempt"].value()
    answers = [staff.post(ADD, fill(merchant, attempt=attempt)) for _ in range(2)]
    order = Order.objects.get()
    assert {answer.headers["Location"] for answer in answers} == {place(order, "link/")}
    assert (order.amount, order.currency, order.title, order.wallet) == (45600, "CNY", "春节礼盒", "Any")
    assert (order.entry, order.operator_id, order.notify_url) == ("link", "boss", "")
    assert order.expires_at - order.created_at < timedelta(minutes=15, seconds=5)
    assert LogEntry.objects.filter(object_id=str(order.pk), action_flag=ADDITION).exists()
    page = staff.get(place(order, "link/")).content.decode()
    assert order.pay_url in page
    assert f"山茶小铺：春节礼盒，¥456.00。付款链接：{order.pay_url}" in page
    assert (
        "新建付款链接"
        in staff.get(url(Order, "changelist"), headers={"accept-language": "zh-hans"}).content.decode()
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "x"}, "amount"), ({"amount": "0"}, "amount"), ({"amount": "1.234"}, "amount"),
        ({"store": ""}, "store"), ({"store": "999"}, "store"), ({"wallet": "Gold"}, "wallet"),
        ({"lifetime": "1"}, "lifetime"), ({"number": "a b"}, "number"), ({"number": "taken"}, "__all__"),
        ({"title": "x" * 101}, "title"), ({"amount": "9" * 18}, "amount"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field(
    staff: Client, merchant: Merchant, changes: dict[str, Any], field: str
) -> None:
    merchant.create(partnerOrderNo="taken")
    answer = staff.post(ADD, fill(merchant, **changes))
    assert list(answer.context["form"].errors) == [field]
    assert Order.objects.count() == 1


def test_until_the_end_of_the_stores_day(staff: Client, merchant: Merchant) -> None:
    Store.objects.update(timezone="Asia/Tokyo")
    tokyo = ZoneInfo("Asia/Tokyo")
    with time_machine.travel(datetime(2026, 11, 28, 21, 30, tzinfo=tokyo), tick=False):
        staff.post(ADD, fill(merchant, lifetime="today"))
    with time_machine.travel(datetime(2026, 11, 28, 23, 59, tzinfo=tokyo), tick=False):
        staff.post(ADD, fill(merchant, lifetime="today"))
    ends = [
        moment.astimezone(tokyo)
        for moment in Order.objects.order_by("pk").values_list("expires_at", flat=True)
    ]
    # No order may be paid for less than five minutes.
    assert ends == [datetime(2026, 11, 29, tzinfo=tokyo), datetime(2026, 11, 29, 0, 4, tzinfo=tokyo)]


def test_the_page_follows_the_order(staff: Client, merchant: Merchant) -> None:
    staff.post(ADD, fill(merchant))
    order = Order.objects.get()
    assert staff.get(place(order, "link/state/")).json()["ends"] is False
    Order.objects.update(state="paid", paid_at=order.created_at)
    told = staff.get(place(order, "link/state/")).json()
    assert told["ends"] is True
    assert "sp-note ok" in told["html"]
    for name, kind in (
        ("code.svg", "image/svg+xml"),
        ("code.png", "image/png"),
        ("card.pdf", "application/pdf"),
    ):
        drawn = staff.get(place(order, f"link/{name}"))
        assert (drawn.status_code, drawn.headers["Content-Type"]) == (200, kind)
        assert len(drawn.content) > 500


@pytest.mark.parametrize(("role", "status"), [("cashier", 302), ("accountant", 403), ("developer", 403)])
def test_each_role_makes_links_for_its_own_stores(merchant: Merchant, role: str, status: int) -> None:
    other = Partner.objects.create(partner_no="20002", name="Other")
    foreign = Store.objects.create(partner=other, store_no="200020000000001", name="Other")
    client = sign_in(role, store=merchant.store)
    assert client.post(ADD, fill(merchant)).status_code == status
    refused = client.post(ADD, fill(merchant, store=foreign.pk))
    assert refused.status_code in (200, 403)
    assert not Order.objects.filter(store=foreign).exists()
    assert "Other" not in client.get(ADD).content.decode()


def test_a_strangers_link_is_not_there(staff: Client, merchant: Merchant) -> None:
    staff.post(ADD, fill(merchant))
    order = Order.objects.get()
    other = Partner.objects.create(partner_no="20002", name="Other")
    client = sign_in("cashier", partner=other)
    for page in ("link/", "link/state/", "link/code.svg", "link/code.png", "link/card.pdf"):
        assert client.get(place(order, page)).status_code == 404, page
