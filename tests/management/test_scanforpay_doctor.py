"""``manage.py scanforpay_doctor`` as its user calls it."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import WorkerBeat
from tests.merchant import Merchant

pytestmark = pytest.mark.django_db


def test_a_problem_has_its_remedy_below_and_ends_the_command_with_an_error(merchant: Merchant) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="problems"):
        call_command("scanforpay_doctor", stdout=out)
    assert (
        "PROBLEM workers: No worker is alive; none was seen within a day.\n        -> Start manage.py scanforpay_worker"
        in (out.getvalue())
    )
    assert "ok      migrations: All are applied." in out.getvalue()


def test_for_programs_it_writes_json(merchant: Merchant) -> None:
    WorkerBeat.objects.record("web-1", WorkerBeat.Kind.WORKER)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("scanforpay_doctor", "--json", stdout=out)
    found = {one["name"]: one["is_right"] for one in json.loads(out.getvalue())}
    assert (found["workers"], found["database"]) == (True, True)
