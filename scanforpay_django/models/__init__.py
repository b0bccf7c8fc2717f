"""The rows of the app; ``partner_cache`` keeps some in memory for under a second."""

from scanforpay_django.models import partner_cache
from scanforpay_django.models.archived_number import ArchivedNumber
from scanforpay_django.models.audit_mark import AuditFailure, AuditMark
from scanforpay_django.models.bill_day import BillDay
from scanforpay_django.models.bill_file import BillFile, BillLine, BillProblem
from scanforpay_django.models.branding import Logo
from scanforpay_django.models.cause import Cause, Source
from scanforpay_django.models.chain_link import ChainLink, ChainWriter
from scanforpay_django.models.chain_root import ChainRoot
from scanforpay_django.models.counter import CounterCode, CounterSale
from scanforpay_django.models.daily_figure import DailyFigure, FigureMark
from scanforpay_django.models.derived_numbers import NumberKey
from scanforpay_django.models.difference import Difference
from scanforpay_django.models.flag import Flag
from scanforpay_django.models.go_live_check import GoLiveCheck, StepResult
from scanforpay_django.models.handler_call import HandlerCall, OrderMetadata
from scanforpay_django.models.host_clock import HostClock
from scanforpay_django.models.merchant import Partner, SignKey
from scanforpay_django.models.notification import Endpoint, Notification, NotificationAttempt
from scanforpay_django.models.order import Order, OrderEvent
from scanforpay_django.models.page_visit import PageVisit
from scanforpay_django.models.payment import OAuthState, Payment
from scanforpay_django.models.periodic_run import PeriodicRun
from scanforpay_django.models.platform_minute import PlatformMinute
from scanforpay_django.models.platform_notification import PlatformNotification
from scanforpay_django.models.posting import Posting, PostingMark
from scanforpay_django.models.refund import Refund
from scanforpay_django.models.refund_approval import RefundApproval
from scanforpay_django.models.restore import AskedOrder, RebuiltOrder, RestoreMark
from scanforpay_django.models.seen_request import SeenRequest
from scanforpay_django.models.staff_scope import StaffScope
from scanforpay_django.models.store import Store
from scanforpay_django.models.wallet_account import WalletAccount
from scanforpay_django.models.worker_beat import WorkerBeat

__all__ = [
    "ArchivedNumber",
    "AskedOrder",
    "AuditFailure",
    "AuditMark",
    "BillDay",
    "BillFile",
    "BillLine",
    "BillProblem",
    "Cause",
    "ChainLink",
    "ChainRoot",
    "ChainWriter",
    "CounterCode",
    "CounterSale",
    "DailyFigure",
    "Difference",
    "Endpoint",
    "FigureMark",
    "Flag",
    "GoLiveCheck",
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
    "PageVisit",
    "Partner",
    "Payment",
    "PeriodicRun",
    "PlatformMinute",
    "PlatformNotification",
    "Posting",
    "PostingMark",
    "RebuiltOrder",
    "Refund",
    "RefundApproval",
    "RestoreMark",
    "SeenRequest",
    "SignKey",
    "Source",
    "StaffScope",
    "StepResult",
    "Store",
    "WalletAccount",
    "WorkerBeat",
    "partner_cache",
]
