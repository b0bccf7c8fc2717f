"""The app has one name of its own, and its handlers are registered."""

from django.apps import apps

from scanforpay_django import handlers


def test_it_is_an_app_beside_ours_and_has_no_tables() -> None:
    config = apps.get_app_config("scanforpay_django_payments")
    assert config.name == "scanforpay_django.django_payments"
    assert list(config.get_models()) == []


def test_its_handlers_are_found() -> None:
    names = {name for event in handlers.EVENTS for name in handlers.get_names(event)}
    assert "scanforpay_django.django_payments.scanforpay.confirm_payment" in names
