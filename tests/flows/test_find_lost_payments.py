"""A database that was restored from a copy asks the platforms for what it does not know any more."""

from datetime import timedelta
from typing import Any

import pytest

from scanforpay_django import clock
from scanforpay_django.exceptions import (
    InvalidOrderState,
    PlatformSignatureInvalid,
    PlatformUnreachable,
    SecretUnreadable,
)
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.find_lost_payments import possible_accounts
from scanforpay_django.flows.overdue import MAX_FAILING
from scanforpay_django.flows.payment_request import attempt_number
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import (
    AskedOrder,
    Flag,
    Notification,
    Order,
    OrderEvent,
    Payment,
    RestoreMark,
    WalletAccount,
)
from scanforpay_django.wallets.base import PaymentResult, TradeState
from tests.causes import API
from tests.merchant import Merchant, add_account
from tests.scripted import Platform, ScriptedWallet, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(merchant: Merchant, platform: Platform) -> Order:
    merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    return Order.objects.select_related("store", "partner").get()


def lose(order: Order, platform: Platform, *, attempts: int, paid: int) -> list[str]:
    """Make so many attempts, the last ``paid`` of them paid; then forget them all, as an old copy would."""
    numbers = [start(order, f"payer-{n}").params["number"] for n in range(attempts)]
    for number in numbers[attempts - paid :]:
        platform.trades[number] = "paid"
    OrderEvent.objects.all().delete()
    Payment.objects.all().delete()
    return numbers


def switch_off(account: WalletAccount) -> None:
    WalletAccount.objects.filter(pk=account.pk).update(is_active=False)


def restore() -> None:
    RestoreMark.objects.create(at=clock.now())


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_a_lost_payment_is_found_by_its_derived_number(
    merchant: Merchant, order: Order, platform: Platform, attempts: int
) -> None:
    numbers = lose(order, platform, attempts=attempts, paid=1)
    restore()
    poll_platforms()
    payment = Payment.objects.get(state="paid")
    assert (payment.out_trade_no, payment.attempt, payment.is_applied) == (numbers[-1], attempts, True)
    assert merchant.query(partnerOrderNo="p1")["status"] == 1
    assert Notification.objects.count() == 1
    for _ in range(2):
        poll_platforms()
    assert Payment.objects.filter(state="paid").count() == 1
    assert not Flag.objects.exists()


def test_the_customer_cannot_pay_twice(merchant: Merchant, order: Order, platform: Platform) -> None:
    lose(order, platform, attempts=1, paid=1)
    restore()
    with pytest.raises(InvalidOrderState):
        start(order, "another")
    assert list(platform.trades.values()) == ["paid"]
    assert merchant.query(partnerOrderNo="p1")["status"] == 1


