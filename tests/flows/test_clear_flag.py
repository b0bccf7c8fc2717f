"""A flag is cleared once, with who and why."""

from typing import Any

import pytest

from scanforpay_django.flows.clear_flag import clear_flag, clear_flags
from scanforpay_django.models import Cause, Flag, Source
from tests.merchant import Merchant, new_order

pytestmark = pytest.mark.django_db
BY_STAFF = Cause(source=Source.STAFF, actor="chen.yu")


def test_the_first_who_clears_it_stays(merchant: Merchant, django_user_model: Any) -> None:
    first, second = (django_user_model.objects.create_user(name) for name in ("one", "two"))
    flag = Flag.objects.create(order=new_order(merchant), kind="refund_sum")
    assert clear_flag(flag, BY_STAFF, user=first, reason="compared") is True
    assert clear_flag(flag, BY_STAFF, user=second, reason="mine") is False
    flag.refresh_from_db()
    assert (flag.cleared_by, flag.reason) == (first, "compared")
    event = flag.order.events.get()
    assert (event.actor, event.data) == (
        "chen.yu",
        {"act": "clear_flag", "flag": "refund_sum", "flag_id": flag.pk, "reason": "compared"},
    )


def test_its_cause_clears_flags_of_one_kind(merchant: Merchant) -> None:
    order = new_order(merchant)
    for kind in ("late_payment", "refund_sum"):
        Flag.objects.create(order=order, kind=kind)
    clear_flags(order, "late_payment", reason="accepted", cause=BY_STAFF)
    assert [flag.kind for flag in Flag.objects.filter(cleared_at=None)] == ["refund_sum"]
    assert order.events.count() == 1
