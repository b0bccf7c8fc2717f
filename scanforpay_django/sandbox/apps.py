"""The sandbox's entry in INSTALLED_APPS."""

from django.apps import AppConfig
from django.core.checks import register

from .checks import sandbox_in_production


class SandboxConfig(AppConfig):
    name = "scanforpay_django.sandbox"
    label = "scanforpay_sandbox"
    verbose_name = "Sandbox: WeChat Pay and Alipay"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sandbox's system checks."""
        register(sandbox_in_production)
