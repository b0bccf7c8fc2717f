"""Row locks of an order and what belongs to it, held until the transaction ends.

They are taken in one sequence everywhere: the order, then its payment, then its refund. Two transactions that take them
in different sequences would wait for each other.
"""

from typing import TypeVar

from django.db import connections, models

from scanforpay_django.models.database import has_old_snapshot
from scanforpay_django.models.order import Order
from scanforpay_django.models.payment import Payment
from scanforpay_django.models.refund import Refund

_LockedModel = TypeVar("_LockedModel", bound=models.Model)


def lock_order(pk: int) -> Order:
    """The order as it is now, with its partner and store, which are not locked."""
    return _locked(Order.objects.all(), "partner", "store").get(pk=pk)


def lock_payment(pk: int) -> Payment:
    """The payment as it is now. Where its order is needed too, lock that first."""
    return _locked(Payment.objects.all()).get(pk=pk)


def lock_refund(pk: int) -> Refund:
    """The refund as it is now. Lock its order and payment first."""
    return _locked(Refund.objects.all()).get(pk=pk)


def lock_order_and_payment(payment: Payment) -> tuple[Order, Payment]:
    """The order of a payment, then the payment."""
    return lock_order(payment.order_id), lock_payment(payment.pk)


def newest(rows: "models.QuerySet[_LockedModel]", *related: str) -> "models.QuerySet[_LockedModel]":
    """``rows`` as they were committed last, with what is ``related``.

    Inside a transaction of the project's under REPEATABLE READ, MySQL and MariaDB show what was there at its first
    read: only a locking read sees more.
    """
    if has_old_snapshot(rows.db):
        return rows.select_for_update()
    return rows.select_related(*related) if related else rows


def lock_free_rows(rows: "models.QuerySet[_LockedModel]") -> "models.QuerySet[_LockedModel]":
    """Those of ``rows`` that no other transaction holds, by key. It never waits, and so is in no deadlock; on MariaDB
    10.5, which cannot skip, it waits in the order of the keys. What is joined to them is not to be locked: load it when
    needed.
    """
    features = connections[rows.db].features
    can_skip = features.has_select_for_update_skip_locked or not features.has_select_for_update
    return rows.order_by("pk").select_for_update(skip_locked=can_skip)


def _locked(rows: "models.QuerySet[_LockedModel]", *related: str) -> "models.QuerySet[_LockedModel]":
    """``rows`` FOR UPDATE. A database without OF would lock what is joined, too: there it is loaded when needed."""
    features = connections[rows.db].features
    if not related or (features.has_select_for_update and not features.has_select_for_update_of):
        return rows.select_for_update()
    return rows.select_for_update(of=("self",)).select_related(*related)
