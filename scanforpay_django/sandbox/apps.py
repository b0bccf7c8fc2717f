"""The sandbox's entry in INSTALLED_APPS."""

from django.apps import AppConfig
from django.core.checks import register

from scanforpay_django import clock

from .checks import sandbox_in_production


class SandboxConfig(AppConfig):
    name = "scanforpay_django.sandbox"
    label = "scanforpay_sandbox"
    verbose_name = "Sandbox: WeChat Pay and Alipay"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sandbox's system checks, and have all moments follow its clock."""
        # Models can be imported now.
        from .moved_clock import offset_seconds  # noqa: PLC0415

        register(sandbox_in_production)
        clock.follow(offset_seconds)
