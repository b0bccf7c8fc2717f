"""Which orders are no real money: those that were paid, or will be, through accounts at a sandbox."""

from django.db.models import Exists, OuterRef, QuerySet

from scanforpay_django.models import Notification, Order, Payment, WalletAccount

PRODUCTION = WalletAccount.Environment.PRODUCTION


def is_sandbox_order(order: Order) -> bool:
    """Whether every payment of the order went through an account at a sandbox; before the first payment, whether all
    active accounts of its store are such. Where there is no account the answer is no.
    """
    used = WalletAccount.objects.filter(payments__order=order)
    found = set(used.values_list("environment", flat=True))
    if not found:
        active = WalletAccount.objects.filter(store_id=order.store_id, is_active=True)
        found = set(active.values_list("environment", flat=True))
    return bool(found) and PRODUCTION not in found


def sandbox_notifications() -> "QuerySet[Notification]":
    """Notifications of orders that were paid, or attempted, at sandboxes only."""
    payments = Payment.objects.filter(order=OuterRef("order_id"))
    is_live = Exists(payments.filter(account__environment=PRODUCTION))
    return Notification.objects.filter(Exists(payments), ~is_live)
