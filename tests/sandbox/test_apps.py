"""The sandbox is an app of its own."""

from django.apps import apps
from django.core.checks.registry import registry

from scanforpay_django.sandbox.checks import sandbox_in_production


def test_the_sandbox_has_its_own_label_and_registers_its_check():
    assert apps.get_app_config("scanforpay_sandbox").name == "scanforpay_django.sandbox"
    assert sandbox_in_production in registry.get_checks()
