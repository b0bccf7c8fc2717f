"""Which page a pending order gets."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from scanforpay_django.models import Order, WalletAccount
from tests.browser.table import TABLE
from tests.cashier.test_user_agent import ROWS
from tests.merchant import Merchant, new_order, order_body
from tests.phone import WECHAT_UA, Phone
from tests.scripted import Platform, platform
from tests.waiting import wait_for
from tests.wallets.conftest import Till, till_of

__all__ = ["platform", "till_of"]

COMPUTER = re.compile(r"Windows NT|Macintosh")


def app_of(user_agent: str, channel: str) -> str:
    """The table's row for a User-Agent: other apps' browsers are phones, or a television."""
    if channel == "other":
        return "mobile"
    on_a_computer = COMPUTER.search(user_agent)
    if channel == "wechat_miniprogram" and on_a_computer:
        return "computer"
    return "wecom_desktop" if channel == "wecom" and on_a_computer else channel


@pytest.mark.django_db
@pytest.mark.sqlite
@pytest.mark.parametrize("wallet", ["Wechat", "Alipay", "AlipayHK"])
@pytest.mark.parametrize(("user_agent", "channel"), ROWS, ids=lambda value: value[-40:])
def test_real_apps_find_the_tables_page(
    merchant: Merchant, client: Client, user_agent: str, channel: str, wallet: str
) -> None:
    WalletAccount.objects.create(
        store=merchant.store, wallet="AlipayHK", environment="local_sandbox", currencies="HKD"
    )
    made = merchant.create(wallet=wallet, currency="HKD" if wallet == "AlipayHK" else "CNY")
    answer = client.get(made["payUrl"].partition("8000")[2], headers={"user-agent": user_agent})
    app = app_of(user_agent, channel)
    if app == "computer":
        # A mini-program in a window on a computer: whoever has the phone at hand scans.
        assert 'data-hint="scan"' in answer.content.decode()
        return
    cell = TABLE[wallet, "usual"][app]
    if cell.view == "bridge":
        assert "oauth2" in answer["Location"]
        return
    html = answer.content.decode()
    assert f'data-view="{cell.view}"' in html
    assert re.findall(r'data-hint="(\w+)"', html) == ([cell.hint] if cell.hint else [])


@pytest.mark.django_db(transaction=True)
def test_unreadable_secrets_are_a_calm_page(merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(secrets_ciphertext="gAAAAAbroken")
    order = new_order(merchant)
    answer = Client().get(f"/api/jspay/pay/{order.token}", headers={"user-agent": WECHAT_UA})
    assert (answer.status_code, b'data-view="platform"' in answer.content) == (503, True)


MOBILE_UA = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
    "Safari/537.36"
)


def page_of(till: Till, app: str, user_agent: str = "") -> tuple[Phone, object]:
    phone = Phone(app=app, root=till.sandbox.url.removesuffix("/sandbox"))
    if user_agent:
        phone.session.headers["User-Agent"] = user_agent
    order = till.order()
    return phone, phone.open(f"/api/jspay/pay/{order.token}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "grant"), [("wechat", "native"), ("alipay", "precreate"), ("wechat-global", "native")]
)
def test_where_only_a_code_is_granted_the_desktop_shows_it(
    till_of: Callable[[str], Till], name: str, grant: str
) -> None:
    till = till_of(name)
    till.account.grants = grant
    till.account.save()
    phone, page = page_of(till, "desktop")
    assert page.attribute("view") == "qr"
    trade = till.sandbox.trades[0]
    assert till.sandbox.confirm(trade)
    wait_for(lambda: phone.status(page)["state"] == "paid")
    phone.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("name", "grants", "view"),
    [
        ("wechat", "jsapi", "qr"),
        ("wechat", "jsapi h5", "tap"),
        ("alipay", "trade_create", "qr"),
        ("alipay", "trade_create wap", "tap"),
        ("wechat", "native", "no_account"),
        ("alipay-hk", "", "tap"),
    ],
)
def test_a_mobile_browser_gets_what_was_granted(
    till_of: Callable[[str], Till], name: str, grants: str, view: str
) -> None:
    till = till_of(name)
    till.account.grants = grants
    till.account.save()
    phone, page = page_of(till, "desktop", MOBILE_UA)
    assert (page.attribute("channel"), page.attribute("view")) == ("mobile", view)
    if view == "tap" and name != "wechat":
        # Nothing is made before the tap; then the browser goes to the platform's own address.
        assert till.sandbox.trades == []
        assert "form-action 'self' http://localhost" in page.headers["Content-Security-Policy"]
        assert " https:" in page.headers["Content-Security-Policy"].split("form-action")[1].split(";")[0]
        shown = phone.post(page.data["params"]["action"])
        assert (shown.status, len(till.sandbox.trades)) == (200, 1)
    phone.close()


@pytest.mark.parametrize(
    ("agent", "button"), [(WECHAT_UA, True), (MOBILE_UA, True), ("Mozilla/5.0 (X11)", False)]
)
def test_a_qrcode_page_shows_the_code_first_everywhere(
    merchant: Merchant, client, platform: Platform, agent: str, button: bool
) -> None:
    made = merchant.call("/api/offline/qrcode", order_body())
    path = made["payUrl"].removeprefix("http://localhost:8000")
    headers = {"user-agent": agent}
    page = client.get(path, headers=headers).content.decode()
    assert 'data-view="qr"' in page
    assert ('id="scanforpay-here"' in page) is button
    assert platform.trades == {}
    # Whoever scans the code follows the table.
    scan = Order.objects.get().scan_token
    assert client.get(f"/api/jspay/pay/{scan}", headers={"user-agent": WECHAT_UA}).status_code == 302


def test_who_chooses_this_phone_pays_on_it(merchant: Merchant, client, platform: Platform) -> None:
    made = merchant.call("/api/offline/qrcode", order_body())
    path = made["payUrl"].removeprefix("http://localhost:8000")
    headers = {"user-agent": WECHAT_UA}
    client.get(path, headers=headers)
    assert client.get(f"{path}?here=1", headers=headers).headers["Location"] == path
    page = client.get(path, headers=headers, follow=True)
    assert b'data-view="bridge"' in page.content
    assert len(platform.trades) == 1
