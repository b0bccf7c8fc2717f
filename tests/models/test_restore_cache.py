"""Requests of before a restore."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import RestoreMark
from scanforpay_django.models.restore_cache import is_before_restore, restored_at

pytestmark = pytest.mark.django_db


def test_only_a_recovery_divides_them() -> None:
    now = clock.host_now()
    assert not is_before_restore(now)
    RestoreMark.objects.create()
    restored_at.forget()
    assert not is_before_restore(now - timedelta(hours=1))
    RestoreMark.objects.create(backup_from=now - timedelta(hours=1))
    restored_at.forget()
    assert is_before_restore(now - timedelta(seconds=2))
    # Most merchants' moments have no part of a second.
    assert not is_before_restore(clock.host_now().replace(microsecond=0))
