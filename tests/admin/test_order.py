"""Orders and flags in the admin."""

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.models import Flag, Order
from tests.admin.pages import url
from tests.merchant import Merchant, new_order


@pytest.mark.django_db(transaction=True)
def test_a_cleared_flag_keeps_who_cleared_it(merchant: Merchant, client: Client, django_user_model) -> None:
    one = django_user_model.objects.create_superuser("one", "a@example.com", "x")
    two = django_user_model.objects.create_superuser("two", "b@example.com", "x")
    flag = Flag.objects.create(
        order=new_order(merchant),
        kind="late_payment",
        cleared_at=clock.now(),
        cleared_by=one,
        reason="done",
    )
    client.force_login(two)
    assert client.post(url(Flag, "change", flag.pk), {"reason": "mine"}).status_code in (302, 403)
    flag.refresh_from_db()
    assert (flag.cleared_by, flag.reason) == (one, "done")


def test_orders_cannot_be_edited_or_deleted(busy: Merchant, staff: Client) -> None:
    order = Order.objects.first()
    assert staff.post(url(Order, "change", order.pk), {"state": "refunded"}).status_code == 403
    assert staff.post(url(Order, "delete", order.pk), {"post": "yes"}).status_code == 403
    order.refresh_from_db()
    assert order.state != "refunded"


def test_a_flag_is_cleared_with_a_reason(busy: Merchant, staff: Client) -> None:
    flag = Flag.objects.get()
    page = staff.post(url(Flag, "change", flag.pk), {"reason": ""})
    assert page.status_code == 200
    staff.post(url(Flag, "change", flag.pk), {"reason": "refunded in Alipay's console"})
    flag.refresh_from_db()
    assert flag.cleared_at is not None
    assert flag.cleared_by.username == "boss"
