"""Alipay's products."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client

from scanforpay_django import clock
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import Flag, Notification, Order, Payment, WalletAccount
from scanforpay_django.sandbox.alipay.notice import get_signer, signature
from scanforpay_django.sandbox.models import Merchant as Seller
from scanforpay_django.wallets.alipay.wallet import AlipayWallet
from scanforpay_django.wallets.base import Payer, PaymentRequest
from tests.merchant import Merchant
from tests.platform import give_credentials
from tests.wallets.alipay.account import alipay_account
from tests.wallets.conftest import Till


@pytest.mark.django_db(transaction=True)
def test_no_yuan_settle_dollars(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(currencies="CNY USD")
    answer = merchant.create(wallet="Alipay", currency="USD")
    assert answer["code"] == 5
    assert "CNY" in answer["msg"].partition("USD")[2]
    give_credentials(merchant)
    wallet = configure(merchant.store.wallet_accounts.get(wallet="Alipay")).wallet
    request = PaymentRequest(
        product="trade_create",
        out_trade_no="n",
        amount=2100,
        currency="JPY",
        title="t",
        notify_url="u",
        expires_at=clock.now(),
        payer=Payer(id="1", kind="user_id"),
    )
    with pytest.raises(Exception, match="takes CNY"):
        wallet.create(request)


@pytest.mark.sqlite
def test_only_pages_opened_in_the_app_have_the_accounts_product_code() -> None:
    wallet = AlipayWallet(alipay_account(product_code="JSAPI_PAY", op_app_id="2021"))
    codes = {}
    for product in ("precreate", "trade_create"):
        request = PaymentRequest(
            product=product,
            out_trade_no="N" * 28,
            amount=1,
            currency="CNY",
            title="x",
            notify_url="https://shop.example/n",
            expires_at=datetime.now(UTC),
        )
        codes[product] = wallet._content(request)["product_code"]
    assert codes == {"precreate": "FACE_TO_FACE_PAYMENT", "trade_create": "JSAPI_PAY"}


def send(account: WalletAccount, payment: Payment, **changes: str) -> bytes:
    """A notification that Alipay signed; ``changes`` may be what the attacker made of it."""
    seller = Seller.objects.get(number=account.config["seller_id"])
    fields = {
        "notify_id": "n1",
        "notify_type": "trade_status_sync",
        "notify_time": "2026-11-23 10:00:00",
        "app_id": account.config["app_id"],
        "seller_id": account.config["seller_id"],
        "out_trade_no": payment.out_trade_no,
        "trade_no": "2026",
        "trade_status": "TRADE_SUCCESS",
        "total_amount": "21.00",
        "gmt_payment": "2026-11-23 09:59:59",
    } | changes
    signed = fields | {"sign": signature(fields, get_signer(seller)), "sign_type": "RSA2"}
    path = f"/api/platform/alipay/{account.public_id}"
    form = "application/x-www-form-urlencoded"
    return Client().post(path, urlencode(signed).encode(), content_type=form).content


def unpaid(till: Till, **order: object) -> Payment:
    """A payment that is open at the platform."""
    till.pay(till.order(notifyUrl="https://shop.example/n", **order), outcome="cancel")
    return Payment.objects.latest("pk")


@pytest.mark.django_db(transaction=True)
def test_of_an_isvs_application_the_trade_is_asked_about(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay-isv")
    payment = unpaid(till)
    # Signed, and another merchant of the same application could have made it.
    assert send(till.account, payment) == b"fail"
    assert Order.objects.get().state == "pending"
    till.sandbox.fault("notify-never")
    till.sandbox.confirm(till.sandbox.trades[0])
    assert send(till.account, payment, trade_no="66") == b"fail"
    assert send(till.account, payment, trade_no=till.sandbox.trades[0].trade_no) == b"success"
    assert Order.objects.get().state == "paid"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("odd", [{"tomorrows_field": "1"}, {"body": "x&out_trade_no=1"}])
def test_of_a_doubtful_message_the_query_decides(till_of: Callable[[str], Till], odd: dict) -> None:
    till = till_of("alipay")
    payment = unpaid(till)
    assert send(till.account, payment, **odd) == b"success"
    assert Order.objects.get().state == "pending"
    assert not Notification.objects.exists()
    till.sandbox.fault("notify-never")
    till.sandbox.confirm(till.sandbox.trades[0])
    assert send(till.account, payment, total_amount="0.01", **odd) == b"success"
    payment.refresh_from_db()
    assert (payment.order.state, payment.paid_amount) == ("paid", 2100)


@pytest.mark.django_db(transaction=True)
def test_doubtful_messages_raise_one_flag_a_day(till_of: Callable[[str], Till]) -> None:
    till = till_of("alipay")
    for number in range(3):
        payment = unpaid(till, partnerOrderNo=f"odd-{number}")
        send(till.account, payment, tomorrows_field="1", notify_id=f"n{number}")
    flag = Flag.objects.get()
    assert (flag.kind, flag.details["fields"]) == ("odd_notification", "tomorrows_field")
    Flag.objects.update(raised_at=clock.now() - timedelta(days=1, seconds=1))
    send(till.account, payment, tomorrows_field="1", notify_id="n9")
    assert Flag.objects.count() == 2
