"""What a hostile review found once, and must not find again."""

import hashlib
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from scanforpay_django import signals
from scanforpay_django.exceptions import PlatformTimeout, PlatformUnreachable
from scanforpay_django.flows.apply_payment import apply_payment
from scanforpay_django.flows.close_order import close_order
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Flag, OAuthState, Order, Partner, Payment, Store
from scanforpay_django.models.cause import PLATFORM_QUERY
from scanforpay_django.operations.housekeeping import forget_sign_ins
from scanforpay_django.wallets.base import Payer, PaymentRequest, PaymentResult, TradeState
from tests.causes import PAGE
from tests.merchant import SIGN_KEY, Merchant, envelope, header, order_body
from tests.phone import WECHAT_UA
from tests.platform import WeChatNotice, give_credentials, key, open_payment
from tests.scripted import Platform, platform, start

__all__ = ["platform"]
pytestmark = pytest.mark.django_db(transaction=True)
CREATE = "/api/jspay/create"


def order_of(merchant: Merchant, **more: object) -> Order:
    return Order.objects.get(order_no=merchant.create(**more)["orderNo"])


def paid(number: str, **more: object) -> PaymentResult:
    made = {"amount": 2100, "currency": "CNY", "trade_no": f"t{number}", **more}
    return PaymentResult(out_trade_no=number, state=TradeState.PAID, **made)


# -- the door -----------------------------------------------------------------------------------------------


@pytest.mark.timeout(8)
def test_an_unclosed_string_costs_one_look(merchant: Merchant) -> None:
    for _ in range(5):
        answer = merchant.post(CREATE, b"[]" * 17 + b'"' + b'\\"' * 32_700)
        assert json.loads(answer.content)["response"]["body"]["code"] == 6


def test_a_huge_exponent_from_anyone_is_no_500(merchant: Merchant) -> None:
    raw = b'{"request":{"header":{},"body":{"a":1e99999999999999999999}},"signature":""}'
    assert merchant.post(CREATE, raw).status_code == 200


def test_a_huge_exponent_as_amount_is_no_500(merchant: Merchant) -> None:
    value = json.dumps({"header": header(), "body": order_body()}).replace("2100", "1e9999999")
    signature = hashlib.sha256((value + SIGN_KEY).encode()).hexdigest()
    answer = merchant.post(CREATE, f'{{"request":{value},"signature":"{signature}"}}'.encode())
    assert json.loads(answer.content)["response"]["body"]["code"] == 6


@pytest.mark.parametrize(
    "path", ["jspay/pay/a%00b", "jspay/pay/a%00/status", "jspay/oauth/wechat?state=%00&code=1"]
)
def test_nul_in_an_address_is_404_on_every_database(merchant: Merchant, client: Client, path: str) -> None:
    assert client.get(f"/api/{path}").status_code == 404
    assert client.post("/api/platform/wechat/a%00b", b"x", content_type="application/json").status_code == 404


def test_a_stranger_and_a_wrong_signature_cost_the_same_queries(
    merchant: Merchant, django_assert_num_queries
) -> None:
    for partner_no in ("10001", "10009"):
        with django_assert_num_queries(1):
            merchant.post(CREATE, envelope(header(partnerNo=partner_no), order_body(), key="wrong"))


def test_refusals_of_fields_are_in_the_stores_language(merchant: Merchant) -> None:
    Store.objects.update(language="en")
    assert merchant.create(wallet=None)["msg"] == "wallet must not be empty."


def test_same_again_after_the_account_was_switched_off(merchant: Merchant) -> None:
    first = merchant.create(partnerOrderNo="p1")
    merchant.store.wallet_accounts.filter(wallet="Wechat").update(is_active=False)
    assert merchant.create(partnerOrderNo="p1") == first
    assert merchant.create(partnerOrderNo="p2")["code"] == 44


# -- money --------------------------------------------------------------------------------------------------


