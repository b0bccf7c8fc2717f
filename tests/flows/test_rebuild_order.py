"""An order that was lost with the database comes back with its platform's next message."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db.models.signals import pre_save

from scanforpay_django.exceptions import PlatformValueInvalid
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.rebuild_order import rebuild_order
from scanforpay_django.models import (
    Notification,
    Order,
    Payment,
    PlatformNotification,
    RebuiltOrder,
    RestoreMark,
    Store,
)
from scanforpay_django.models.cause import PLATFORM_QUERY
from tests.lost_orders import lose, notify_again, restored
from tests.threads import raced
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
pytestmark = pytest.mark.django_db(transaction=True)
CREATED = {"partnerOrderNo": "p1", "notifyUrl": "https://shop.example/n"}


@pytest.fixture(params=["wechat", "wechat-partner", "wechat-global", "alipay"])
def till(request: pytest.FixtureRequest, till_of: Callable[[str], Till]) -> Till:
    """The platforms that bring our reference back with a message."""
    return till_of(request.param)


def paid_and_lost(till: Till) -> tuple[Payment, str]:
    """The payment as it was, and its merchant's notification's id."""
    order = till.order(**CREATED)
    assert till.pay(order) == "paid"
    payment, message = order.payments.get(), order.notifications.get().message_id
    lose(order)
    assert not Order.objects.exists()
    return payment, message


def test_the_order_is_made_again_and_paid(till: Till) -> None:
    payment, message = paid_and_lost(till)
    restored()
    notify_again(payment.out_trade_no)
    order = Order.objects.get()
    assert (order.order_no, order.partner_order_no) == (payment.order.order_no, "p1")
    assert (order.state, order.amount, order.currency) == ("paid", payment.amount, payment.currency)
    found = order.payments.get()
    assert (found.out_trade_no, found.attempt, found.trade_no) == (
        payment.out_trade_no, 1, payment.trade_no
    )  # fmt: skip
    assert RebuiltOrder.objects.get().source == "notification"
    assert [event.data.get("rebuilt") for event in order.events.all()][:1] == ["notification"]
    assert PlatformNotification.objects.get().outcome == "already_applied"
    # Where to notify is not known any more, until the merchant asks for the order again.
    assert not Notification.objects.exists()
    assert (
        till.merchant.create(wallet=till.setup.wallet, currency=till.setup.currency, **CREATED)["code"] == 1
    )
    assert order.notifications.get().message_id == message
    assert RebuiltOrder.objects.get().completed_at is not None
    # It is an order like any other by now: said again nothing happens, and other content is refused.
    notify_again(payment.out_trade_no)
    again = {"wallet": till.setup.wallet, "currency": till.setup.currency, **CREATED}
    assert till.merchant.create(**again)["orderNo"] == order.order_no
    assert till.merchant.create(**again | {"orderTitle": "other"})["code"] == 31
    assert [Order.objects.count(), Payment.objects.count(), Notification.objects.count()] == [1, 1, 1]


def test_an_order_that_its_merchant_asked_for_first_is_paid(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment, message = paid_and_lost(till)
    restored()
    order = till.order(**CREATED)
    assert order.order_no != payment.order.order_no
    notify_again(payment.out_trade_no)
    order.refresh_from_db()
    assert order.state == "paid"
    assert order.notifications.get().message_id == message
    assert not RebuiltOrder.objects.exists()


def test_other_content_than_was_paid_completes_nothing(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    notify_again(payment.out_trade_no)
    assert till.merchant.create(**CREATED, orderAmount=2101)["code"] == 31
    assert RebuiltOrder.objects.get().completed_at is None


@pytest.mark.parametrize("what", ["no restore", "no store", "another key"])
def test_nothing_is_made_of_what_cannot_be_known(till_of: Callable[[str], Till], what: str) -> None:
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    if what != "no restore":
        restored()
    if what == "no store":
        Store.objects.update(store_no="900000000000009")
    if what == "another key":
        result = till.wallet.query(payment.out_trade_no)
        broken = type(result)(**{**vars(result), "reference": result.reference[:-1] + "-"})
        assert rebuild_order(configure(till.account), broken, "query", PLATFORM_QUERY) is None
    else:
        notify_again(payment.out_trade_no)
        assert PlatformNotification.objects.get().outcome == "unknown"
    assert not Order.objects.exists()


def test_no_order_of_another_store_is_made(till_of: Callable[[str], Till]) -> None:
    """The reference is ours, and the account that brings it is another store's."""
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    other = Store.objects.create(partner=till.merchant.partner, store_no="900000000000009", name="Other")
    till.account.store = other
    till.account.save()
    notify_again(payment.out_trade_no)
    assert not Order.objects.exists()


