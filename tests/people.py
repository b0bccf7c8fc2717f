"""Members of staff: a user in a ready-made group, tied to a partner or a store."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.test import Client

from scanforpay_django.models import StaffScope
from scanforpay_django.operations.staff_groups import make_groups

ROLES = ("cashier", "shop manager", "accountant", "developer")


def sign_in(role: str = "", *permissions: str, name: str = "clerk", **tied_to: Any) -> Client:
    """A signed-in user of a group, with more permissions, and with a scope for ``partner`` or ``store``."""
    user = get_user_model().objects.create_user(name, f"{name}@example.com", "x", is_staff=True)
    if role:
        list(make_groups())
        user.groups.add(Group.objects.get(name=f"Scan for Pay: {role}"))
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    for kind, row in tied_to.items():
        StaffScope.objects.create(user=user, **{kind: row})
    client = Client()
    client.force_login(user)
    return client
