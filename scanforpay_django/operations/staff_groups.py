"""Ready-made groups of staff: what each may do. Which partners and stores it is done for, a user's scopes say."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import router, transaction

APP_LABEL = "scanforpay"

_SEE_ORDERS = (
    "view_order", "view_orderevent", "view_pagevisit", "view_payment", "view_refund", "view_flag", "view_store",
)  # fmt: skip
_SEE_DELIVERIES = ("view_notification", "view_notificationattempt")
_CASHIER = (*_SEE_ORDERS, "view_countercode", "view_notification", "add_order", "resend_notification")

#: name -> codenames of permissions of this app
GROUPS: dict[str, tuple[str, ...]] = {
    "Scan for Pay: cashier": _CASHIER,
    "Scan for Pay: shop manager": (
        *_CASHIER, "view_notificationattempt", "add_refund", "change_order", "close_order", "change_flag",
        "export_order", "add_countercode", "change_countercode",
        *_CASHIER, "view_notificationattempt", "add_refund", "accept_late", "change_order", "close_order",
        "change_flag", "export_order",
    ),
    "Scan for Pay: accountant": (
        *_SEE_ORDERS, "add_refund", "refund_above_limit", "approve_refund",
        "accept_late", "change_flag", "export_order", "view_billfile", "add_billfile",
        "view_difference", "change_difference",
    ),
    "Scan for Pay: developer": (
        *_SEE_DELIVERIES, "view_order", "view_orderevent", "view_store", "view_partner", "view_signkey",
        "view_endpoint", "resend_notification",
    ),
    "Scan for Pay: operator": (
        "view_all_partners", *_SEE_ORDERS, *_SEE_DELIVERIES, "view_endpoint", "view_platformnotification",
        "view_billfile", "add_billfile", "view_difference", "change_difference",
        "view_handlercall", "change_handlercall", "change_order", "close_order", "change_flag", "export_order",
        "resend_notification", "view_partner", "add_partner", "change_partner", "add_store", "change_store",
        "view_signkey", "add_signkey", "change_signkey", "view_walletaccount", "add_walletaccount",
        "change_walletaccount", "stop_payments", "view_countercode", "add_countercode", "change_countercode",
        "view_staffscope", "add_staffscope", "change_staffscope", "delete_staffscope", "view_health",
    ),
}  # fmt: skip


class PermissionsMissing(Exception):
    """The app's permissions are not in the database: ``migrate`` makes them."""


@dataclass(frozen=True, kw_only=True)
class GroupOutcome:
    """What became of one group."""

    name: str
    is_new: bool
    # codenames that a group that was there has not, or has beside ours
    lacking: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def make_groups() -> Iterator[GroupOutcome]:
    """Make the groups that are not there. One that is there is left as staff have it. Raises PermissionsMissing."""
    rows = Permission.objects.filter(content_type__app_label=APP_LABEL)
    permissions = {one.codename: one for one in rows}
    needed = {name for codenames in GROUPS.values() for name in codenames}
    if needed - set(permissions):
        raise PermissionsMissing(", ".join(sorted(needed - set(permissions))))
    for name, codenames in GROUPS.items():
        with transaction.atomic(using=router.db_for_write(Group)):
            group, is_new = Group.objects.get_or_create(name=name)
            if is_new:
                group.permissions.set([permissions[codename] for codename in codenames])
        yield GroupOutcome(name=name, is_new=True) if is_new else _compare(group, codenames)


def _compare(group: Group, codenames: tuple[str, ...]) -> GroupOutcome:
    own = group.permissions.filter(content_type__app_label=APP_LABEL)
    found, meant = set(own.values_list("codename", flat=True)), set(codenames)
    return GroupOutcome(
        name=group.name,
        is_new=False,
        lacking=tuple(sorted(meant - found)),
        added=tuple(sorted(found - meant)),
    )
