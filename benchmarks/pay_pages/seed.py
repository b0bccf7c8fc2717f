"""An order for every page, and what opening it takes: ``python -m benchmarks.pay_pages.seed`` prints JSON."""

import json
import logging
from datetime import timedelta
from typing import Any

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

AGENTS = {
    "wechat": "Mozilla/5.0 (iPhone) AppleWebKit/605 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN",
    "mobile": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36",
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
}


def _key() -> str:
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    made = rsa.generate_private_key(65537, 2048)
    return made.private_bytes(pem, pkcs8, serialization.NoEncryption()).decode()


def _accounts() -> Any:
    from scanforpay_django.models import Partner, Store, WalletAccount

    partner = Partner.objects.create(partner_no="10001", name="Tea house")
    store = Store.objects.create(
        partner=partner, store_no="100010000000002", name="山茶小铺", name_en="Camellia Tea"
    )
    public = {"mchid": "1900000001", "appid": "wx0001", "serial_no": "AA01"}
    for wallet, config, grants in (
        ("Wechat", public, ""),
        ("Alipay", {"app_id": "2021000000000001", "seller_id": "2088000000000001"}, "wap"),
    ):
        account = WalletAccount(
            store=store, wallet=wallet, environment="local_sandbox", config=config, grants=grants
        )
        account.set_secrets({"private_key": _key(), "apiv3_key": "0" * 32, "app_secret": "s"})
        account.save()
    return store


def _order(store: Any, number: str, wallet: str = "Wechat", **columns: Any) -> Any:
    from django.utils import timezone

    from scanforpay_django.models import Order

    return Order.objects.create(
        partner=store.partner,
        store=store,
        partner_order_no=number,
        wallet=wallet,
        amount=2100,
        currency="CNY",
        title="一杯乌龙茶",
        return_url="https://shop.example.com/done?order=1",
        expires_at=timezone.now() + timedelta(days=1),
        **columns,
    )


def _signed_in(order: Any) -> dict[str, str]:
    """A customer who signed in before, and whose payment is open: a reload of the page in WeChat."""
    from django.utils import timezone

    from scanforpay_django.cashier.browser import _cookie_name, new_browser
    from scanforpay_django.models import OAuthState, Payment

    browser, account = new_browser(), order.store.wallet_accounts.get(wallet="Wechat")
    OAuthState.objects.create(
        order=order, account=account, token=order.token, browser=browser, payer_id="o1", payer_kind="openid"
    )
    Payment.objects.create(
        order=order, account=account, wallet="Wechat", product="jsapi", state="open", amount=2100, currency="CNY",
        payer_id="o1", request={"client_ip": ""}, prepay={"prepay_id": "wx1"}, expires_at=order.expires_at,
        prepay_expires_at=timezone.now() + timedelta(hours=2),
    )  # fmt: skip
    return {"Cookie": f"{_cookie_name(order.token)}={browser}"}


def _statements(path: str, headers: dict[str, str]) -> int:
    """How many statements an opening takes when the accounts are known; BEGIN and COMMIT are not counted."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            answer = Client().get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return sum(query["sql"].startswith(("SELECT", "UPDATE", "INSERT")) for query in captured)


def seed() -> list[dict[str, Any]]:
    """What to open, and as whom."""
    store = _accounts()
    orders = [
        ("paid", _order(store, "paid", state="paid"), "desktop"),
        ("QR code", _order(store, "qr"), "desktop"),
        ("tap (wap)", _order(store, "tap", "Alipay"), "mobile"),
        ("bridge, with its RSA signature", _order(store, "bridge"), "wechat"),
    ]
    found = []
    for name, order, app in orders:
        headers = {"User-Agent": AGENTS[app], "Accept-Language": "zh-CN"}
        if app == "wechat":
            headers |= _signed_in(order)
        path = f"/api/jspay/pay/{order.token}"
        queries = _statements(path, headers)
        found.append(
            {
                "name": name,
                "path": path,
                "bare": f"/bare/{queries}/{order.token}",
                "headers": headers,
                "queries": queries,
            }
        )
    return found


if __name__ == "__main__":
    django.setup()
    logging.disable()
    print(json.dumps(seed()))
