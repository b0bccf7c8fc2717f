"""The headers of every address a browser is sent to, to the letter."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from scanforpay_django.models import OAuthState, Order, Store
from tests.browser.apps import user_agent
from tests.house import house, merchant
from tests.merchant import Merchant

__all__ = ["house", "merchant"]
pytestmark = pytest.mark.django_db(transaction=True)

PAGE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Vary": "User-Agent, Accept-Language, Cookie",
    "Content-Type": "text/html; charset=utf-8",
}

POLICY = (
    "default-src 'none'; script-src 'nonce-*'; style-src 'nonce-*'; img-src 'self' data:; connect-src 'self'; "
    "form-action {}; base-uri 'none'; frame-ancestors {}"
)


def opened(client: Client, order: Order, app: str = "desktop", path: str = "", **kwargs):
    """A page in an app."""
    agent = {"user-agent": user_agent(app)}
    return client.get(f"/api/jspay/pay/{order.token}{path}", headers=agent, **kwargs)


def policy_of(answer) -> str:
    """The policy with its nonce taken out, which the page carries and nobody can guess."""
    found = set(re.findall(r"'nonce-([A-Za-z0-9_-]+)'", answer["Content-Security-Policy"]))
    assert len(found) == 1
    nonce = found.pop()
    assert len(nonce) == 22
    assert answer.content.decode().count(f'nonce="{nonce}"') >= 1
    return answer["Content-Security-Policy"].replace(nonce, "*")


def is_a_page(answer, status: int = 200, forms: str = "'self'", language: str = "zh-hans") -> None:
    """Every header as it should be, and no inline style, script or handler that the policy would forbid."""
    assert answer.status_code == status
    assert {name: answer.get(name) for name in PAGE if PAGE[name]} == {k: v for k, v in PAGE.items() if v}
    assert answer["Content-Language"] == language
    assert policy_of(answer) == POLICY.format(forms, "'none'")
    html = answer.content.decode()
    assert "unsafe-" not in answer["Content-Security-Policy"]
    assert not re.search(r"<[^>]+\s(style|on[a-z]+)=", html)
    assert not re.search(r"<(script|style)(?![^>]*(nonce=|application/json))", html)


@pytest.fixture
def order(merchant: Merchant) -> Order:
    """To be paid."""
    merchant.create(returnUrl="https://shop.example/done?key=1")
    return Order.objects.select_related("store").get()


@pytest.mark.parametrize("state", ["pending", "paid", "closed", "expired", "refunded"])
def test_the_page_in_every_state(order: Order, client: Client, state: str) -> None:
    Order.objects.update(state=state)
    is_a_page(opened(client, order))
    assert client.get(f"/api/jspay/pay/{order.scan_token}").status_code == 200


def test_the_code_for_others_says_the_same(order: Order, client: Client) -> None:
    is_a_page(client.get(f"/api/jspay/pay/{order.scan_token}", headers={"user-agent": user_agent("desktop")}))


def test_the_bridge_page_after_the_sign_in(order: Order, client: Client) -> None:
    agent = {"user-agent": user_agent("wechat")}
    gone = opened(client, order, "wechat")
    assert (gone.status_code, gone["Cache-Control"]) == (302, "private, no-store")
    back = client.get(gone["Location"].partition("#")[0], headers=agent)["Location"]
    returned = client.get("?".join(urlsplit(back)[2:4]), headers=agent)
    assert (returned.status_code, returned["Cache-Control"]) == (302, "private, no-store")
    assert parse_qs(urlsplit(returned["Location"]).query) == {}
    page = opened(client, order, "wechat")
    assert b'data-view="bridge"' in page.content
    is_a_page(page)


def test_an_unknown_address(client: Client, db: None) -> None:
    for path in ("pay/" + "A" * 22, "pay/x", "back/ABC", "oauth/wechat?state=1"):
        is_a_page(client.get(f"/api/jspay/{path}"), 404)


def test_a_page_that_posts_to_a_platform_may_end_at_its_hosts(
    merchant: Merchant, client: Client, settings
) -> None:
    merchant.store.wallet_accounts.update(grants="trade_create wap")
    merchant.create(wallet="Alipay")
    root = settings.SCANFORPAY_BASE_URL
    is_a_page(opened(client, Order.objects.get(), "mobile"), forms=f"'self' {root} https:")


def test_a_shop_that_is_reached_by_get(order: Order, client: Client) -> None:
    Store.objects.update(return_method="get")
    is_a_page(opened(client, order), forms="'self' https:")
    Order.objects.update(state="paid")
    gone = opened(client, order, path="/return")
    assert gone.status_code == 303
    assert (gone["Cache-Control"], gone["Referrer-Policy"]) == ("private, no-store", "strict-origin")


@pytest.mark.parametrize(
    ("url", "forms"),
    [
        ("https://shop.example/done?key=1", "https:"),
        ("http://shop.example/done", "https: http:"),
        ("HTTP://shop.example/done", "https: http:"),
    ],
)
def test_the_way_back_goes_to_the_stored_address_alone(
    order: Order, client: Client, url: str, forms: str
) -> None:
    opened(client, order)
    Order.objects.update(state="paid", return_url=url)
    answer = opened(client, order, path="/return?returnUrl=https://evil.example")
    is_a_page(answer, forms=forms)
    html = answer.content.decode()
    assert re.findall(r'<form[^>]* action="([^"]*)"', html) == [url]
    assert re.findall(r'<input type="hidden" name="(\w+)"', html) == ["partnerOrderNo", "orderNo"]
    assert "evil" not in html


@pytest.mark.parametrize("app", ["wechat", "alipay", "desktop", "mobile", "wechat_miniprogram"])
def test_no_page_but_the_way_back_holds_the_shops_address_or_an_envelope(
    order: Order, client: Client, app: str
) -> None:
    for state in ("pending", "paid", "closed"):
        Order.objects.update(state=state)
        html = opened(client, order, app).content.decode()
        assert "shop.example" not in html
        assert '"signature"' not in html


def test_the_status_is_not_kept(order: Order, client: Client) -> None:
    answer = opened(client, order, path="/status")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Type"] == "application/json"


def test_a_problem_is_a_page_too(order: Order, client: Client, merchant: Merchant) -> None:
    merchant.store.wallet_accounts.update(grants="codepay")
    is_a_page(opened(client, order, "wechat"))
    account = merchant.store.wallet_accounts.get(wallet="Wechat")
    state = OAuthState.objects.create(order=order, account=account, token=order.token, browser="b" * 22)
    is_a_page(client.get(f"/api/jspay/oauth/wechat?state={state.key}&code=1"))


def test_answers_are_never_the_same_nonce_twice(order: Order, client: Client) -> None:
    nonces = {
        re.search(r"nonce-([\w-]+)", opened(client, order)["Content-Security-Policy"])[1] for _ in range(5)
    }
    assert len(nonces) == 5