def test_no_yuan_settle_dollars(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.filter(wallet="Alipay").update(currencies="CNY USD")
    answer = merchant.create(wallet="Alipay", currency="USD")
    assert (answer["code"], "USD" in answer["msg"]) == (5, False)
    give_credentials(merchant)
    wallet = configure(merchant.store.wallet_accounts.get(wallet="Alipay")).wallet
    request = PaymentRequest(
        product="trade_create",
        out_trade_no="n",
        amount=2100,
        currency="JPY",
        title="t",
        notify_url="u",
        expires_at=timezone.now(),
        payer=Payer(id="1", kind="user_id"),
    )
    with pytest.raises(Exception, match="takes CNY"):
        wallet.create(request)


def test_who_never_got_a_payment_may_leave(merchant: Merchant, platform: Platform) -> None:
    order = order_of(merchant)
    platform.script["create"] = PlatformUnreachable()
    with pytest.raises(PlatformUnreachable):
        start(order, "a")
    platform.script.clear()
    close_order(order, PAGE)
    order.refresh_from_db()
    assert (order.state, list(platform.trades.values())) == ("closed", ["closed"])


def test_another_phone_may_pay_what_was_never_sent(merchant: Merchant, platform: Platform) -> None:
    order = order_of(merchant)
    platform.script["create"] = PlatformUnreachable()
    with pytest.raises(PlatformUnreachable):
        start(order, "a")
    platform.script.clear()
    assert start(order, "b").kind == "bridge"


@pytest.mark.parametrize("lie", ["number", "trade_no", "amount"])
def test_a_lie_about_one_payment_does_not_stop_the_sweep(
    merchant: Merchant, platform: Platform, lie: str
) -> None:
    bad, good, other = (open_payment(merchant, "Wechat") for _ in range(3))
    apply_payment(other, paid(other.out_trade_no, trade_no="same"), PLATFORM_QUERY)
    Payment.objects.filter(pk=bad.pk).update(next_query_at=timezone.now() - timedelta(hours=1))
    Payment.objects.filter(pk=good.pk).update(next_query_at=timezone.now() - timedelta(minutes=1))
    lies = {
        "number": paid(good.out_trade_no),
        "trade_no": paid(bad.out_trade_no, trade_no="same"),
        "amount": paid(bad.out_trade_no, amount=2**63),
    }
    platform.script["query"] = lambda number: lies[lie] if number == bad.out_trade_no else paid(number)
    poll_platforms()
    good.order.refresh_from_db()
    bad.order.refresh_from_db()
    assert (good.order.state, bad.order.state) == ("paid", "pending")


def test_polls_do_not_pile_up_behind_a_hanging_platform(merchant: Merchant, platform: Platform) -> None:
    payment = open_payment(merchant, "Wechat")
    asked, go_on = [], threading.Event()

    def query(number: str) -> PaymentResult:
        asked.append(number)
        go_on.wait(20)
        raise PlatformTimeout

    platform.script["query"] = query

    def poll(_number: int) -> int:
        try:
            return Client().get(f"/api/jspay/pay/{payment.order.token}/status").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(poll, 0)
        while not asked:
            first.exception(timeout=None) if first.done() else None
        # Six seconds later the first still hangs, and the others do not ask.
        Payment.objects.filter(pk=payment.pk, queried_at__lte=timezone.now()).update(queried_at=None)
        assert list(pool.map(poll, range(5))) == [200] * 5
        go_on.set()
        assert first.result() == 200
    assert len(asked) == 1


def test_the_shortest_lifetime_can_be_paid(merchant: Merchant, platform: Platform) -> None:
    merchant.store.order_lifetime_seconds = 1
    merchant.store.clean()
    merchant.store.save()
    assert start(order_of(merchant), "a")


def test_order_closed_tells_of_a_closed_order(merchant: Merchant) -> None:
    seen = []

    def heard(sender: object, order: Order, **_more: object) -> None:
        seen.append(order.state)

    signals.order_closed.connect(heard)
    try:
        close_order(order_of(merchant), PAGE)
    finally:
        signals.order_closed.disconnect(heard)
    assert seen == ["closed"]


def test_a_certificate_whose_serial_begins_with_zero_is_found(merchant: Merchant) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    give_credentials(merchant)
    serial = "0A" + "1B" * 19
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key("wechat").public_key())
        .serial_number(int(serial, 16))
        .not_valid_before(timezone.now())
        .not_valid_after(timezone.now() + timedelta(days=9))
        .sign(key("wechat"), hashes.SHA256())
    )
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    account.config["platform_certificates"] = certificate.public_bytes(serialization.Encoding.PEM).decode()
    account.save()
    assert WeChatNotice(open_payment(merchant, "Wechat"), serial=serial).send().status_code == 200


