"""The command scanforpay_worker."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from scanforpay_django.models import BillFile, Notification, Store
from tests.books.bills import account_of
from tests.books.fee_bills import DAY, bring
from tests.merchant import Merchant
from tests.operations.figures.calendar import At, at, store
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

__all__ = ["at", "store"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_once_delivers_what_is_due(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    out = StringIO()
    call_command("scanforpay_worker", "--once", stdout=out)
    assert "delivered=1" in out.getvalue()
    assert len(zoo.requests) == 1


def test_once_posts_the_fees_of_every_bill_that_is_due(merchant: Merchant, store: Store, at: At) -> None:
    at("2026-11-03 10:05:00")
    bills = [bring(account_of(merchant), [], day) for day in (DAY, DAY + timedelta(days=1))]
    call_command("scanforpay_worker", "--once", stdout=StringIO())
    assert [BillFile.objects.get(pk=bill.pk).fees_posted_at is not None for bill in bills] == [True, True]


PROGRAM = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[1]
from django.core.management import call_command
call_command("scanforpay_worker", "--sweep-seconds", "0.1")
print("end")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_send_under_way_finish(rows: Rows, zoo: Zoo, number: int) -> None:
    notification = rows.notification(zoo.answering(b"success", seconds=1.5))
    name = str(connection.settings_dict["NAME"])
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, name], stdout=subprocess.PIPE, env={**os.environ}, text=True
    )
    try:
        assert wait_for(lambda: len(zoo.requests) == 1, 20)
        later = rows.notification(zoo.answering(b"success"))
        child.send_signal(number)
        out, _ = child.communicate(timeout=20)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, out) == (0, "end\n")
    notification.refresh_from_db()
    assert notification.state == Notification.State.DELIVERED
    assert later.attempts.count() <= 1
