"""A payment that only the platform's bill shows is made anew on its order."""

from collections.abc import Callable

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformValueInvalid
from scanforpay_django.flows.payment_request import attempt_number
from scanforpay_django.flows.recover_payment import recover_payment
from scanforpay_django.models import (
    Notification,
    Order,
    OrderEvent,
    Payment,
    PlatformNotification,
    WalletAccount,
)
from scanforpay_django.models.derived_numbers import derive_out_trade_no
from tests.merchant import Merchant
from tests.scripted import Platform, platform, start
from tests.threads import raced
from tests.wallets.conftest import Till, till_of

__all__ = ["platform", "till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def order(merchant: Merchant, platform: Platform) -> Order:
    merchant.create(partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    return Order.objects.select_related("store", "partner").get()


def lose(order: Order, platform: Platform) -> str:
    """Its one payment was paid, and the row is gone."""
    number = start(order, "payer").params["number"]
    platform.trades[number] = "paid"
    OrderEvent.objects.all().delete()
    Payment.objects.all().delete()
    return number


def test_it_pays_its_order(order: Order, platform: Platform) -> None:
    number = lose(order, platform)
    assert recover_payment(order, number)
    order.refresh_from_db()
    assert (order.state, order.payments.get().out_trade_no) == ("paid", number)
    assert not recover_payment(order, number)


def test_a_number_of_another_order_is_refused(order: Order, platform: Platform) -> None:
    with pytest.raises(PlatformValueInvalid):
        recover_payment(order, derive_out_trade_no("10001", "another", 1))


def test_what_no_account_knows_changes_nothing(order: Order, platform: Platform) -> None:
    assert not recover_payment(order, attempt_number(order, 7))
    assert not Payment.objects.exists()


def test_two_at_once_make_one_payment(order: Order, platform: Platform) -> None:
    number = lose(order, platform)
    found = raced(4, lambda: recover_payment(Order.objects.get(pk=order.pk), number))
    assert found.count(True) == 1
    assert Payment.objects.count() == 1


def test_an_account_without_keys_keeps_no_other_from_being_asked(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    order, number = till.paid().order, Payment.objects.get().out_trade_no
    Notification.objects.all().delete()
    OrderEvent.objects.all().delete()
    PlatformNotification.objects.all().delete()
    Payment.objects.all().delete()
    Order.objects.update(state=Order.State.PENDING, paid_at=None)
    others = WalletAccount.objects.filter(store=order.store_id, wallet="Wechat").exclude(pk=till.account.pk)
    assert others.exists()
    assert recover_payment(Order.objects.get(), number)


def test_that_no_account_could_be_asked_is_an_error(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    order = till.paid().order
    till.account.set_secrets({})
    till.account.save()
    with pytest.raises(PlatformError):
        recover_payment(order, attempt_number(order, 7))
