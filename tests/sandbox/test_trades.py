"""A trade is paid once."""

import pytest

from scanforpay_django.sandbox import trades
from scanforpay_django.sandbox.models import Trade
from tests.threads import raced

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_of_payments_at_once_one_pays(alipay):
    alipay.create(alipay.create_body(alipay.user_id()))
    won = raced(6, lambda: trades.pay(Trade.objects.select_related("merchant").get()))
    assert sorted(won) == [False] * 5 + [True]


@pytest.mark.parametrize(("lies", "money"), [
    ([], (2100, "CNY")), (["wrong-amount"], (2101, "CNY")), (["wrong-currency"], (2100, "CNY")),
    (["wrong-merchant"], (2100, "CNY")),
])  # fmt: skip
def test_a_lie_about_money_is_what_was_collected(alipay, lies, money):
    alipay.create(alipay.create_body(alipay.user_id()))
    trade = Trade.objects.select_related("merchant").get()
    assert trades.pay(trade, lies=lies)
    assert (trade.amount, trade.currency) == money
