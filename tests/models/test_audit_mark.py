"""How far the audit has looked."""

import pytest

from scanforpay_django.models import AuditFailure, AuditMark

pytestmark = pytest.mark.django_db


def test_a_mark_is_one_row_for_each_model() -> None:
    AuditMark.objects.move({"scanforpay.Order": 3, "scanforpay.Flag": 1})
    AuditMark.objects.move({"scanforpay.Order": 7})
    assert AuditMark.objects.by_model() == {"scanforpay.Order": 7, "scanforpay.Flag": 1}


def test_the_failures_of_a_look_are_the_last_ones() -> None:
    AuditFailure.objects.replace("a", [1, 2])
    AuditFailure.objects.replace("b", [2])
    AuditFailure.objects.replace("a", [2, 3])
    assert sorted(AuditFailure.objects.keys("a")) == [2, 3]
    assert AuditFailure.objects.keys("b") == [2]
