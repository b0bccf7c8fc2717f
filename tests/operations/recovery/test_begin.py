"""A recovery begins once, and ends once."""

from datetime import timedelta

import pytest

from scanforpay_django import clock
from scanforpay_django.models import ChainLink, RestoreMark
from scanforpay_django.operations.chain.segments import NotARoot
from scanforpay_django.operations.recovery.begin import RecoveryRefused, begin_recovery, end_recovery

pytestmark = pytest.mark.django_db


def test_it_goes_on_until_it_is_ended() -> None:
    copy = clock.now() - timedelta(hours=2)
    mark, is_new = begin_recovery(copy)
    assert (is_new, begin_recovery(copy)) == (True, (mark, False))
    assert RestoreMark.objects.under_way() == mark
    with pytest.raises(RecoveryRefused, match="--end"):
        begin_recovery(copy - timedelta(hours=1))
    assert [end_recovery(mark), end_recovery(mark)] == [True, False]
    assert RestoreMark.objects.under_way() is None
    assert begin_recovery(copy)[1]


def test_the_chain_has_a_new_segment() -> None:
    copy = clock.now() - timedelta(hours=2)
    with pytest.raises(NotARoot):
        begin_recovery(copy, last_root="12")
    assert not RestoreMark.objects.exists()
    root = f"12:{'a' * 64}"
    begin_recovery(copy, last_root=root)
    [segment] = ChainLink.objects.filter(act="segment", content__contains=root)
    assert "recovery" in segment.content
    begin_recovery(copy, last_root=root)
    assert ChainLink.objects.filter(act="segment", content__contains=root).count() == 1


@pytest.mark.parametrize("ago", [timedelta(seconds=-5), timedelta(days=91)])
def test_a_time_that_cannot_be_meant_is_refused(ago: timedelta) -> None:
    with pytest.raises(RecoveryRefused):
        begin_recovery(clock.now() - ago)
    assert not RestoreMark.objects.exists()


def test_two_that_began_at_once_end_together() -> None:
    copy = clock.now() - timedelta(hours=2)
    first, second = (RestoreMark.objects.create(backup_from=copy) for _command in range(2))
    assert RestoreMark.objects.under_way() == second
    assert end_recovery(second)
    assert RestoreMark.objects.under_way() is None
    first.refresh_from_db()
    assert first.ended_at is not None


def test_a_mark_that_was_made_by_hand_begins_no_recovery() -> None:
    RestoreMark.objects.create()
    assert RestoreMark.objects.under_way() is None
