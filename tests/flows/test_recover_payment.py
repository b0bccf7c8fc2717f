"""A payment that only the platform knows is made anew. As an act of staff: tests/books/test_difference_acts.py."""

from collections.abc import Callable

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformValueInvalid
from scanforpay_django.flows.recover_payment import recover_payment
from scanforpay_django.models import Notification, Order, Payment, PlatformNotification, WalletAccount
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(till_of: Callable[[str], Till]) -> Till:
    return till_of("wechat")


@pytest.fixture
def lost(till: Till) -> tuple[Order, str]:
    """The order, and the number of its payment that is gone."""
    payment = till.paid()
    order = payment.order
    Notification.objects.filter(order=order).delete()
    order.events.all().delete()
    PlatformNotification.objects.update(payment=None)
    Payment.objects.filter(pk=payment.pk).delete()
    Order.objects.filter(pk=order.pk).update(state=Order.State.PENDING, paid_at=None)
    order.refresh_from_db()
    return order, payment.out_trade_no


def test_it_is_on_its_order_again_and_pays_it(lost: tuple[Order, str]) -> None:
    order, number = lost
    assert recover_payment(order, number)
    order.refresh_from_db()
    assert (order.state, order.payments.get().out_trade_no) == ("paid", number)
    assert not recover_payment(order, number)


def test_an_account_without_keys_keeps_no_other_from_being_asked(lost: tuple[Order, str], till: Till) -> None:
    order, number = lost
    others = WalletAccount.objects.filter(store=order.store_id, wallet="Wechat").exclude(pk=till.account.pk)
    assert others.exists()
    assert recover_payment(order, number)


def test_that_none_could_be_asked_is_an_error(lost: tuple[Order, str], till: Till) -> None:
    order, number = lost
    account = WalletAccount.objects.get(pk=till.account.pk)
    account.set_secrets({})
    account.save()
    with pytest.raises(PlatformError):
        recover_payment(order, number)
    assert not order.payments.exists()


def test_another_orders_number_is_refused(lost: tuple[Order, str]) -> None:
    with pytest.raises(PlatformValueInvalid):
        recover_payment(lost[0], "A1b" * 9 + "x")
