"""Door 3: what is believed, what is refused, and what is written down."""

import json

import pytest

from scanforpay_django.models import (
    Flag,
    Notification,
    Order,
    OrderEvent,
    Partner,
    Payment,
    PlatformNotification,
    Store,
    WalletAccount,
)
from tests.merchant import Merchant
from tests.platform import AlipayNotice, WeChatNotice, give_credentials, open_payment

NOTICES = [("Wechat", WeChatNotice), ("Alipay", AlipayNotice)]


@pytest.fixture
def merchant(merchant: Merchant) -> Merchant:
    """With keys on both sides."""
    give_credentials(merchant)
    return merchant


def accepted(wallet: str, answer) -> bool:
    """In the platform's own words."""
    if wallet == "Alipay":
        return answer.status_code == 200 and answer.content == b"success"
    return answer.status_code == 200 and json.loads(answer.content)["code"] == "SUCCESS"


def refused(wallet: str, answer) -> bool:
    """So that it is told again."""
    return 400 <= answer.status_code < 500 and b"success" not in answer.content.lower()


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


FORGED_WECHAT = [
    {"signer": "stranger"},
    {"serial": "PUB_KEY_ID_99"},
    {"serial": ""},
    {"offset": -301},
    {"offset": 301},
    {"tamper": True},
    {"signature": "WECHATPAY/SIGNTEST/AbC+/="},
    {"signature": ""},
    {"signature": "é"},
    {"apiv3_key": "f" * 32},
    {"algorithm": "none"},
    {"changes": {"mchid": "1900000002"}},
    {"changes": {"appid": "wx0002"}},
]


@pytest.mark.parametrize("fault", FORGED_WECHAT, ids=str)
def test_wechat_forgeries_are_refused_and_not_kept(merchant: Merchant, fault: dict) -> None:
    payment = open_payment(merchant, "Wechat")
    if fault.get("signature") == "":
        fault = {"signature": " "}
    assert refused("Wechat", WeChatNotice(payment, **fault).send())
    assert Order.objects.get().state == "pending"
    assert not PlatformNotification.objects.exists()


FORGED_ALIPAY = [
    {"signer": "stranger"},
    {"after": {"total_amount": "0.01"}},
    {"after": {"sign": "AbC"}},
    {"after": {"sign": ""}},
    {"after": {"extra": "x"}},
    {"changes": {"app_id": "2021000000000002"}},
    {"changes": {"seller_id": "2088000000000002"}},
    {"changes": {"seller_id": None}},
    {"changes": {"notify_id": ""}},
]


