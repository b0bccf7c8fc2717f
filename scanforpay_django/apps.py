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
        )

        autodiscover_modules("scanforpay")
