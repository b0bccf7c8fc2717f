"""Flags: one of a kind is open at a time."""

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from scanforpay_django import clock
from scanforpay_django.models import Flag
from scanforpay_django.models.flag import ENDED_BY_ITSELF
from tests.merchant import Merchant, new_order


def test_an_order_has_one_open_flag_of_a_kind(merchant: Merchant) -> None:
    order = new_order(merchant)
    first = Flag.objects.create(order=order, kind=Flag.Kind.LATE_PAYMENT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Flag.objects.create(order=order, kind=Flag.Kind.LATE_PAYMENT)
    Flag.objects.create(order=order, kind=Flag.Kind.DUPLICATE_PAYMENT)
    Flag.objects.filter(pk=first.pk).update(cleared_at=clock.now())
    Flag.objects.create(order=order, kind=Flag.Kind.LATE_PAYMENT)
    assert order.flags.count() == 3


def test_our_own_reason_is_shown_in_the_active_language_and_a_persons_as_written(merchant: Merchant) -> None:
    ours, theirs = Flag(reason=ENDED_BY_ITSELF), Flag(reason="asked the bank")
    with override("zh-hans"):
        assert ours.reason_shown != ENDED_BY_ITSELF
        assert theirs.reason_shown == "asked the bank"
    with override("en"):
        assert ours.reason_shown == ENDED_BY_ITSELF
