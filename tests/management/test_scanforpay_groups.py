"""manage.py scanforpay_groups."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def shell() -> str:
    out = StringIO()
    call_command("scanforpay_groups", stdout=out)
    return out.getvalue()


def test_it_says_what_it_made_and_what_it_left() -> None:
    assert shell().count(": made\n") == 5
    cashier = Group.objects.get(name="Scan for Pay: cashier")
    cashier.permissions.remove(Permission.objects.get(codename="add_order"))
    again = shell()
    assert "Scan for Pay: cashier: left as it is; without add_order\n" in again
    assert "Scan for Pay: operator: left as it is\n" in again
    assert "made" not in again


def test_before_migrate_it_says_what_to_do() -> None:
    Permission.objects.filter(codename="close_order").delete()
    with pytest.raises(CommandError, match="run migrate first"):
        shell()
