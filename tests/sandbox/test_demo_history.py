"""The days before that the demo begins with."""

import pytest
from django.test import Client

from demo_project.history import write_history
from demo_project.management.commands.demo import seed
from scanforpay_django.models import DailyFigure, Flag, Notification, Order, Refund
from scanforpay_django.operations.audit import audit

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_week_is_believable(staff: Client) -> None:
    seed()
    number = write_history(7)
    assert number == Order.objects.count() > 200
    assert list(audit()) == []
    assert set(Order.objects.values_list("currency", flat=True)) == {"CNY", "HKD", "JPY"}
    for model, most in ((Flag, 20), (Refund, 40), (Notification.objects.filter(state="exhausted"), 20)):
        rows = model if not isinstance(model, type) else model.objects.all()
        assert 0 < rows.count() < most
    assert DailyFigure.objects.count() > 20
    for place in ("", "order/", "notification/", f"order/{Order.objects.latest('pk').pk}/change/"):
        assert staff.get(f"/admin/scanforpay/{place}").status_code == 200
    assert write_history(7) == 0
    assert Order.objects.count() == number