def test_what_was_left_open_is_closed_before_another_attempt(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    lost = lose(order, platform, attempts=1, paid=0)
    restore()
    new = start(order, "another").params["number"]
    assert platform.trades == {lost[0]: "closed", new: "open"}
    assert list(Payment.objects.order_by("attempt").values_list("attempt", "state")) == [
        (1, "closed"),
        (2, "open"),
    ]


def test_a_lost_payment_wins_over_closing_and_expiry(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    lose(order, platform, attempts=2, paid=1)
    restore()
    assert close_order(order, API).state == "paid"


def test_nothing_begins_while_the_platform_cannot_be_asked(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    lose(order, platform, attempts=1, paid=1)
    restore()
    platform.script["query"] = PlatformUnreachable()
    with pytest.raises(PlatformUnreachable):
        start(order, "another")
    poll_platforms()
    assert not AskedOrder.objects.exists()
    platform.script.clear()
    poll_platforms()
    assert merchant.query(partnerOrderNo="p1")["status"] == 1


def test_accounts_that_were_switched_off_are_asked_too(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    lose(order, platform, attempts=1, paid=1)
    old = merchant.store.wallet_accounts.get(wallet="Wechat")
    switch_off(old)
    add_account(merchant.store, "Wechat", {}, {})
    restore()
    poll_platforms()
    assert Order.objects.get().state == "paid"


def test_an_order_is_asked_about_once_for_each_restore(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    asked: list[str] = []

    def count(number: str) -> object:
        asked.append(number)
        return PaymentResult(out_trade_no=number, state=TradeState.NOT_FOUND)

    platform.script["query"] = count
    for _ in range(3):
        poll_platforms()
    assert not asked
    restore()
    for _ in range(3):
        poll_platforms()
    assert len(asked) == len(set(asked)) == 5
    restore()
    poll_platforms()
    assert len(asked) == 10


def test_orders_made_after_the_restore_are_not_asked_about(merchant: Merchant, platform: Platform) -> None:
    restore()
    merchant.create(partnerOrderNo="p2")
    poll_platforms()
    assert not AskedOrder.objects.exists()


@pytest.mark.parametrize(
    "trouble", [PlatformUnreachable(), PlatformSignatureInvalid(), SecretUnreadable()], ids=type
)
@pytest.mark.parametrize("first", [True, False])
def test_an_account_that_cannot_be_asked_hides_no_other_and_is_not_forgotten(
    merchant: Merchant, order: Order, platform: Platform, trouble: Exception, first: bool, monkeypatch: Any
) -> None:
    number = lose(order, platform, attempts=1, paid=1)[0]
    old = merchant.store.wallet_accounts.get(wallet="Wechat")
    switch_off(old)
    new = add_account(merchant.store, "Wechat", {}, {})
    broken = old if first else new
    real = ScriptedWallet.query

    def query(wallet: ScriptedWallet, asked: str) -> PaymentResult:
        if wallet.account.pk == broken.pk:
            raise trouble
        return real(wallet, asked)

    monkeypatch.setattr(ScriptedWallet, "query", query)
    restore()
    poll_platforms()
    assert Payment.objects.get().out_trade_no == number
    assert merchant.query(partnerOrderNo="p1")["status"] == 1


def test_an_order_that_nobody_can_ask_about_since_a_restore_is_flagged(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    platform.script["query"] = PlatformSignatureInvalid()
    restore()
    poll_platforms()
    assert not Flag.objects.exists()
    RestoreMark.objects.update(at=clock.now() - MAX_FAILING)
    Order.objects.update(created_at=clock.now() - 2 * MAX_FAILING)
    for _ in range(2):
        poll_platforms()
    assert Flag.objects.get(cleared_at=None).kind == "payment_overdue"
    platform.script.clear()
    poll_platforms()
    assert not Flag.objects.filter(cleared_at=None).exists()
    assert AskedOrder.objects.exists()


def test_an_account_that_never_had_credentials_is_not_asked(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    half_made = merchant.store.wallet_accounts.get(wallet="Wechat")
    switch_off(half_made)
    WalletAccount.objects.filter(pk=half_made.pk).update(secrets_ciphertext="")
    assert half_made not in [one.account for one in possible_accounts(order)]


def test_orders_at_a_platform_that_does_not_answer_keep_no_others_waiting(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """The older one is asked about in vain."""
    merchant.create(partnerOrderNo="p2")
    younger = Order.objects.select_related("store", "partner").get(partner_order_no="p2")
    lost = lose(younger, platform, attempts=1, paid=1)[0]
    dead = {attempt_number(order, place) for place in range(1, 6)}

    def query(number: str) -> PaymentResult:
        if number in dead:
            raise PlatformUnreachable
        state = TradeState.PAID if number == lost else TradeState.NOT_FOUND
        return PaymentResult(
            out_trade_no=number, state=state, amount=2100, currency="CNY", trade_no=f"t{number}"
        )

    platform.script["query"] = query
    restore()
    poll_platforms()
    assert Order.objects.get(pk=younger.pk).state == "paid"
    assert Order.objects.get(pk=order.pk).state == "pending"


def test_an_order_that_cannot_be_asked_about_keeps_no_other_from_expiring(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    """It is the first whose time is up, and a sweep has time for one."""
    restore()
    merchant.create(partnerOrderNo="p2")
    platform.script["query"] = PlatformUnreachable()
    for place, one in enumerate(Order.objects.order_by("pk")):
        Order.objects.filter(pk=one.pk).update(expires_at=clock.now() - timedelta(minutes=9 - place))
    poll_platforms(limit=1)
    assert Order.objects.get(pk=order.pk).state == "pending"
    assert Order.objects.get(partner_order_no="p2").state == "expired"


def test_an_account_whose_currencies_were_edited_since_is_asked_too(
    merchant: Merchant, order: Order, platform: Platform
) -> None:
    lose(order, platform, attempts=1, paid=1)
    merchant.store.wallet_accounts.update(currencies="HKD")
    restore()
    poll_platforms()
    assert Order.objects.get().state == "paid"
