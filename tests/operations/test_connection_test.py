"""Testing a wallet account's connection."""

import pytest

from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.connection_test import RIGHT
from tests.house import house, merchant
from tests.merchant import Merchant
from tests.wallets.tea_platform import platform, tea

__all__ = ["house", "merchant", "platform", "tea"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_staff_test_its_connection_in_its_own_words(tea: Merchant) -> None:
    from scanforpay_django.operations import connection_test

    account = WalletAccount.objects.get(wallet="TeaPay")
    assert connection_test.test_connection(account) == (True, RIGHT)
