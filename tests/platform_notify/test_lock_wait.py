"""An inbound call waits for SQLite's lock for less time than a platform waits for its answer."""

import pytest
from django.db import connection

from scanforpay_django.platform_notify.lock_wait import WAIT_MILLISECONDS, short_lock_wait

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


def busy_timeout() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return int(cursor.fetchone()[0])


def test_the_wait_is_short_inside_and_as_before_afterwards() -> None:
    before = busy_timeout()
    inside = []

    def fail() -> None:
        with short_lock_wait():
            inside.append(busy_timeout())
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    assert inside == [WAIT_MILLISECONDS]
    assert busy_timeout() == before
    assert WAIT_MILLISECONDS < 5000
