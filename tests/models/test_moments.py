"""The present moment, by the database's clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scanforpay_django.models import Partner, moments

pytestmark = pytest.mark.django_db


def seconds_from_now() -> float:
    Partner.objects.get_or_create(partner_no="1", name="Tea house")
    found = Partner.objects.annotate(moment=moments.database_now()).get().moment
    return (found - timezone.now()).total_seconds()


def test_the_database_says_what_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(seconds_from_now()) < 60
    monkeypatch.setattr(moments, "clock_offset_seconds", lambda: timedelta(hours=1).total_seconds())
    assert abs(seconds_from_now() - 3600) < 60


def test_what_was_stored_in_this_millisecond_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(50):
        partner = Partner.objects.create(
            partner_no=str(Partner.objects.count() + 1), created_at=timezone.now()
        )
        assert Partner.objects.filter(pk=partner.pk, created_at__lte=moments.due_moment()).exists()
    monkeypatch.setattr(moments, "clock_offset_seconds", lambda: -3600.0)
    assert not Partner.objects.filter(created_at__lte=moments.due_moment()).exists()
