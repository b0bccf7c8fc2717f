"""The app's entry in INSTALLED_APPS, beside ``payments``."""

from django.apps import AppConfig


class DjangoPaymentsConfig(AppConfig):
    """Its handlers are found in ``scanforpay.py``, as those of every app are."""

    name = "scanforpay_django.django_payments"
    label = "scanforpay_django_payments"
