"""Products that leave our page: the platform's own QR code, H5 and wap after a tap."""

from collections.abc import Callable

import pytest

from tests.phone import Phone
from tests.story.test_story import wait_for
from tests.wallets.conftest import Till

pytestmark = pytest.mark.django_db(transaction=True)

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
