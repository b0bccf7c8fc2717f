"""Verified platform notifications, as they were received."""

from django.contrib import admin

from scanforpay_django.admin.base import ReadOnlyAdmin
from scanforpay_django.models import PlatformNotification


@admin.register(PlatformNotification)
class PlatformNotificationAdmin(ReadOnlyAdmin):
    """Verified platform notifications, as they were received."""

    list_display = ["event_id", "account", "kind", "outcome", "times_seen", "received_at"]
    list_filter = ["outcome", "kind", "account"]
    search_fields = ["event_id", "payment__out_trade_no"]
    list_select_related = ["account__store"]
