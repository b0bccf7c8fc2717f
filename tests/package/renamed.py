"""A project's AppConfig that renames the app."""

from scanforpay_django.apps import ScanForPayConfig


class PayConfig(ScanForPayConfig):
    label = "pay"
