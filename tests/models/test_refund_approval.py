"""Requests for a second person."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from scanforpay_django.models import RefundApproval
from scanforpay_django.models.refund_approval import TIME_TO_DECIDE
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db


def test_an_order_has_one_that_waits(merchant: Merchant) -> None:
    order = new_order(merchant)
    values: dict[str, Any] = {"order": order, "amount": 1, "currency": "CNY", "requested_by": "one"}
    first = RefundApproval.objects.create(**values)
    assert abs(first.decide_until - first.requested_at - TIME_TO_DECIDE).total_seconds() < 60
    with pytest.raises(IntegrityError), transaction.atomic():
        RefundApproval.objects.create(**values)
    RefundApproval.objects.update(state="declined")
    for _ in range(2):
        RefundApproval.objects.create(**values, state="approved")
    RefundApproval.objects.create(**values)


def test_it_is_its_requesters_whatever_the_name_is(django_user_model: Any) -> None:
    one, two = (django_user_model.objects.create_user(name) for name in ("one", "two"))
    approval = RefundApproval(requested_by="two", requested_by_key=str(one.pk))
    assert approval.belongs_to(one)
    assert not approval.belongs_to(two)
