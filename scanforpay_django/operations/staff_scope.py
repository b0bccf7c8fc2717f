"""What of the partners and stores a member of staff may see and change."""

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models
from django.db.models import QuerySet

from scanforpay_django.models import (
    BillDay,
    BillFile,
    CounterCode,
    DailyFigure,
    Difference,
    Endpoint,
    Flag,
    GoLiveCheck,
    HandlerCall,
    Notification,
    NotificationAttempt,
    Order,
    OrderEvent,
    PageVisit,
    Partner,
    Payment,
    PlatformNotification,
    Posting,
    Refund,
    RefundApproval,
    SignKey,
    StaffScope,
    Store,
    WalletAccount,
)

_Model = TypeVar("_Model", bound=models.Model)

#: model -> the path to its store
STORE_PATHS: dict[type[models.Model], str] = {
    BillDay: "account__store",
    BillFile: "account__store",
    CounterCode: "store",
    DailyFigure: "store",
    Difference: "account__store",
    Flag: "order__store",
    GoLiveCheck: "account__store",
    HandlerCall: "order__store",
    Notification: "order__store",
    NotificationAttempt: "notification__order__store",
    Order: "store",
    OrderEvent: "order__store",
    PageVisit: "order__store",
    Payment: "order__store",
    PlatformNotification: "account__store",
    Posting: "store",
    Refund: "order__store",
    RefundApproval: "order__store",
    Store: "pk",
    WalletAccount: "store",
}
#: model -> the path to its partner: shown to staff of one of its stores, changed by staff of the partner
PARTNER_PATHS: dict[type[models.Model], str] = {Partner: "pk", SignKey: "partner"}
#: model -> the path to its partner: about all its stores at once, so for staff of the partner alone
WHOLE_PARTNER_PATHS: dict[type[models.Model], str] = {Endpoint: "partner"}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The partners and stores of one user, by their keys."""

    # a superuser, or one with the permission to view all partners
    sees_all: bool = False
    # partners with all their stores
    partner_ids: frozenset[int] = frozenset()
    # these stores, and all of those partners
    store_ids: frozenset[int] = frozenset()
    # those partners, and the partners of these stores
    shown_partner_ids: frozenset[int] = frozenset()

    def narrow(self, rows: "QuerySet[_Model]") -> "QuerySet[_Model]":
        """Those of the rows that the user may see; none of a model that is not known here."""
        if self.sees_all:
            return rows
        if rows.model in STORE_PATHS:
            return rows.filter(**{f"{STORE_PATHS[rows.model]}__in": self.store_ids})
        if rows.model in PARTNER_PATHS:
            return rows.filter(**{f"{PARTNER_PATHS[rows.model]}__in": self.shown_partner_ids})
        if rows.model in WHOLE_PARTNER_PATHS:
            return rows.filter(**{f"{WHOLE_PARTNER_PATHS[rows.model]}__in": self.partner_ids})
        return rows.none()

    def narrow_choices(self, rows: "QuerySet[_Model]") -> "QuerySet[_Model]":
        """Those that a form may offer: what is made for a partner concerns all its stores."""
        if rows.model is Partner and not self.sees_all:
            return rows.filter(pk__in=self.partner_ids)
        return self.narrow(rows)

    def has_whole_partner(self, partner_id: int) -> bool:
        """Whether the user has all stores of the partner, those to come too."""
        return self.sees_all or partner_id in self.partner_ids


def get_scope(request: Any) -> Scope:
    """The scope of the signed-in user, read once a request."""
    scope: Scope | None = getattr(request, "scanforpay_scope", None)
    if scope is None:
        scope = request.scanforpay_scope = find_scope(request.user)
    return scope


def find_scope(user: Any) -> Scope:
    """The scope of a user; nothing for one without a row in StaffScope. At most two statements."""
    if user.has_perm("scanforpay.view_all_partners"):
        return Scope(sees_all=True)
    rows = StaffScope.objects.for_user(user).order_by()
    found = list(rows.values_list("partner_id", "store_id", "store__partner_id"))
    partner_ids = frozenset(partner for partner, _store, _owner in found if partner)
    store_ids = {store for _partner, store, _owner in found if store}
    if partner_ids:
        store_ids |= set(
            Store.objects.filter(partner__in=partner_ids).order_by().values_list("pk", flat=True)
        )
    owners = {owner for _partner, _store, owner in found if owner}
    return Scope(
        partner_ids=partner_ids, store_ids=frozenset(store_ids), shown_partner_ids=partner_ids | owners
    )


def may_see_health(request: Any) -> bool:
    """Whether the signed-in user may see how the installation does: that page speaks of all merchants. Without the
    permission no statement is made.
    """
    return bool(request.user.has_perm("scanforpay.view_health")) and get_scope(request).sees_all
