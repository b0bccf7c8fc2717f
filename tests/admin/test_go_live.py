"""An account's go-live list in admin: looked at again, confirmed, and proven by a real payment and its refund."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scanforpay_django.models import GoLiveCheck, Notification, Order, Refund, WalletAccount
from tests.admin.pages import url
from tests.admin.test_set_up import history, place
from tests.house import house, merchant, phones
from tests.merchant import Merchant
from tests.operations.set_up.live import lead_to_sandbox, make_live
from tests.people import sign_in
from tests.phone import Phone
from tests.rows import Rows

__all__ = ["house", "merchant", "phones"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


@pytest.fixture
def account(merchant: Merchant, house: str, settings: Any) -> WalletAccount:
    lead_to_sandbox(settings, house)
    return make_live(merchant)


def here(account: WalletAccount, name: str = "_go_live") -> str:
    return place(name, account.store_id, account.pk)


def states(staff: Client, account: WalletAccount) -> dict[str, str]:
    """What the page says of each step."""
    found = staff.get(here(account)).context["list"]
    return {
        line.step.name: "failed" if line.is_failed else "done" if line.is_done else "open"
        for line in found.lines
    }


def test_the_list_is_read_without_asking_anybody(staff: Client, account: WalletAccount) -> None:
    assert states(staff, account) == {
        "address": "open",
        "products": "open",
        "sign_in_domain": "open",
        "domain_file": "open",
        "payment_directory": "open",
        "notify": "open",
        "connection": "open",
        "trial": "open",
    }
    assert not GoLiveCheck.objects.exists()


def test_looking_again_keeps_what_was_seen(staff: Client, account: WalletAccount, house: str) -> None:
    staff.post(here(account, "_check"))
    page = staff.get(here(account)).content.decode()
    found = states(staff, account)
    # The tests' server has no TLS.
    assert found["address"] == "failed"
    assert "not over https" in page
    assert (found["notify"], found["connection"]) == ("done", "done")
    assert "refused there as it should be" in page
    assert f"{house}/api/platform/wechat/{account.public_id}" in page
    assert "of 8 steps are done" in history(account)[-1].change_message


def test_a_person_confirms_what_only_the_platform_shows(staff: Client, account: WalletAccount) -> None:
    for _twice in range(2):
        staff.post(here(account, "_confirm"), {"step": "products"})
    assert states(staff, account)["products"] == "done"
    assert "Confirmed by boss" in staff.get(here(account)).content.decode()
    assert [one.change_message for one in history(account)] == [
        "Confirmed: The products that the account uses are granted"
    ]
    staff.post(here(account, "_confirm"), {"step": "products", "_withdraw": "1"})
    assert states(staff, account)["products"] == "open"
    assert len(history(account)) == 2


@pytest.mark.parametrize("step", ["notify", "connection", "trial", "address", "domain_file", "nonsense", ""])
def test_what_is_looked_at_is_not_confirmed(staff: Client, account: WalletAccount, step: str) -> None:
    page = staff.post(here(account, "_confirm"), {"step": step}, follow=True).content.decode()
    assert "looked at, not confirmed" in page
    assert not GoLiveCheck.objects.exists()


def test_a_confirmation_ends_with_the_address_it_was_about(
    staff: Client, account: WalletAccount, settings: Any
) -> None:
    staff.post(here(account, "_confirm"), {"step": "sign_in_domain"})
    settings.SCANFORPAY_BASE_URL = "https://pay.example.com"
    assert states(staff, account)["sign_in_domain"] == "open"
    assert "before something of it was changed" in staff.get(here(account)).content.decode()


def test_a_real_payment_and_its_refund(
    staff: Client, account: WalletAccount, phones: Callable[[str], Phone]
) -> None:
    answer = staff.post(here(account, "_trial"))
    assert answer.headers["Location"] == here(account, "_trial")
    order = Order.objects.get()
    assert (order.amount, order.currency, order.notify_url) == (1, "CNY", "")
    assert order.wallet == "Wechat"
    assert "<svg" in staff.get(here(account, "_trial_code")).content.decode()
    state = staff.get(here(account, "_trial_state")).json()
    assert (state["stage"], state["ends"]) == ("waiting", False)
    phone = phones("wechat")
    phone.confirm(phone.open(f"/api/jspay/pay/{order.scan_token}"))
    # No notification is waited for: the page asks.
    assert staff.get(here(account, "_trial_state")).json()["stage"] == "paid"
    page = staff.get(here(account, "_trial")).content.decode()
    assert re.search(r'data-sp-when="paid refund_failed">', page)
    staff.post(here(account, "_trial_refund"))
    # Sent twice it is one refund.
    staff.post(here(account, "_trial_refund"))
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.actor) == (1, "go-live test", "boss")
    Refund.objects.update(next_at=order.created_at)
    assert staff.get(here(account, "_trial_state")).json() == {
        "html": staff.get(here(account, "_trial_state")).json()["html"],
        "stage": "done",
        "ends": True,
    }
    assert states(staff, account)["trial"] == "done"
    assert "CNY 0.01 was paid at" in staff.get(here(account)).content.decode()
    assert not Notification.objects.exists()
    texts = [one.change_message for one in history(account)]
    assert texts[0].startswith("Began a real payment")
    assert texts[1].startswith("Refunded the real payment")


def test_a_payment_that_waits_is_not_begun_twice(staff: Client, account: WalletAccount) -> None:
    for _twice in range(2):
        staff.post(here(account, "_trial"))
    assert Order.objects.count() == 1
    Order.objects.update(state="expired")
    staff.post(here(account, "_trial"))
    assert Order.objects.count() == 2
    newest = Order.objects.latest("pk")
    assert newest.partner_order_no in staff.get(here(account, "_trial")).content.decode()


def test_a_payment_needs_an_account_that_collects(staff: Client, account: WalletAccount) -> None:
    WalletAccount.objects.update(is_active=False)
    page = staff.post(here(account, "_trial"), follow=True).content.decode()
    assert "Switch the account on first" in page
    WalletAccount.objects.update(is_active=True, stops_payments=True)
    page = staff.post(here(account, "_trial"), follow=True).content.decode()
    assert 'class="error' in page
    assert not Order.objects.exists()


def test_an_account_is_switched_on_in_the_place_of_another(staff: Client, account: WalletAccount) -> None:
    other = WalletAccount(
        store=account.store, wallet="Wechat", environment="production", is_active=False, config=account.config
    )
    other.set_secrets(account.secrets())
    other.save()
    assert "switched off:" in staff.get(here(other)).content.decode()
    page = staff.post(here(other, "_switch_on"), follow=True).content.decode()
    assert "takes payments" in page
    active = WalletAccount.objects.filter(wallet="Wechat", is_active=True)
    assert [one.pk for one in active] == [other.pk]
    empty = WalletAccount.objects.create(store=account.store, wallet="AlipayHK", is_active=False)
    page = staff.post(here(empty, "_switch_on"), follow=True).content.decode()
    assert "not complete" in page
    empty.refresh_from_db()
    assert not empty.is_active


def test_the_list_is_on_the_accounts_own_page_too(staff: Client, account: WalletAccount) -> None:
    page = staff.get(url(WalletAccount, "change", account.pk)).content.decode()
    assert "Go-live list" in page
    assert f'action="{here(account, "_check")}"' in page
    # "Test connection" there is the same test.
    staff.post(url(WalletAccount, "change", account.pk), {"_probe": "1"})
    assert states(staff, account)["connection"] == "done"
    with CaptureQueriesContext(connection) as asked:
        staff.get(url(WalletAccount, "change", account.pk))
    assert len(asked) <= 12, [one["sql"] for one in asked]


def test_a_store_leads_to_the_account_that_collects(
    staff: Client, account: WalletAccount, rows: Rows
) -> None:
    alipay = account.store.wallet_accounts.get(wallet="Alipay")
    WalletAccount.objects.filter(pk=account.pk).update(is_active=False)
    answer = staff.get(place("_go_live_store", account.store_id))
    assert answer.headers["Location"] == here(alipay)
    bare = rows.store(account.store.partner)
    assert staff.get(place("_go_live_store", bare.pk)).headers["Location"] == place("_account", bare.pk)


ACTS = ("_check", "_confirm", "_switch_on", "_trial", "_trial_refund")
PAGES = ("_go_live", "_trial", "_trial_state", "_trial_code")


def test_who_sees_acts_only_with_the_permission(account: WalletAccount) -> None:
    reader = sign_in("", "view_walletaccount", store=account.store)
    page = reader.get(here(account)).content.decode()
    assert "<form" not in page.partition('class="sp"')[2]
    assert {reader.post(here(account, one)).status_code for one in ACTS} == {403}
    assert not GoLiveCheck.objects.exists()


def test_a_strangers_account_is_not_there(account: WalletAccount, rows: Rows) -> None:
    clerk = sign_in("", "view_walletaccount", "change_walletaccount", store=rows.store())
    assert {clerk.get(here(account, one)).status_code for one in PAGES} == {404}
    assert {clerk.post(here(account, one), {"step": "products"}).status_code for one in ACTS} == {404}
    # Nor below a store of one's own.
    own = sign_in("", "change_walletaccount", name="own", store=account.store)
    foreign = WalletAccount.objects.create(store=rows.store(), wallet="Wechat")
    assert own.get(place("_go_live", account.store_id, foreign.pk)).status_code == 404
    assert not Order.objects.exists()
