"""The sandbox's own misconfigurations."""

from typing import Any

from django.core.checks import CheckMessage, Error

from .gate import sandbox_is_allowed


def sandbox_in_production(**kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001 (the framework passes more)
    """scanforpay.E100: anybody who reaches the sandbox pays without money, so it is refused in production."""
    if sandbox_is_allowed():
        return []
    return [
        Error(
            "The sandbox is installed while DEBUG is off: its wallets pay without money.",
            hint=(
                "Remove 'scanforpay_django.sandbox' from INSTALLED_APPS, or set SCANFORPAY_SANDBOX_ALLOWED = "
                "True where nothing is sold for real. Until then every page of the sandbox answers 404."
            ),
            id="scanforpay.E100",
        )
    ]
