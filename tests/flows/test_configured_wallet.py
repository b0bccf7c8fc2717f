"""The account and the wallet that take an order's payment."""

from collections.abc import Callable

import pytest

from tests.wallets.conftest import Till, scanforpay_sandbox, till_of

__all__ = ["scanforpay_sandbox", "till_of"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite]


def test_two_accounts_of_one_store_are_told_apart_by_currency(till_of: Callable[[str], Till]) -> None:
    till = till_of("wechat")
    till.sandbox.wechat_global_account(till.merchant.store)
    made = till.merchant.create(wallet="Wechat", currency="HKD")
    assert made["code"] == 1
    url = made["payUrl"]
    assert till.sandbox.pay(url, as_="wechat").state == "paid"
    assert till.sandbox.trades[0].currency == "HKD"
    assert till.merchant.query(orderNo=made["orderNo"])["currency"] == "HKD"
    assert till.merchant.create(wallet="Wechat", currency="USD")["code"] == 5
