"""A payment whose receipt WeChat frames, and the address that WeChat opens."""

import hashlib
import json
import re

import pytest
from django.test import Client

from scanforpay_django.models import Order, Payment
from scanforpay_django.sandbox.merchants import issue_wechat_partner_credentials
from tests.browser.apps import user_agent
from tests.merchant import Merchant
from tests.platform import open_payment


@pytest.fixture
def payment(merchant: Merchant) -> Payment:
    """Of a service provider's merchant, not paid yet."""
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config, secrets = issue_wechat_partner_credentials()
    account.set_secrets(secrets)
    account.save()
    return open_payment(merchant, "Wechat", returnUrl="https://shop.example/done", partnerOrderNo="tea-1")


def pay(payment: Payment) -> None:
    """The platform's word is here."""
    Payment.objects.update(state="paid", trade_no="4200001", is_applied=True)
    Order.objects.update(state="paid")


def link(payment: Payment, root: str, transaction_id: str = "4200001") -> str:
    """The address as WeChat calls it."""
    sub_mchid = payment.account.config["sub_mchid"]
    base = f"{root}/api/jspay/receipt?sub_mch_id={sub_mchid}&out_trade_no={payment.out_trade_no}"
    code = hashlib.md5(f"{base}&transaction_id={transaction_id}".encode()).hexdigest()
    return f"{base}&check_code={code}"


def answer_to(url: str, root: str, **options):
    """Without a browser."""
    return Client().get(url.removeprefix(root), headers={"user-agent": user_agent("wechat")}, **options)


def data(answer) -> dict:
    """What the page's script is told."""
    found = re.search(
        r'<script id="scanforpay-data" type="application/json">(.*?)</script>', answer.content.decode()
    )
    return json.loads(found[1])
