"""Looking at an account: over the network, and at what customers did."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db.backends.signals import connection_created

from scanforpay_django.models import GoLiveCheck, Order, WalletAccount
from scanforpay_django.operations import platform_minutes
from scanforpay_django.operations.set_up.check_account import check_account, check_connection
from scanforpay_django.operations.set_up.go_live import read_list
from scanforpay_django.operations.set_up.trial import start_trial
from tests.house import house, merchant, phones
from tests.merchant import Merchant
from tests.operations.set_up.live import lead_to_sandbox, make_live
from tests.phone import Phone

__all__ = ["house", "merchant", "phones"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(merchant: Merchant, house: str, settings: Any) -> WalletAccount:
    lead_to_sandbox(settings, house)
    return make_live(merchant)


def look(account: WalletAccount) -> dict[str, str]:
    """What is known of each step, after a look."""
    check_account(account)
    return {
        line.step.name: "failed" if line.is_failed else "done" if line.is_done else "open"
        for line in read_list(account).lines
    }


def test_what_customers_do_is_what_shows_that_it_is_registered(
    account: WalletAccount, phones: Callable[[str], Phone]
) -> None:
    before = look(account)
    assert (before["sign_in_domain"], before["payment_directory"]) == ("open", "open")
    start_trial(account)
    order = Order.objects.get()
    phone = phones("wechat")
    phone.confirm(phone.open(f"/api/jspay/pay/{order.scan_token}"))
    # The look itself asks the platform about the payment.
    look(account)
    after = look(account)
    assert (after["sign_in_domain"], after["payment_directory"]) == ("done", "done")
    assert after["trial"] == "open"
    assert "Refund it." in read_list(account).find("trial").seen


@pytest.mark.parametrize(
    ("config", "step"),
    [
        ({"payment_directory": "https://old.example.com/api/jspay/"}, "payment_directory"),
        ({"sign_in_domain": "old.example.com"}, "sign_in_domain"),
    ],
)
def test_what_staff_entered_is_compared(account: WalletAccount, config: dict[str, str], step: str) -> None:
    account.config = {**account.config, **config}
    account.save()
    assert look(account)[step] == "failed"
    assert "old.example.com" in read_list(account).find(step).seen


def test_an_entry_that_leads_here_is_no_proof(account: WalletAccount, house: str) -> None:
    account.config = {
        **account.config,
        "payment_directory": f"{house}/api/",
        "sign_in_domain": "LOCALHOST",
    }
    account.save()
    found = look(account)
    assert (found["payment_directory"], found["sign_in_domain"]) == ("open", "open")


def test_an_account_that_cannot_be_used_says_so(account: WalletAccount) -> None:
    WalletAccount.objects.filter(pk=account.pk).update(secrets_ciphertext="broken")
    account.refresh_from_db()
    assert look(account)["connection"] == "failed"
    assert "cannot be decrypted" in read_list(account).find("connection").seen
    assert not GoLiveCheck.objects.filter(step="notify").exists()


def test_the_connection_alone(account: WalletAccount) -> None:
    assert check_connection(account)
    assert [one.step for one in GoLiveCheck.objects.all()] == ["connection"]
    assert read_list(account).find("connection").is_done


@pytest.mark.postgres
def test_no_connection_to_the_database_is_left_open(
    account: WalletAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The threads that look write down how long the platform took."""
    monkeypatch.setattr(platform_minutes, "WRITE_SECONDS", 0.0)
    opened = []

    def note(connection: Any, **_signal: object) -> None:
        if threading.current_thread().name.startswith("ThreadPoolExecutor"):
            opened.append(connection)

    connection_created.connect(note)
    try:
        check_account(account)
    finally:
        connection_created.disconnect(note)
    assert opened
    assert [one.connection for one in opened] == [None] * len(opened)
