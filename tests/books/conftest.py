"""The account that the comparisons are about."""

import pytest

from scanforpay_django.models import Store, WalletAccount
from tests.books.platform_copy import account_of
from tests.operations.figures.calendar import At, at, store

__all__ = ["at", "store"]


@pytest.fixture
def account(store: Store, at: At) -> WalletAccount:
    """At WeChat Pay; today is the 30th of November."""
    at("2026-11-30 12:00")
    return account_of(store)
