"""Staff's door; one module per subject. Actions call flows, they never write rows."""

from scanforpay_django.admin import (
    delivery_desk,
    handler_call,
    merchant,
    notification,
    order,
    platform_notification,
    store,
    wallet_account,
)

__all__ = [
    "delivery_desk",
    "handler_call",
    "merchant",
    "notification",
    "order",
    "platform_notification",
    "store",
    "wallet_account",
]
