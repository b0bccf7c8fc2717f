"""The app's entry in INSTALLED_APPS."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ScanForPayConfig(AppConfig):
    name = "scanforpay_django"
    label = "scanforpay"
    verbose_name = _("Scan for Pay")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and find the project's handlers as admin.py is found."""
        from scanforpay_django import (  # noqa: PLC0415
            checks,  # noqa: F401
            database_checks,  # noqa: F401
            delivery_checks,  # noqa: F401
            handler_checks,  # noqa: F401
            settings_checks,  # noqa: F401
            staff_checks,  # noqa: F401
        )
        from scanforpay_django.operations.platform_minutes import count_call  # noqa: PLC0415
        from scanforpay_django.wallets.platform_calls import platform_called  # noqa: PLC0415

        platform_called.connect(count_call, dispatch_uid="scanforpay_platform_minutes")
        autodiscover_modules("scanforpay")
