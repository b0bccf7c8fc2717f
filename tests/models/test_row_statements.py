"""Rows by statements that are written once: the same as the ORM's."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from scanforpay_django import clock
from scanforpay_django.models import Notification, Order, OrderEvent
from scanforpay_django.models.row_statements import RowInsert, RowReader
from tests.merchant import Merchant
from tests.rows import Rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(merchant: Merchant) -> Order:
    merchant.create()
    return Order.objects.get()


def test_a_row_is_read_as_the_orm_reads_it(order: Order) -> None:
    event = OrderEvent.objects.create(order=order, source="api", data={"amount": 5, "text": "茶"})
    reader = RowReader(OrderEvent, "e")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {reader.columns} FROM {OrderEvent._meta.db_table} e")
        found = reader.read("default", cursor.fetchone())
    wanted = OrderEvent.objects.get()
    assert found == wanted == event
    assert (found.at, found.data, found.source) == (wanted.at, wanted.data, wanted.source)
    found.actor = "changed"
    found.save()
    assert OrderEvent.objects.get().actor == "changed"


def test_a_row_is_written_with_its_defaults_in_one_statement(order: Order) -> None:
    before = clock.now()
    with CaptureQueriesContext(connection) as captured:
        event = RowInsert(OrderEvent).write(order_id=order.pk, source="api", data={"text": "100% 茶"})
    assert len(captured) == 1
    stored = OrderEvent.objects.get()
    assert (event.pk, event.at, event.data) == (stored.pk, stored.at, stored.data)
    assert stored.at >= before
    assert (stored.actor, stored.from_state) == ("", "")


def test_what_the_database_fills_in_is_left_to_it(rows: Rows) -> None:
    notification = rows.notification("https://shop.example/")
    stored = Notification.objects.get(pk=notification.pk)
    assert stored.is_paid_kind_or_null is True
    assert stored.next_at <= clock.now()


def test_a_row_that_is_there_is_written_once(order: Order) -> None:
    orders = RowInsert(Order, once=["partner_id", "partner_order_no"])
    values = {field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields[1:]}
    fresh = {"order_no": "n" * 20, "token": "t" * 22, "scan_token": "s" * 22}
    assert orders.write_once(**{**values, **fresh}) is None
    made = orders.write_once(**{**values, **fresh, "partner_order_no": "another"})
    assert made is not None
    assert made == Order.objects.get(partner_order_no="another")
    with pytest.raises(IntegrityError):
        orders.write(**{**values, **fresh})
