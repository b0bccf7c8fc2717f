"""The command scanforpay_worker."""

import os
import signal
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.transport.zoo import Zoo
from tests.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_once_delivers_what_is_due(rows: Rows, zoo: Zoo) -> None:
    rows.notification(zoo.answering(b"success"))
    out = StringIO()
    call_command("scanforpay_worker", "--once", stdout=out)
    assert "delivered=1" in out.getvalue()
    assert len(zoo.requests) == 1


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
