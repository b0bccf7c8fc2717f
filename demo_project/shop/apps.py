"""The toy shop's entry in INSTALLED_APPS."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """demo_project.shop."""

    name = "demo_project.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
