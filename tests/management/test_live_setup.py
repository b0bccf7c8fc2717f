"""scanforpay_setup --live, with the sandbox in the platform's place."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from scanforpay_django.models import Payment, WalletAccount
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from tests.house import house, merchant
from tests.merchant import Merchant, new_order

__all__ = ["house", "merchant"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


Credentials = tuple[dict[str, str], ...]


@pytest.fixture(autouse=True)
def platforms(house: str, settings: Any) -> None:
    """The hosts of the environment "production"."""
    sandbox = f"{house}/sandbox"
    settings.SCANFORPAY_PLATFORM_HOSTS = {
        "production": {
            "Wechat": {"api": f"{sandbox}/wechat"},
            "Alipay": {"gateway": f"{sandbox}/alipay/gateway.do"},
        }
    }


def live(*arguments: str) -> str:
    told = io.StringIO()
    call_command("scanforpay_setup", "--live", *arguments, stdout=told)
    return told.getvalue()


def given(tmp_path: Path, credentials: Credentials) -> list[str]:
    config, secrets = credentials
    arguments = [f"--set={name}={value}" for name, value in config.items() if "BEGIN" not in value]
    for name, value in {
        **secrets,
        **{name: value for name, value in config.items() if "BEGIN" in value},
    }.items():
        (tmp_path / name).write_text(value + "\n")
        arguments.append(f"--set={name}=@{tmp_path / name}")
    return arguments


ISSUERS = {"Wechat": issue_wechat_credentials, "Alipay": issue_alipay_credentials}


def issued(wallet: str) -> Credentials:
    """By the sandbox; a key's last line end is not kept."""
    config, secrets = ISSUERS[wallet]()
    return tuple({name: value.strip() for name, value in some.items()} for some in (config, secrets))


@pytest.mark.parametrize("wallet", ISSUERS)
def test_an_account_that_works_replaces_the_sandboxs(
    merchant: Merchant, house: str, tmp_path: Path, wallet: str
) -> None:
    credentials = issued(wallet)
    told = live("--no-input", "--wallet", wallet, *given(tmp_path, credentials))
    account = WalletAccount.objects.get(wallet=wallet, is_active=True)
    assert (account.environment, account.secrets(), account.config) == (
        "production",
        credentials[1],
        credentials[0],
    )
    assert "the sandbox on this machine) is off" in told
    assert f"/api/platform/{wallet.lower()}/{account.public_id}" in told
    registered = {
        "Wechat": f"JSAPI payment directory (支付授权目录): {house}/api/jspay/",
        "Alipay": "Authorisation callback address (授权回调地址): localhost",
    }
    assert registered[wallet] in told
    assert "scanforpay_worker" in told
    for secret in credentials[1].values():
        assert secret not in told


def test_an_account_that_the_platform_refuses_is_kept_switched_off_and_corrected(
    merchant: Merchant, tmp_path: Path
) -> None:
    config, secrets = issued("Alipay")
    wrong = {**config, "app_id": "2021000000000001"}
    with pytest.raises(CommandError, match="stored, switched off"):
        live("--no-input", "--wallet", "Alipay", *given(tmp_path, (wrong, secrets)))
    states = {one.environment: one.is_active for one in WalletAccount.objects.filter(wallet="Alipay")}
    assert states == {"production": False, "local_sandbox": True}
    # What is right is not given again.
    live("--no-input", "--wallet", "Alipay", f"--set=app_id={config['app_id']}")
    account = WalletAccount.objects.get(wallet="Alipay", is_active=True)
    assert (account.environment, account.secrets()) == ("production", secrets)


def test_what_is_missing_is_named_and_nothing_is_stored(merchant: Merchant) -> None:
    with pytest.raises(CommandError, match=r"(?s)Nothing was stored.*private_key: "):
        live("--no-input", "--wallet", "Wechat", "--set=mchid=1900000001")
    assert not WalletAccount.objects.filter(environment="production").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--no-input"], "Give --wallet"),
        (["--no-input", "--wallet", "Paypal"], "--wallet takes"),
        (["--no-input", "--wallet", "Wechat", "--set", "apiv3_key=abc"], "apiv3_key=@FILE"),
        (["--no-input", "--wallet", "Wechat", "--set", "nonsense=1"], "mchid"),
        (
            ["--no-input", "--wallet", "Wechat", "--set", "private_key=@/nowhere"],
            "the file cannot be read",
        ),
        (["--no-input", "--wallet", "Wechat", "--store", "9"], "no active store 9"),
        ([], "input ended"),
    ],
)
def test_what_cannot_be_used_is_refused(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match=words):
        live(*arguments)


def test_options_of_a_live_account_go_with_live() -> None:
    with pytest.raises(CommandError, match="go with --live"):
        call_command("scanforpay_setup", "--wallet", "Wechat")


def test_the_dialogue_asks_for_each_credential(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, secrets = issued("Alipay")
    (tmp_path / "key.pem").write_text(secrets["private_key"])
    (tmp_path / "platform.pem").write_text(config["alipay_public_key"])
    answers = {
        "app_id": config["app_id"],
        "seller_id": config["seller_id"],
        "private_key": str(tmp_path / "key.pem"),
        "alipay_public_key": str(tmp_path / "platform.pem"),
    }
    from scanforpay_django.wallets.alipay.wallet import AlipayWallet

    lines = ["Alipay", *(answers.get(one.name, "") for one in AlipayWallet.credentials)]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    told = live()
    assert WalletAccount.objects.get(wallet="Alipay", is_active=True).secrets() == secrets
    assert secrets["private_key"] not in told
    # Again, with Enter for everything: what is stored is kept, and shown where it is no secret.
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n" * 40))
    again = live("--wallet", "Alipay")
    assert f"[{config['app_id']}]" in again
    assert "[stored]" in again
    assert WalletAccount.objects.get(wallet="Alipay", is_active=True).secrets() == secrets


def test_who_collects_stays_once_payments_were_made(merchant: Merchant, tmp_path: Path) -> None:
    live("--no-input", "--wallet", "Alipay", *given(tmp_path, issued("Alipay")))
    account = WalletAccount.objects.get(wallet="Alipay", is_active=True)
    order = new_order(merchant, wallet="Alipay")
    Payment.objects.create(
        order=order, account=account, wallet="Alipay", product="wap", amount=order.amount, currency="CNY",
        expires_at=order.expires_at, out_trade_no="x1",
    )  # fmt: skip
    with pytest.raises(CommandError, match="who collects cannot change"):
        live("--no-input", "--wallet", "Alipay", *given(tmp_path, issued("Alipay")))


def test_a_key_that_is_pasted_where_its_path_is_asked_for_is_not_shown(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    pasted = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 50
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"app\nseller\n{pasted}\n" * 5))
    with pytest.raises(CommandError) as raised:
        live("--wallet", "Alipay")
    assert "MIIEvQ" not in str(raised.value)
    assert "Give the path" in str(raised.value)
