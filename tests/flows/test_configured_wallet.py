"""The account and the wallet that take an order's payment."""

from collections.abc import Callable

import pytest
from django.db import connection

from scanforpay_django.exceptions import InvalidOrderState
from scanforpay_django.flows.configured_wallet import find_order_wallets
from scanforpay_django.flows.start_payment import Attempt, start_payment
from scanforpay_django.models import Order, Payment, WalletAccount
from scanforpay_django.wallets.base import Payer
from tests.merchant import Merchant
from tests.platform import give_credentials
from tests.wallets.conftest import Till, till_of

__all__ = ["till_of"]
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


def test_a_process_that_knows_the_account_as_it_was_collects_nothing(merchant: Merchant) -> None:
    give_credentials(merchant)
    merchant.create(wallet="Wechat")
    order = Order.objects.get()
    attempt = Attempt(
        configured=find_order_wallets(order)[0], product="jsapi", payer=Payer(id="a", kind="openid")
    )
    account = WalletAccount.objects.get(wallet="Wechat")
    account.config["mchid"] = "1900000099"
    stored = WalletAccount._meta.get_field("config").get_db_prep_save(account.config, connection)
    with connection.cursor() as cursor:
        table = WalletAccount._meta.db_table
        cursor.execute(f"UPDATE {table} SET config = %s WHERE id = %s", [stored, account.pk])
    with pytest.raises(InvalidOrderState):
        start_payment(order, attempt)
    assert not Payment.objects.exists()
