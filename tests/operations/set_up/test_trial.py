"""A real payment of the smallest amount, and its refund."""

from collections.abc import Callable
from typing import Any

import pytest

from scanforpay_django.exceptions import RequestRefused
from scanforpay_django.models import GoLiveCheck, Order, Partner, Refund, Store, WalletAccount
from scanforpay_django.operations.set_up.trial import (
    Stage,
    TrialRefused,
    find_currency,
    find_trial,
    follow_trial,
    refund_trial,
    start_trial,
)
from scanforpay_django.sandbox.models import SandboxFault
from tests.causes import STAFF
from tests.house import house, merchant, phones
from tests.merchant import Merchant, add_account
from tests.operations.set_up.live import lead_to_sandbox, make_live
from tests.phone import Phone
from tests.threads import raced

__all__ = ["house", "merchant", "phones"]
pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def account(merchant: Merchant, house: str, settings: Any) -> WalletAccount:
    lead_to_sandbox(settings, house)
    return make_live(merchant)


@pytest.fixture
def pay(phones: Callable[[str], Phone]) -> Callable[[Order], None]:
    def paid(order: Order) -> None:
        phone = phones("wechat")
        phone.confirm(phone.open(f"/api/jspay/pay/{order.scan_token}"))

    return paid


def again(account: WalletAccount) -> WalletAccount:
    """As another request reads it."""
    return WalletAccount.objects.select_related("store__partner").get(pk=account.pk)


@pytest.mark.sqlite
def test_it_goes_there_and_back(account: WalletAccount, pay: Callable[[Order], None]) -> None:
    assert find_trial(account).stage is Stage.NONE
    assert refund_trial(account, STAFF).stage is Stage.NONE
    order = start_trial(account)
    assert (order.title, order.amount, order.entry) == ("测试付款", 1, "link")
    assert follow_trial(account).stage is Stage.WAITING
    assert refund_trial(account, STAFF).stage is Stage.WAITING
    pay(order)
    assert follow_trial(account).stage is Stage.PAID
    assert GoLiveCheck.objects.get(step="trial").state == "unknown"
    assert start_trial(account).pk == order.pk
    refund_trial(account, STAFF)
    Refund.objects.update(next_at=order.created_at)
    assert follow_trial(account).stage is Stage.DONE
    assert GoLiveCheck.objects.get(step="trial").state == "ok"
    # Another one begins anew, and what was proven stays until it says otherwise.
    other = start_trial(account)
    assert other.pk != order.pk
    assert follow_trial(account).stage is Stage.WAITING
    assert GoLiveCheck.objects.get(step="trial").state == "ok"


@pytest.mark.sqlite
def test_a_refused_refund_is_said_and_tried_again(
    account: WalletAccount, pay: Callable[[Order], None]
) -> None:
    pay(start_trial(account))
    follow_trial(account)
    SandboxFault.objects.create(name="not-enough", remaining=1)
    refund_trial(account, STAFF)
    Refund.objects.exclude(state="failed").update(state="failed")
    assert follow_trial(account).stage is Stage.REFUND_FAILED
    assert GoLiveCheck.objects.get(step="trial").state == "failed"
    # Its money comes first.
    assert start_trial(account).pk == find_trial(account).order.pk
    assert refund_trial(account, STAFF).stage in (Stage.COMING_BACK, Stage.DONE)
    assert Refund.objects.count() <= 2


@pytest.mark.sqlite
def test_one_that_was_not_paid_is_over(account: WalletAccount) -> None:
    order = start_trial(account)
    Order.objects.update(expires_at=order.created_at)
    assert follow_trial(account).stage is Stage.OVER
    assert start_trial(account).pk != order.pk


@pytest.mark.sqlite
def test_the_currency_is_one_that_leads_to_this_very_account(account: WalletAccount) -> None:
    assert find_currency(account) == "CNY"
    hong_kong = add_account(account.store, "WechatGlobal", {}, {})
    WalletAccount.objects.filter(pk=hong_kong.pk).update(currencies="CNY HKD")
    assert find_currency(again(hong_kong)) in ("HKD", "CNY")
    assert {find_currency(again(one)) for one in (account, hong_kong)} == {"CNY", "HKD"}
    WalletAccount.objects.filter(pk=hong_kong.pk).update(currencies="CNY")
    refused = []
    for one in (account, hong_kong):
        try:
            find_currency(again(one))
        except TrialRefused as error:
            refused.append(str(error))
    assert len(refused) == 1
    assert "another account" in refused[0]


@pytest.mark.sqlite
def test_what_keeps_payments_from_beginning_keeps_it_too(account: WalletAccount) -> None:
    Partner.objects.update(currencies="HKD")
    with pytest.raises(RequestRefused):
        start_trial(again(account))
    Partner.objects.update(currencies="", stops_payments=True)
    with pytest.raises(TrialRefused, match="no new payments"):
        start_trial(again(account))
    Partner.objects.update(stops_payments=False)
    WalletAccount.objects.filter(pk=account.pk).update(is_active=False)
    with pytest.raises(TrialRefused, match="Switch"):
        start_trial(again(account))
    assert not Order.objects.exists()


@pytest.mark.sqlite
def test_an_order_of_another_store_is_none_of_it(account: WalletAccount) -> None:
    order = start_trial(account)
    other = Store.objects.create(partner=account.store.partner, store_no="778", name="x")
    Order.objects.filter(pk=order.pk).update(store=other)
    assert find_trial(account).stage is Stage.NONE


@pytest.mark.postgres
def test_pressed_by_several_at_once_it_is_one_order(account: WalletAccount) -> None:
    made = raced(6, lambda: start_trial(again(account)).pk)
    assert len(made) == 6
    assert len(set(made)) == 1
    assert GoLiveCheck.objects.get().order_pk == made[0]
