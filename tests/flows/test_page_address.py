"""The address of a pay page."""

from typing import Any

from django.urls import set_script_prefix

from scanforpay_django.flows.page_address import page_address


def test_it_follows_the_setting_and_the_script_prefix(settings: Any) -> None:
    settings.SCANFORPAY_BASE_URL = "https://pay.example.com"
    assert page_address("T" * 22) == f"https://pay.example.com/api/jspay/pay/{'T' * 22}"
    set_script_prefix("/shop/")
    try:
        assert page_address("T" * 22) == f"https://pay.example.com/shop/api/jspay/pay/{'T' * 22}"
    finally:
        set_script_prefix("/")
