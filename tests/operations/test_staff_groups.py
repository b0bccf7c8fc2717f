"""The ready-made groups are made once, and what staff change of them stays."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission

from scanforpay_django.operations.staff_groups import GROUPS, PermissionsMissing, make_groups
from tests.staff_table import DOCS, make_table

pytestmark = pytest.mark.django_db


def permissions(name: str) -> set[str]:
    return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))


def test_each_group_has_its_permissions() -> None:
    assert [one.is_new for one in make_groups()] == [True] * len(GROUPS)
    assert {name: permissions(name) for name in GROUPS} == {name: set(has) for name, has in GROUPS.items()}


def test_what_staff_changed_stays() -> None:
    list(make_groups())
    name = "Scan for Pay: cashier"
    group = Group.objects.get(name=name)
    group.permissions.remove(Permission.objects.get(codename="resend_notification"))
    group.permissions.add(Permission.objects.get(codename="view_walletaccount"))
    before = permissions(name)
    (outcome,) = [one for one in make_groups() if one.name == name]
    assert (outcome.is_new, outcome.lacking, outcome.added) == (
        False,
        ("resend_notification",),
        ("view_walletaccount",),
    )
    assert permissions(name) == before
    assert Group.objects.count() == len(GROUPS)


def test_without_permissions_nothing_is_made() -> None:
    Permission.objects.filter(codename="refund_above_limit").delete()
    with pytest.raises(PermissionsMissing, match="refund_above_limit"):
        list(make_groups())
    assert not Group.objects.exists()


def test_who_gives_out_keys_and_scopes_moves_no_money() -> None:
    moves = {"add_refund", "refund_above_limit"}
    assert [name for name, has in GROUPS.items() if moves & set(has) and "add_signkey" in has] == []
    assert not (moves | {"change_order", "close_order", "view_payment"}) & set(
        GROUPS["Scan for Pay: developer"]
    )


def test_the_docs_table_is_what_the_groups_have() -> None:
    assert make_table() in Path(DOCS).read_text(encoding="utf-8"), (
        "python -m tests.staff_table writes what is meant"
    )
    assert not re.search(r"\| +\|$", make_table(), re.MULTILINE)
