"""The rows of the app; ``partner_cache`` keeps some in memory for under a second."""

from scanforpay_django.models import partner_cache
from scanforpay_django.models.archived_number import ArchivedNumber
from scanforpay_django.models.audit_mark import AuditFailure, AuditMark
from scanforpay_django.models.branding import Logo
from scanforpay_django.models.cause import Cause, Source
from scanforpay_django.models.derived_numbers import NumberKey
from scanforpay_django.models.flag import Flag
from scanforpay_django.models.handler_call import HandlerCall, OrderMetadata
from scanforpay_django.models.host_clock import HostClock
from scanforpay_django.models.merchant import Partner, SignKey, Store
from scanforpay_django.models.notification import Endpoint, Notification, NotificationAttempt
from scanforpay_django.models.order import Order, OrderEvent
from scanforpay_django.models.payment import OAuthState, Payment
from scanforpay_django.models.periodic_run import PeriodicRun
from scanforpay_django.models.platform_notification import PlatformNotification
from scanforpay_django.models.refund import Refund
from scanforpay_django.models.restore import AskedOrder, RestoreMark
from scanforpay_django.models.seen_request import SeenRequest
from scanforpay_django.models.wallet_account import WalletAccount

__all__ = [
    "ArchivedNumber",
    "AskedOrder",
    "AuditFailure",
    "AuditMark",
    "Cause",
    "Endpoint",
    "Flag",
    "HandlerCall",
    "HostClock",
    "Logo",
    "Notification",
    "NotificationAttempt",
    "NumberKey",
    "OAuthState",
    "Order",
    "OrderEvent",
    "OrderMetadata",
    "Partner",
    "Payment",
    "PeriodicRun",
    "PlatformNotification",
    "Refund",
    "RestoreMark",
    "SeenRequest",
    "SignKey",
    "Source",
    "Store",
    "WalletAccount",
    "partner_cache",
]
