"""Every account's platform is asked, and none is waited for longer than there is time."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from scanforpay_django.models import WalletAccount
from scanforpay_django.operations.connection_test import BAD_KEY
from scanforpay_django.operations.examination import outside
from scanforpay_django.operations.examination.outside import examine_outside
from scanforpay_django.wallets.wechat.wallet import WeChatWallet
from tests.house import house, merchant, phones
from tests.merchant import Merchant
from tests.operations.set_up.live import lead_to_sandbox, make_live
from tests.transport.zoo import Zoo, never_answers

__all__ = ["house", "merchant", "phones"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def accounts(merchant: Merchant, house: str, settings: Any) -> list[WalletAccount]:
    lead_to_sandbox(settings, house)
    return [make_live(merchant, wallet) for wallet in ("Wechat", "Alipay")]


def test_each_account_has_a_line(accounts: list[WalletAccount]) -> None:
    found = [one for one in examine_outside() if one.name == "platform"]
    assert sorted(one.text for one in found) == sorted(f"{account}: It answers." for account in accounts)
    assert all(one.is_right for one in found)


def test_a_key_that_does_not_read_is_named_and_not_quoted(
    accounts: list[WalletAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts[1].set_secrets(dict.fromkeys(accounts[1].secrets(), "very-hidden"))
    accounts[1].save()

    def quote(_wallet: WeChatWallet) -> None:
        """As a wallet of the project's own may."""
        raise ValueError("not a key: very-hidden")

    monkeypatch.setattr(WeChatWallet, "probe", quote)
    found = list(examine_outside())
    first, second = [one for one in found if one.name == "platform" and not one.is_right]
    assert first.text == f"{accounts[0]}: {BAD_KEY}"
    assert "does not read" in second.text
    assert "very-hidden" not in str(found)


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One platform answers when the test has ended."""
    ended = threading.Event()
    monkeypatch.setattr(WeChatWallet, "probe", lambda _wallet: ended.wait(30))
    yield
    ended.set()


def test_what_does_not_answer_in_time_is_counted(accounts: list[WalletAccount], hanging: None) -> None:
    found = list(examine_outside(max_seconds=2.0))
    assert [one.text for one in found if one.name == "platform" and one.is_right] == [
        f"{accounts[1]}: It answers."
    ]
    assert found[-1].text == "1 account was not asked to the end within 2 seconds."
    assert "--online" in found[-1].fix


def test_an_address_that_does_not_answer_in_time_is_said(
    accounts: list[WalletAccount], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    with Zoo() as zoo:
        # It is taken for the public address, which may be private in a test alone.
        address = zoo.cage(never_answers)
        settings.SCANFORPAY_BASE_URL = address.rstrip("/")
        settings.SCANFORPAY_OUTBOUND_ALLOW = ["127.0.0.0/8"]
        found = {one.name: one for one in examine_outside(max_seconds=2.0)}
    assert found["address"].text == "It did not answer within 2 seconds."
    assert found["platform"].is_right


def test_a_page_asks_no_more_accounts_than_it_has_time_for(
    accounts: list[WalletAccount], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "MAX_ASKED", 1)
    assert "1 account was not asked" in list(examine_outside(max_seconds=20))[-1].text
    assert len([one for one in examine_outside() if one.name == "platform"]) == 2
