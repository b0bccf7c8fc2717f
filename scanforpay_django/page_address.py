"""The address of an order's pay page, from the setting: never from a request."""

from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse

from scanforpay_django.conf import conf


@lru_cache(maxsize=64)
def _pay_path(*_: str | None) -> str:
    """The pay page's path without the token, by URLconf and script prefix: ``reverse`` is slow for what stays."""
    return reverse("scanforpay:pay", args=["-"]).removesuffix("-")


def page_address(token: str) -> str:
    """Of the payUrl for an order's ``token``; of what the QR code leads to for its ``scan_token``."""
    return f"{conf.base_url}{_pay_path(get_urlconf(), get_script_prefix())}{token}"


def counter_address(token: str) -> str:
    """Of the page that a till's printed code with this ``token`` leads to."""
    return f"{conf.base_url}{reverse('scanforpay:counter', args=[token])}"