@pytest.mark.postgres
def test_two_messages_at_once_make_one_order(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    result = till.wallet.query(payment.out_trade_no)
    configured = configure(till.account)
    made = raced(4, lambda: rebuild_order(configured, result, "query", PLATFORM_QUERY))
    assert {order.pk for order in made if order is not None} == {Order.objects.get().pk}
    assert [Payment.objects.filter(is_applied=True).count(), RebuiltOrder.objects.count()] == [1, 1]
    assert Order.objects.get().events.filter(to_state="paid", from_state="pending").count() == 1


def test_a_restore_without_a_recovery_makes_it_again_too(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    RestoreMark.objects.create()
    notify_again(payment.out_trade_no)
    assert Order.objects.get().state == "paid"


def test_no_order_of_another_store_is_paid(till_of: Callable[[str], Till]) -> None:
    """The merchant has used the number again, at another store, before the platform repeated its message."""
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    other = till.merchant.partner.stores.create(store_no="900000000000009", name="Other")
    till.sandbox.wechat_account(other)
    assert till.merchant.create(storeNo=other.store_no, **CREATED)["code"] == 1
    notify_again(payment.out_trade_no)
    assert Order.objects.get().state == "pending"
    assert PlatformNotification.objects.get().outcome == "unknown"


def test_a_number_that_another_account_has_used_since_is_kept_as_unknown(
    till_of: Callable[[str], Till],
) -> None:
    """Without a recovery nothing was asked, and the customer paid with the other wallet meanwhile."""
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    RestoreMark.objects.create()
    order = till.order(**CREATED)
    other = till.sandbox.alipay_account(till.merchant.store)
    Payment.objects.create(
        order=order,
        out_trade_no=payment.out_trade_no,
        attempt=1,
        account=other,
        wallet="alipay",
        product="trade_create",
        amount=order.amount,
        currency=order.currency,
        expires_at=order.expires_at,
    )
    notify_again(payment.out_trade_no)
    assert PlatformNotification.objects.get().outcome == "unknown"
    assert Payment.objects.get().state == "created"


def test_a_process_that_dies_leaves_no_order_without_its_payment(till_of: Callable[[str], Till]) -> None:
    """Its time is up: the worker would end it, and the payment would then be late, and refunded."""
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    result = till.wallet.query(payment.out_trade_no)

    def die(**_sent: Any) -> None:
        raise SystemExit

    pre_save.connect(die, sender=Payment)
    try:
        with pytest.raises(SystemExit):
            rebuild_order(configure(till.account), result, "query", PLATFORM_QUERY)
    finally:
        pre_save.disconnect(die, sender=Payment)
    assert not Order.objects.exists()
    assert not RebuiltOrder.objects.exists()


def test_its_row_lies_where_it_was_made(till_of: Callable[[str], Till]) -> None:
    """Lists and audits look for a day's orders by their keys."""
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    till.order()
    restored()
    notify_again(payment.out_trade_no)
    made = list(Order.objects.order_by("pk").values_list("created_at", flat=True))
    assert len(made) == 2
    assert made == sorted(made)
    assert Order.objects.get(state="paid").paid_at == payment.paid_at


def test_a_time_that_cannot_be_right_reaches_no_row(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    payment, _message = paid_and_lost(till)
    restored()
    result = replace(till.wallet.query(payment.out_trade_no), paid_at=datetime(1, 1, 1, tzinfo=UTC))
    with pytest.raises(PlatformValueInvalid):
        rebuild_order(configure(till.account), result, "query", PLATFORM_QUERY)
    assert not Order.objects.exists()
