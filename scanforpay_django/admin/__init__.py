"""Staff's door; one module per subject. Actions call flows, they never write rows."""

from django.contrib import admin
from django.contrib.admin import AdminSite

from scanforpay_django.admin.bill_file import BillFileAdmin
from scanforpay_django.admin.counter_code import CounterCodeAdmin
from scanforpay_django.admin.delivery_desk import EndpointAdmin
from scanforpay_django.admin.difference import DifferenceAdmin
from scanforpay_django.admin.handler_call import HandlerCallAdmin
from scanforpay_django.admin.merchant import PartnerAdmin, SignKeyAdmin
from scanforpay_django.admin.notification import NotificationAdmin
from scanforpay_django.admin.order import FlagAdmin, OrderAdmin, PaymentAdmin, RefundAdmin
from scanforpay_django.admin.platform_notification import PlatformNotificationAdmin
from scanforpay_django.admin.staff_scope import StaffScopeAdmin
from scanforpay_django.admin.store import StoreAdmin
from scanforpay_django.admin.wallet_account import WalletAccountAdmin
from scanforpay_django.models import (
    BillFile,
    CounterCode,
    Difference,
    Endpoint,
    Flag,
    HandlerCall,
    Notification,
    Order,
    Partner,
    Payment,
    PlatformNotification,
    Refund,
    SignKey,
    StaffScope,
    Store,
    WalletAccount,
)

__all__ = ["ADMINS", "register"]

ADMINS = {
    BillFile: BillFileAdmin,
    CounterCode: CounterCodeAdmin,
    Difference: DifferenceAdmin,
    Endpoint: EndpointAdmin,
    Flag: FlagAdmin,
    HandlerCall: HandlerCallAdmin,
    Notification: NotificationAdmin,
    Order: OrderAdmin,
    Partner: PartnerAdmin,
    Payment: PaymentAdmin,
    PlatformNotification: PlatformNotificationAdmin,
    Refund: RefundAdmin,
    SignKey: SignKeyAdmin,
    StaffScope: StaffScopeAdmin,
    Store: StoreAdmin,
    WalletAccount: WalletAccountAdmin,
}


def register(site: AdminSite) -> None:
    """Put all pages of the app on ``site``, an AdminSite of the project's own.

    A model that the site has already keeps the ModelAdmin that the project gave it.
    """
    for model, model_admin in ADMINS.items():
        if not site.is_registered(model):
            site.register(model, model_admin)


# Django's autodiscovery imports this package for the default site.
register(admin.site)
