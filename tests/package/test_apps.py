"""The app's entry in INSTALLED_APPS."""

from django.apps import apps
from django.core.checks.registry import registry


def test_the_app_has_a_short_label_and_registers_its_checks() -> None:
    config = apps.get_app_config("scanforpay")
    assert config.name == "scanforpay_django"
    assert "scanforpay_django.checks" in {check.__module__ for check in registry.get_checks()}
