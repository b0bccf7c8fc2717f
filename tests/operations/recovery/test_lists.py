"""What a platform's own list by time tells minutes after the restore."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from scanforpay_django import clock
from scanforpay_django.models import Order, RebuiltOrder, Store, WalletAccount
from scanforpay_django.operations.examination.doctor import examine
from scanforpay_django.operations.recovery.lists import Listed, ask_for_lists
from scanforpay_django.sandbox.models import Trade
from scanforpay_django.wallets.alipay.wallet import AlipayWallet
from scanforpay_django.wallets.base import PaymentResult
from tests.lost_orders import keep_only, lose, restored
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    return keep_only(till_of("alipay"))


def ask() -> Listed:
    return ask_for_lists(restored(), per_second=10_000)


def paid(till: Till) -> Order:
    order = till.order()
    assert till.pay(order) == "paid"
    return order


def test_payments_of_orders_that_are_lost_are_named(till: Till) -> None:
    paid(till)
    lost, open_order = paid(till), till.order()
    till.sandbox.pay(open_order, outcome="cancel")
    number = lost.payments.get().out_trade_no
    lose(lost, open_order)
    listed = ask()
    assert (listed.merchants, listed.rebuilt, listed.faults) == (1, 0, {})
    assert [(one.out_trade_no, one.amount) for one in listed.unknown] == [(number, lost.amount)]
    # Its merchant sends it again, and it is not told a second time.
    again = till.order(partnerOrderNo=lost.partner_order_no)
    with pytest.raises(Exception, match="its state is 'paid'"):
        till.pay(again)
    assert ask().unknown == []


def test_orders_of_other_systems_are_not_ours(till: Till) -> None:
    lost = paid(till)
    Trade.objects.update(out_trade_no="2026113012345678901234567890")
    lose(lost)
    assert ask().unknown == []


def test_where_our_reference_comes_back_the_order_is_made_again(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the class of the query's answer in the official SDK has it; the documents say that it does not come back."""
    lost = paid(till)
    trade = Trade.objects.get(out_trade_no=lost.payments.get().out_trade_no)
    sent = AlipayWallet.query

    def query(wallet: AlipayWallet, out_trade_no: str) -> PaymentResult:
        reference = trade.request["biz_content"]["passback_params"]
        return replace(sent(wallet, out_trade_no), reference=unquote(reference))

    monkeypatch.setattr(AlipayWallet, "query", query)
    lose(lost)
    listed = ask()
    assert (listed.rebuilt, listed.unknown) == (1, [])
    order = Order.objects.get(order_no=lost.order_no)
    assert (order.state, order.amount) == ("paid", lost.amount)
    assert RebuiltOrder.objects.get().source == "query"


def test_a_list_that_was_not_granted_is_said(till: Till) -> None:
    lose(paid(till))
    till.sandbox.fault("list-not-granted")
    listed = ask()
    assert (listed.merchants, listed.unknown) == (0, [])
    assert "isv.insufficient-isv-permissions" in listed.faults[str(till.account)]


def test_one_that_cannot_be_asked_about_is_named_all_the_same(till: Till) -> None:
    lost = [paid(till) for _number in range(2)]
    numbers = {order.payments.get().out_trade_no for order in lost}
    lose(*lost)
    till.sandbox.fault("http-500", operation="query")
    listed = ask()
    assert {one.out_trade_no for one in listed.unknown} == numbers
    assert (listed.merchants, listed.faults) == (1, {})


def test_stores_that_share_a_merchant_are_asked_once(till: Till) -> None:
    """And where the first account cannot ask, the next does."""
    other = Store.objects.create(partner=till.merchant.partner, store_no="999", name="Second")
    account: Any = WalletAccount.objects.get()
    account.pk, account.public_id, account.store = None, "second", other
    account.save()
    lost = paid(till)
    lose(lost)
    listed = ask()
    assert (listed.merchants, len(listed.unknown)) == (1, 1)
    till.sandbox.fault("list-not-granted")
    listed = ask()
    assert (listed.merchants, len(listed.unknown), len(listed.faults)) == (1, 1, 1)


def test_what_was_made_before_the_copy_is_not_asked_for(till: Till) -> None:
    lost = paid(till)
    lose(lost)
    Trade.objects.update(created_at=clock.now() - timedelta(hours=2))
    assert ask().unknown == []


def test_the_doctor_says_who_has_the_list(till: Till) -> None:
    def listed() -> list[str]:
        return [one.text for one in examine(goes_online=True) if one.name == "list of payments"]

    assert listed() == [f"{till.account}: granted"]
    till.sandbox.fault("list-not-granted")
    assert listed()[0].startswith(f"{till.account}: not granted")
