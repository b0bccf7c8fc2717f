"""What staff enter about a registration is checked when it is saved."""

import pytest

from scanforpay_django.wallets.registry import find_wallet_class
from tests.merchant import Merchant
from tests.platform import give_credentials

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("payment_directory", "https://pay.example.com/api/jspay"),
        ("payment_directory", "pay.example.com/"),
        ("payment_directory", "\n".join(f"https://pay.example.com/{n}/" for n in range(6))),
        ("sign_in_domain", "https://pay.example.com"),
        ("sign_in_domain", "pay.example.com:443"),
        ("sign_in_domain", "pay.example.com/api"),
    ],
)
def test_what_cannot_be_a_registration_is_refused_when_it_is_saved(
    merchant: Merchant, field: str, text: str
) -> None:
    give_credentials(merchant)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    wallet = find_wallet_class("Wechat")
    assert field in wallet.check_credentials({**account.config, field: text}, account.secrets())
