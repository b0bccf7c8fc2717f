"""Staff take the orders that a list shows with them."""

import csv
import io
import zipfile
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import AsyncClient, Client

from scanforpay_django.admin import order_export
from scanforpay_django.models import Order, StaffScope
from tests.admin.pages import url
from tests.rows import Rows

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = url(Order, "changelist")
SHOP = "https://shop.example/notify"


def read(answer: Any) -> list[list[str]]:
    """The rows of a CSV answer, without the heading."""
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))[1:]


def test_the_file_is_what_the_list_is_filtered_to(staff: Client, rows: Rows) -> None:
    paid, other = rows.order(SHOP), rows.order(SHOP, state="closed")
    everything = staff.get(f"{ORDERS}export/csv/")
    assert everything.headers["Content-Disposition"].startswith('attachment; filename="orders-')
    assert everything.headers["Cache-Control"].startswith("private, no-store")
    assert [row[0] for row in read(everything)] == [other.order_no, paid.order_no]
    assert [row[0] for row in read(staff.get(f"{ORDERS}export/csv/?state=paid"))] == [paid.order_no]
    assert [row[0] for row in read(staff.get(f"{ORDERS}export/csv/?q={other.order_no}"))] == [other.order_no]
    assert [row[0] for row in read(staff.get(f"{ORDERS}export/csv/?p=2"))] == [other.order_no, paid.order_no]


def test_who_took_what_is_in_the_history(staff: Client, rows: Rows) -> None:
    rows.order(SHOP)
    read(staff.get(f"{ORDERS}export/csv/?state=paid"))
    entry = LogEntry.objects.get()
    assert entry.user.get_username() == "boss"
    assert entry.change_message == "exported 1 orders as CSV; filter: state=paid"


def test_an_excel_file(staff: Client, rows: Rows) -> None:
    order = rows.order(SHOP)
    answer = staff.get(f"{ORDERS}export/xlsx/")
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert order.order_no in archive.read("xl/worksheets/sheet1.xml").decode()
    assert LogEntry.objects.get().object_repr == "XLSX: 1"


def test_the_list_leads_to_its_files(staff: Client, rows: Rows) -> None:
    rows.order(SHOP)
    page = staff.get(f"{ORDERS}?state=paid").content.decode()
    assert f'href="{ORDERS}export/csv/?state=paid"' in page
    assert f'href="{ORDERS}export/xlsx/?state=paid"' in page


def test_only_who_may_export_does(client: Client, django_user_model: Any, rows: Rows) -> None:
    rows.order(SHOP)
    user = django_user_model.objects.create_user("cashier", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_order"))
    client.force_login(user)
    assert "export/csv" not in client.get(ORDERS).content.decode()
    for name in ("csv", "xlsx"):
        assert client.get(f"{ORDERS}export/{name}/").status_code == 403
    assert not LogEntry.objects.exists()


def test_a_filter_that_cannot_be_read_is_said(staff: Client, rows: Rows) -> None:
    rows.order(SHOP)
    answer = staff.get(f"{ORDERS}export/csv/?from=x", follow=True)
    assert answer.redirect_chain
    assert "Enter a day like" in answer.content.decode()


@pytest.mark.parametrize(("language", "heading"), [("en", "order number"), ("zh-hans", "订单号")])
def test_headings_are_in_the_readers_language(staff: Client, rows: Rows, language: str, heading: str) -> None:
    rows.order(SHOP)
    answer = staff.get(f"{ORDERS}export/csv/", headers={"accept-language": language})
    assert b"".join(answer.streaming_content).decode("utf-8-sig").startswith(heading)


def test_a_shops_staff_take_their_own_orders(client: Client, django_user_model: Any, rows: Rows) -> None:
    """Without the right to see all partners: what the list shows is what the file has."""
    own, other = rows.order(SHOP), rows.order(SHOP)
    user = django_user_model.objects.create_user("manager", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_order", "export_order"]))
    client.force_login(user)
    assert read(client.get(f"{ORDERS}export/csv/")) == []
    StaffScope.objects.create(user=user, store=own.store)
    assert [row[0] for row in read(client.get(f"{ORDERS}export/csv/"))] == [own.order_no]
    answer = client.get(f"{ORDERS}export/xlsx/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert own.order_no in sheet
    assert other.order_no not in sheet


async def read_under_asgi(user: Any, name: str) -> bytes:
    client = AsyncClient()
    await client.aforce_login(user)
    answer = await client.get(f"{ORDERS}export/{name}/")
    assert answer.is_async
    return b"".join([part async for part in answer.streaming_content])


def test_under_asgi_too(django_user_model: Any, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """Django warns, and these tests fail, where it would have to collect the whole answer first."""
    monkeypatch.setattr(order_export, "PARTS_TOGETHER", 2)
    made = [rows.order(SHOP) for _ in range(5)]
    boss = django_user_model.objects.create_superuser("boss", "boss@example.com", "x")
    text = async_to_sync(read_under_asgi)(boss, "csv").decode("utf-8-sig")
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [row[0] for row in found] == [order.order_no for order in reversed(made)]
    with zipfile.ZipFile(io.BytesIO(async_to_sync(read_under_asgi)(boss, "xlsx"))) as archive:
        assert made[0].order_no in archive.read("xl/worksheets/sheet1.xml").decode()
    assert [entry.object_repr for entry in LogEntry.objects.order_by("pk")] == ["CSV: 5", "XLSX: 5"]
