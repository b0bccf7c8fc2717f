"""The present moment, by the database's clock."""

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Partner, moments

pytestmark = pytest.mark.django_db


def seconds_from_now() -> float:
    Partner.objects.get_or_create(partner_no="1", name="Tea house")
    found = Partner.objects.annotate(moment=moments.database_now()).get().moment
    return (found - clock.host_now()).total_seconds()


def test_the_database_says_what_time_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert abs(seconds_from_now()) < 60
    monkeypatch.setattr(clock, "offset_seconds", lambda: 3600)
    assert abs(seconds_from_now() - 3600) < 60


def test_what_was_stored_in_this_millisecond_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(50):
        partner = Partner.objects.create(partner_no=str(Partner.objects.count() + 1), created_at=clock.now())
        assert Partner.objects.filter(pk=partner.pk, created_at__lte=moments.due_moment()).exists()
    monkeypatch.setattr(clock, "offset_seconds", lambda: -3600)
    assert not Partner.objects.filter(created_at__lte=moments.due_moment()).exists()
