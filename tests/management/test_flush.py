"""``manage.py flush``; what it does to postings is in tests/models/test_append_only_guard.py."""

import pytest
from django.core.management import call_command, get_commands

from scanforpay_django.models import Partner
from tests.merchant import Merchant


def test_it_is_ours() -> None:
    assert get_commands()["flush"] == "scanforpay_django"


@pytest.mark.django_db(transaction=True)
def test_it_empties_what_djangos_empties(merchant: Merchant) -> None:
    call_command("flush", interactive=False, verbosity=0)
    assert not Partner.objects.exists()
