"""The audit's checks of stored secrets."""

import pytest

from scanforpay_django.encryption import encrypt
from scanforpay_django.models import SignKey, WalletAccount
from scanforpay_django.operations.audit.secret_checks import SECRET_CHECKS
from tests.merchant import Merchant
from tests.operations.audit.seeds import at_once, busy, codes, found, is_found_and_repaired
from tests.scripted import platform

__all__ = ["at_once", "busy", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("code", codes(SECRET_CHECKS))
def test_a_seeded_corruption_is_found_and_mended_where_that_is_safe(busy: Merchant, code: str) -> None:
    is_found_and_repaired(code)


def test_a_key_without_a_ciphertext_is_unreadable(busy: Merchant) -> None:
    SignKey.objects.update(secret_ciphertext="")
    assert found() == {"sign-key-unreadable": False}


def test_secrets_of_an_account_that_are_no_names_are_unreadable(busy: Merchant) -> None:
    WalletAccount.objects.filter(wallet="Alipay").update(secrets_ciphertext=encrypt("[]"))
    assert found() == {"account-unreadable": False}
