"""The sandbox's entry in INSTALLED_APPS."""

from django.apps import AppConfig


class SandboxConfig(AppConfig):
    """scanforpay_django.sandbox."""

    name = "scanforpay_django.sandbox"
    label = "scanforpay_sandbox"
    verbose_name = "Sandbox: WeChat Pay and Alipay"
    default_auto_field = "django.db.models.BigAutoField"