# -- the page -----------------------------------------------------------------------------------------------


def test_who_is_handed_the_link_is_not_sent_to_the_shop(merchant: Merchant) -> None:
    order = order_of(merchant, returnUrl="https://shop.example/done?login=SECRET")
    path = f"/api/jspay/pay/{order.token}"
    customer, friend = Client(), Client()
    customer.get(path)
    customer.get(f"{path}/status")
    Order.objects.update(state="paid")
    friend.get(path)
    assert b"SECRET" not in friend.get(f"{path}/return").content
    assert b"SECRET" in customer.get(f"{path}/return").content


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://shop.example/支付/done?x=1", "https://shop.example/%E6%94%AF%E4%BB%98/done?x=1&"),
        ("https://shop.example/done?name=%B2%E8&flag", "https://shop.example/done?name=%B2%E8&flag&"),
    ],
)
def test_the_way_back_by_get_keeps_the_address(merchant: Merchant, given: str, expected: str) -> None:
    Store.objects.update(return_method="get")
    order = order_of(merchant, returnUrl=given)
    Order.objects.update(state="paid")
    client = Client()
    client.get(f"/api/jspay/pay/{order.token}")
    assert client.get(f"/api/jspay/pay/{order.token}/return")["Location"].startswith(expected)


def test_head_does_not_use_up_the_way_back(merchant: Merchant) -> None:
    order = order_of(merchant, returnUrl="https://shop.example/done")
    Order.objects.update(state="paid")
    client = Client()
    client.get(f"/api/jspay/pay/{order.token}")
    assert client.head(f"/api/jspay/pay/{order.token}/return").status_code == 405
    assert b"shop.example" in client.get(f"/api/jspay/pay/{order.token}/return").content


def test_unreadable_secrets_are_a_calm_page(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(secrets_ciphertext="gAAAAAbroken")
    order = order_of(merchant)
    answer = Client().get(f"/api/jspay/pay/{order.token}", headers={"user-agent": WECHAT_UA})
    assert (answer.status_code, b'data-view="platform"' in answer.content) == (503, True)


def test_who_takes_no_cookies_writes_no_rows_without_end(merchant: Merchant, platform: Platform) -> None:
    order = order_of(merchant)
    for _ in range(30):
        Client().get(f"/api/jspay/pay/{order.token}", headers={"user-agent": WECHAT_UA})
    assert OAuthState.objects.count() <= 10
    OAuthState.objects.update(created_at=timezone.now() - timedelta(hours=2))
    forget_sign_ins()
    assert not OAuthState.objects.exists()


def test_a_cleared_flag_keeps_who_cleared_it(merchant: Merchant, client: Client, django_user_model) -> None:
    one = django_user_model.objects.create_superuser("one", "a@example.com", "x")
    two = django_user_model.objects.create_superuser("two", "b@example.com", "x")
    flag = Flag.objects.create(
        order=order_of(merchant),
        kind="late_payment",
        cleared_at=timezone.now(),
        cleared_by=one,
        reason="done",
    )
    client.force_login(two)
    client.post(f"/admin/scanforpay/attention/{flag.pk}/change/", {"reason": "mine"})
    flag.refresh_from_db()
    assert (flag.cleared_by, flag.reason) == (one, "done")


def test_a_wallet_of_ones_own_takes_an_order_all_the_way(merchant: Merchant, platform: Platform) -> None:
    order = order_of(merchant, notifyUrl="https://shop.example/n")
    customer = Client(headers={"user-agent": WECHAT_UA})
    page = customer.get(f"/api/jspay/pay/{order.token}", follow=True)
    assert page.redirect_chain
    number = Payment.objects.get().out_trade_no
    assert number in page.content.decode()
    assert platform.pay(number)
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    told = Client().post(
        f"/api/platform/scripted/{account.public_id}", f"paid {number}", content_type="text/plain"
    )
    assert told.status_code == 200
    order.refresh_from_db()
    assert (order.state, order.notifications.count()) == ("paid", 1)
    assert Partner.objects.get().orders.get() == order