@pytest.mark.parametrize("fault", FORGED_ALIPAY, ids=str)
def test_alipay_forgeries_are_refused_and_not_kept(merchant: Merchant, fault: dict) -> None:
    payment = open_payment(merchant, "Alipay")
    assert refused("Alipay", AlipayNotice(payment, **fault).send())
    assert Order.objects.get().state == "pending"
    assert not PlatformNotification.objects.exists()


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
    ("wallet", "notice", "changes"),
    [
        ("Wechat", WeChatNotice, {"amount": {"total": 1, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {"total": 2100, "currency": "HKD"}}),
        ("Alipay", AlipayNotice, {"total_amount": "0.01"}),
    ],
)
def test_other_money_is_recorded_and_settles_nothing(
    merchant: Merchant, wallet: str, notice: type, changes: dict
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    assert accepted(wallet, notice(payment, changes=changes).send())
    payment.refresh_from_db()
    assert (payment.state, payment.is_applied) == ("paid", False)
    assert payment.order.state == "pending"
    assert Flag.objects.get().kind == "amount_mismatch"
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("wallet", "notice", "changes"),
    [
        ("Wechat", WeChatNotice, {"amount": {"total": 2100.0, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {"total": 2**70, "currency": "CNY"}}),
        ("Wechat", WeChatNotice, {"amount": {}}),
        ("Alipay", AlipayNotice, {"total_amount": "21.001"}),
        ("Alipay", AlipayNotice, {"total_amount": "2.1e1"}),
    ],
)
def test_paid_without_a_plain_amount_is_told_again(
    merchant: Merchant, wallet: str, notice: type, changes: dict
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    assert refused(wallet, notice(payment, changes=changes).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("open", "pending")
    # The whole message, later, finds everything as it was.
    assert accepted(wallet, notice(payment).send())
    assert Order.objects.get().state == "paid"
    assert PlatformNotification.objects.get().outcome == "applied"


@pytest.mark.parametrize("state", ["closed", "expired"])
@pytest.mark.parametrize(("wallet", "notice"), NOTICES)
def test_late_money_is_flagged_and_changes_no_status(
    merchant: Merchant, wallet: str, notice: type, state: str
) -> None:
    payment = open_payment(merchant, wallet, notifyUrl="https://shop.example/n")
    Order.objects.update(state=state)
    Payment.objects.update(state="closed")
    assert accepted(wallet, notice(payment).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("paid", state)
    assert Flag.objects.get().kind == "late_payment"
    assert not Notification.objects.exists()


def test_late_money_is_accepted_where_the_store_wants_it(merchant: Merchant) -> None:
    Store.objects.update(late_payment="accept")
    payment = open_payment(merchant, "Wechat", notifyUrl="https://shop.example/n")
    Order.objects.update(state="expired")
    assert accepted("Wechat", WeChatNotice(payment).send())
    assert Order.objects.get().state == "paid"
    assert Notification.objects.count() == 1


def test_money_that_comes_twice_is_surplus(merchant: Merchant) -> None:
    first = open_payment(merchant, "Wechat", partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    second = open_payment(merchant, "Wechat", partnerOrderNo="p1", notifyUrl="https://shop.example/n")
    assert first.order_id == second.order_id
    assert accepted("Wechat", WeChatNotice(first).send())
    second.refresh_from_db()
    assert second.state == "closing"
    assert accepted("Wechat", WeChatNotice(second, event_id="EV-2").send())
    second.refresh_from_db()
    assert (second.state, second.is_unapplied, second.is_applied) == ("paid", True, False)
    assert Flag.objects.get().kind == "duplicate_payment"
    assert Notification.objects.count() == 1


@pytest.mark.parametrize("status", ["WAIT_BUYER_PAY", "", "SOMETHING_NEW"])
def test_what_is_no_success_changes_nothing(merchant: Merchant, status: str) -> None:
    payment = open_payment(merchant, "Alipay")
    assert accepted("Alipay", AlipayNotice(payment, changes={"trade_status": status}).send())
    assert Order.objects.get().state == "pending"


def test_a_full_refund_message_is_no_unpaid_closing(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay")
    assert accepted("Alipay", AlipayNotice(payment).send())
    refunded = {"trade_status": "TRADE_CLOSED", "notify_id": "ali-2", "refund_fee": "21.00"}
    assert accepted("Alipay", AlipayNotice(payment, changes=refunded).send())
    payment.refresh_from_db()
    assert (payment.state, payment.is_applied) == ("paid", True)
    assert Order.objects.get().state == "refunded"


def test_a_trade_that_timed_out_closes_its_payment_only(merchant: Merchant) -> None:
    payment = open_payment(merchant, "Alipay")
    closed = {"trade_status": "TRADE_CLOSED", "gmt_payment": None}
    assert accepted("Alipay", AlipayNotice(payment, changes=closed).send())
    payment.refresh_from_db()
    assert (payment.state, payment.order.state) == ("closed", "pending")


def test_old_and_new_wechat_keys_work_side_by_side(merchant: Merchant) -> None:
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    from tests.platform import key

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Root CA")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("old").public_key())
        .serial_number(0x5DEA10EF)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=9))
        .sign(key("old"), hashes.SHA256())
    )
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config["platform_certificates"] = certificate.public_bytes(serialization.Encoding.PEM).decode()
    account.save()
    old = open_payment(merchant, "Wechat")
    assert accepted("Wechat", WeChatNotice(old, signer="old", serial="5DEA10EF").send())
    new = open_payment(merchant, "Wechat")
    assert accepted("Wechat", WeChatNotice(new, event_id="EV-2").send())
    assert refused("Wechat", WeChatNotice(new, signer="old").send())


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
