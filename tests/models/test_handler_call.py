"""The rows of handler calls."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from scanforpay_django import clock
from scanforpay_django.models import HandlerCall
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db


def test_one_row_for_an_order_event_subject_and_handler(merchant: Merchant) -> None:
    order = new_order(merchant)
    HandlerCall.objects.create(order=order, event="paid", handler="a.b")
    with pytest.raises(IntegrityError), transaction.atomic():
        HandlerCall.objects.create(order=order, event="paid", handler="a.b")
    HandlerCall.objects.create(order=order, event="paid", handler="a.B")
    HandlerCall.objects.create(order=order, event="refunded", subject="r1", handler="a.b")
    assert HandlerCall.objects.count() == 3


def test_what_is_due_is_pending_and_its_time_has_come(merchant: Merchant) -> None:
    order = new_order(merchant)
    due = HandlerCall.objects.create(order=order, event="paid", handler="a")
    HandlerCall.objects.create(
        order=order, event="paid", handler="b", next_at=clock.now() + timedelta(hours=1)
    )
    HandlerCall.objects.create(order=order, event="paid", handler="c", state="done")
    assert list(HandlerCall.objects.due()) == [due]
