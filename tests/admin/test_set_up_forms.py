"""The forms of the set-up take what is right, and a secret never comes out of them."""

import pytest

from scanforpay_django.admin.set_up_forms import CredentialsForm, StoreForm
from scanforpay_django.wallets.registry import wallet_classes
from tests.merchant import Merchant
from tests.platform import give_credentials

pytestmark = pytest.mark.django_db


def test_a_stores_first_name_is_its_partners(merchant: Merchant) -> None:
    form = StoreForm(None, partner=merchant.partner)
    assert form["name"].value() == merchant.partner.name
    assert form["store_no"].value() == "100010000000001"


def test_what_is_stored_and_secret_is_not_in_the_form(merchant: Merchant) -> None:
    give_credentials(merchant)
    known = merchant.store.wallet_accounts.get(wallet="Wechat")
    form = CredentialsForm(None, None, backend=wallet_classes()["Wechat"], known=known)
    text = form.as_p()
    assert known.config["mchid"] in text
    assert "not shown again" in text
    assert known.secrets()["apiv3_key"] not in text
    assert known.secrets()["private_key"][60:120] not in text
    assert form["grants"].value() == ["jsapi"]
