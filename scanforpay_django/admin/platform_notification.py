"""Verified platform notifications, as they were received."""

from scanforpay_django.admin.large_list import LargeList
from scanforpay_django.admin.list_filters import AccountFilter, newest_values
from scanforpay_django.admin.number_search import NumberSearch


class PlatformNotificationAdmin(LargeList, NumberSearch):
    """Verified platform notifications, as they were received."""

    list_display = ["event_id", "account", "kind", "outcome", "times_seen", "received_at"]
    list_filter = [newest_values("outcome"), newest_values("kind"), AccountFilter]
    order_path = "payment__order"
    list_select_related = ["account__store"]
