"""Door 3: what is believed, what is refused, and what is written down."""

import pytest

from scanforpay_django.models import (
    Notification,
    Order,
    OrderEvent,
    Partner,
    PlatformNotification,
    Store,
    WalletAccount,
)
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, accepted, merchant, open_payment, refused

__all__ = ["merchant"]

NOTICES = [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)]


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_a_good_one_settles_once_and_is_kept(merchant: Merchant, wallet: str, notice: type) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    for _ in range(3):
        assert accepted(wallet, notice(payment).send())
    payment.refresh_from_db()
    assert (payment.state, payment.is_applied, payment.paid_amount) == ("paid", True, 2100)
    assert payment.order.state == "paid"
    assert payment.order.paid_at.isoformat().startswith("2026-11-23T0")
    assert Notification.objects.get().order == payment.order
    assert OrderEvent.objects.get().source == "platform_notify"
    call = PlatformNotification.objects.get()
    assert (call.outcome, call.times_seen, call.payment) == ("applied", 3, payment)


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_without_a_notify_address_nothing_is_written(merchant: Merchant, wallet: str, notice: type) -> None:
    assert accepted(wallet, notice(open_payment(merchant, wallet)).send())
    assert Order.objects.get().state == "paid"
    assert not Notification.objects.exists()


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_another_accounts_path_is_refused(merchant: Merchant, wallet: str, notice: type) -> None:
    payment = open_payment(merchant, wallet)
    other_partner = Partner.objects.create(partner_no="10002", name="Other")
    other_store = Store.objects.create(partner=other_partner, store_no="2", name="Other")
    # The same merchant account at the platform, used by another store: its messages are of that account's payments.
    other = WalletAccount.objects.create(
        store=other_store,
        wallet=wallet,
        environment="local_sandbox",
        config=payment.account.config,
        secrets_ciphertext=payment.account.secrets_ciphertext,
    )
    assert refused(wallet, notice(payment).send(account=other))
    assert Order.objects.get().state == "pending"
    assert PlatformNotification.objects.get().outcome == "unknown"


@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_an_unknown_number_is_told_again_until_it_is_known(
    merchant: Merchant, wallet: str, notice: type
) -> None:
    payment = open_payment(merchant, wallet)
    told = notice(payment)
    number, payment.out_trade_no = payment.out_trade_no, "X" * 28
    assert refused(wallet, told.send())
    payment.out_trade_no = number
    assert accepted(wallet, told.send())
    assert Order.objects.get().state == "paid"
    assert PlatformNotification.objects.get().outcome == "applied"


def test_unknown_paths_are_404(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Wechat")
    account = payment.account
    account.public_id = "nobody"
    assert WeChatNotice(payment).send(account=account).status_code == 404
    account.public_id = merchant.store.wallet_accounts.get(wallet="Alipay").public_id
    assert WeChatNotice(payment).send(account=account).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "content_type"),
    [
        ("wechat", b"", "application/json"),
        ("wechat", b"[" * 30_000, "application/json"),
        ("wechat", b'{"id":1,"resource":[]}', "application/json"),
        ("alipay", b"", "application/x-www-form-urlencoded"),
        ("alipay", b"a=%ff&sign=x", "application/x-www-form-urlencoded"),
        ("alipay", b"a=1&a=2", "application/x-www-form-urlencoded"),
        ("alipay", "茶=1".encode(), "application/x-www-form-urlencoded"),
        ("alipay", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'http://127.0.0.1/'>]>", "text/xml"),
    ],
)
def test_rubbish_is_refused_without_a_500(
    merchant: Merchant, client, path: str, body: bytes, content_type: str
) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Wechat" if path == "wechat" else "Alipay")
    answer = client.post(f"/api/platform/{path}/{account.public_id}", body, content_type=content_type)
    assert 400 <= answer.status_code < 500


def test_a_huge_body_is_413(merchant: Merchant, client) -> None:
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    path = f"/api/platform/wechat/{account.public_id}"
    assert client.post(path, b"x" * 70_000, content_type="application/json").status_code == 413
