"""Starting a payment: an order has one payable payment at a time."""

from dataclasses import replace

import pytest

from scanforpay_django.exceptions import PlatformUnreachable
from scanforpay_django.models import Order, Payment
from tests.house import house, merchant, phones
from tests.merchant import Merchant, new_order
from tests.scripted import Platform, platform, start
from tests.waiting import wait_for

__all__ = ["house", "merchant", "phones", "platform"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_another_phone_may_pay_what_was_never_sent(merchant: Merchant, platform: Platform) -> None:
    order = new_order(merchant)
    platform.script["create"] = PlatformUnreachable()
    with pytest.raises(PlatformUnreachable):
        start(order, "a")
    platform.script.clear()
    assert start(order, "b").kind == "bridge"


def test_the_shortest_lifetime_can_be_paid(merchant: Merchant, platform: Platform) -> None:
    merchant.store.order_lifetime_seconds = 1
    merchant.store.clean()
    merchant.store.save()
    assert start(new_order(merchant), "a")


WALLETS = [("wechat", "Wechat"), ("alipay", "Alipay")]


def is_paid() -> bool:
    return Order.objects.get().state == Order.State.PAID


@pytest.mark.parametrize(("app", "wallet"), WALLETS)
def test_reload_second_tab_and_pay_again_keep_one_payment(
    merchant: Merchant, phones, app: str, wallet: str
) -> None:
    made = merchant.create(wallet=wallet)
    phone = phones(app)
    first, second = phone.open(made["payUrl"]), phone.open(made["payUrl"])
    assert Payment.objects.count() == 1
    phone.confirm(first, "cancel")
    assert phone.confirm(second)["result"] == "ok"
    wait_for(is_paid)
    assert phone.open(made["payUrl"]).attribute("state") == "paid"


def test_another_phone_takes_over_only_after_the_first_attempt_is_closed(merchant: Merchant, phones) -> None:
    made = merchant.create()
    one, two = phones("wechat"), phones("wechat")
    stale = one.open(made["payUrl"])
    page = two.open(made["payUrl"])
    assert [p.state for p in Payment.objects.order_by("pk")] == ["closed", "open"]
    assert one.confirm(stale)["result"] != "ok"
    assert two.confirm(page)["result"] == "ok"
    wait_for(is_paid)


@pytest.mark.parametrize("odd", ["\0", "\ud800"])
def test_a_platforms_word_that_no_database_stores_keeps_nobody_from_paying(
    merchant: Merchant, platform: Platform, odd: str
) -> None:
    platform.script["create"] = lambda real: replace(real(), data={"number": odd})
    start(new_order(merchant), "a")
    assert Payment.objects.get().state == "open"
