"""The third step: which wallet, and its credentials, which are tried before they are used."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from scanforpay_django.models import GoLiveCheck, WalletAccount
from tests.admin.pages import url
from tests.admin.test_set_up import history, place
from tests.house import house, merchant
from tests.merchant import Merchant
from tests.operations.set_up.live import ISSUERS, lead_to_sandbox
from tests.people import sign_in
from tests.rows import Rows

__all__ = ["house", "merchant"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture(autouse=True)
def platforms(house: str, settings: Any) -> None:
    lead_to_sandbox(settings, house)


def fill(wallet: str, **changes: Any) -> dict[str, Any]:
    config, secrets = ISSUERS[wallet]()
    grants = {"Wechat": ["jsapi", "native"], "Alipay": ["trade_create"]}[wallet]
    return {**config, **secrets, "grants": grants, **changes}


def step(merchant: Merchant, wallet: str = "") -> str:
    return place("_account", merchant.store.pk) + (f"?wallet={wallet}" if wallet else "")


def test_the_wallets_are_offered_with_who_can_get_what(staff: Client, merchant: Merchant) -> None:
    page = staff.get(step(merchant)).content.decode()
    assert "?wallet=Wechat" in page
    assert "Not individual businesses" in page
    assert "https://pay.weixin.qq.com/doc/v3/merchant/4015616699" in page
    # Those that collect the store's currency come first.
    wallets = staff.get(step(merchant)).context["wallets"]
    assert [one["takes_it"] for one in wallets] == sorted([one["takes_it"] for one in wallets], reverse=True)


@pytest.mark.parametrize("wallet", ISSUERS)
def test_an_account_that_works_is_on_and_its_list_is_next(
    staff: Client, merchant: Merchant, wallet: str
) -> None:
    sent = fill(wallet)
    answer = staff.post(step(merchant, wallet), sent)
    account = WalletAccount.objects.get(wallet=wallet, is_active=True)
    assert answer.headers["Location"] == place("_go_live", merchant.store.pk, account.pk)
    assert (account.environment, account.grants) == ("production", " ".join(sent["grants"]))
    assert account.secrets()["private_key"].strip() == sent["private_key"].strip()
    assert GoLiveCheck.objects.get(account=account, step="connection").state == "ok"
    assert history(account)
    shown = staff.get(answer.headers["Location"]).content.decode()
    assert sent["private_key"][40:80] not in shown
    again = staff.get(step(merchant, wallet)).content.decode()
    assert "The connection is good." in again
    assert "not shown again" in again
    assert sent["private_key"][40:80] not in again


def test_a_key_may_come_as_a_file(staff: Client, merchant: Merchant) -> None:
    sent = fill("Alipay")
    pem = sent.pop("private_key")
    file = SimpleUploadedFile("key.pem", pem.encode())
    staff.post(step(merchant, "Alipay"), {**sent, "private_key_file": file})
    assert WalletAccount.objects.get(wallet="Alipay", is_active=True).secrets()["private_key"] == pem.strip()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"\xff\xfe\x00", "no text in UTF-8"), (b"x" * 70_000, "too large"), (b"x", "not an RSA private key")],
)
def test_a_file_that_is_no_key_is_said_beside_the_field(
    staff: Client, merchant: Merchant, content: bytes, words: str
) -> None:
    sent = fill("Alipay", private_key="", private_key_file=SimpleUploadedFile("key.pem", content))
    answer = staff.post(step(merchant, "Alipay"), sent)
    assert words in answer.content.decode()
    assert not WalletAccount.objects.filter(environment="production").exists()


def test_what_the_platform_refuses_is_kept_switched_off_and_corrected(
    staff: Client, merchant: Merchant
) -> None:
    sent = fill("Alipay")
    wrong = {**sent, "app_id": "2021000000000001"}
    answer = staff.post(step(merchant, "Alipay"), wrong, follow=True)
    assert "The connection fails." in answer.content.decode()
    states = {one.environment: one.is_active for one in WalletAccount.objects.filter(wallet="Alipay")}
    assert states == {"production": False, "local_sandbox": True}
    # What is secret and right is not given again.
    right = {name: value for name, value in sent.items() if name != "private_key"}
    staff.post(step(merchant, "Alipay"), right)
    assert WalletAccount.objects.get(wallet="Alipay", is_active=True).environment == "production"


def test_missing_credentials_and_grants_are_named(staff: Client, merchant: Merchant) -> None:
    answer = staff.post(step(merchant, "Wechat"), {"mchid": "1900000001", "grants": ["jsapi"]})
    assert {"appid", "private_key", "apiv3_key"} <= set(answer.context["form"].errors)
    answer = staff.post(step(merchant, "Wechat"), fill("Wechat", grants=[]))
    assert list(answer.context["form"].errors) == ["grants"]
    assert not WalletAccount.objects.filter(environment="production").exists()


def test_a_secret_that_was_sent_is_not_sent_back(staff: Client, merchant: Merchant) -> None:
    sent = fill("Wechat", mchid="")
    answer = staff.post(step(merchant, "Wechat"), sent)
    assert list(answer.context["form"].errors) == ["mchid"]
    page = answer.content.decode()
    for name in ("private_key", "apiv3_key", "app_secret"):
        assert sent[name].strip()[-24:] not in page
    account = url(WalletAccount, "change", merchant.store.wallet_accounts.get(wallet="Wechat").pk)
    own = staff.post(account, {**sent, "name": "x", "currencies": "CNY"}).content.decode()
    assert sent["private_key"].strip()[40:80] not in own


def test_the_connection_is_tested_again_by_a_button(staff: Client, merchant: Merchant) -> None:
    staff.post(step(merchant, "Alipay"), fill("Alipay"))
    GoLiveCheck.objects.all().delete()
    staff.post(step(merchant, "Alipay"), {"_test": "1"})
    assert GoLiveCheck.objects.get(step="connection").state == "ok"


def test_accounts_at_the_sandbox_are_made_in_development_only(
    staff: Client, merchant: Merchant, rows: Rows, settings: Any
) -> None:
    store = rows.store(merchant.partner)
    assert "Make accounts at the sandbox" not in staff.get(place("_account", store.pk)).content.decode()
    staff.post(place("_sandbox", store.pk))
    assert not store.wallet_accounts.exists()
    settings.DEBUG = True
    assert "Make accounts at the sandbox" in staff.get(place("_account", store.pk)).content.decode()
    answer = staff.post(place("_sandbox", store.pk), follow=True)
    assert {one.wallet for one in store.wallet_accounts.all()} == {"Wechat", "Alipay"}
    assert "At the sandbox nothing has to be registered." in answer.content.decode()


def test_who_may_add_replaces_nothing(merchant: Merchant) -> None:
    client = sign_in("", "add_walletaccount", store=merchant.store)
    assert client.get(step(merchant)).status_code == 200
    assert client.get(step(merchant, "AlipayHK")).status_code == 200
    assert client.post(step(merchant, "Alipay"), fill("Alipay")).status_code == 403
    assert merchant.store.wallet_accounts.get(wallet="Alipay").environment == "local_sandbox"


def test_a_stranger_sets_nothing_up_here(merchant: Merchant, rows: Rows) -> None:
    client = sign_in("", "add_walletaccount", "change_walletaccount", store=rows.store())
    for page in (step(merchant), step(merchant, "Alipay")):
        assert client.get(page).status_code == 404
    assert client.post(step(merchant, "Alipay"), fill("Alipay")).status_code == 404
    assert client.post(place("_sandbox", merchant.store.pk)).status_code == 404
    assert not WalletAccount.objects.filter(environment="production").exists()
