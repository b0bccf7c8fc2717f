"""Roots of the chain."""

from datetime import date

import pytest

from scanforpay_django.models import ChainRoot

pytestmark = pytest.mark.django_db


def make(day: int) -> ChainRoot:
    return ChainRoot.objects.create(
        day=date(2026, 11, day), number=day, mac="a" * 64, link_count=1, fingerprint="f", signature="s"
    )


def test_the_last_one_up_to_a_day() -> None:
    assert ChainRoot.objects.newest() is None
    make(5)
    make(9)
    assert str(ChainRoot.objects.newest()) == f"9:{'a' * 64}"
    assert ChainRoot.objects.newest(date(2026, 11, 8)).number == 5
    assert ChainRoot.objects.newest(date(2026, 11, 4)) is None


def test_one_worker_mails_it() -> None:
    root = make(5)
    assert ChainRoot.objects.lease_for_mail(root.pk, 600)
    assert not ChainRoot.objects.lease_for_mail(root.pk, 600)
    ChainRoot.objects.update(mail_leased_until="2020-01-01T00:00Z")
    assert ChainRoot.objects.lease_for_mail(root.pk, 600)
    ChainRoot.objects.update(mail_leased_until=None, mailed_at="2020-01-01T00:00Z")
    assert not ChainRoot.objects.lease_for_mail(root.pk, 600)
