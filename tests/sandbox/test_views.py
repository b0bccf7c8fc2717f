"""The sandbox's front page, and the way into the phone."""

import pytest

from scanforpay_django.sandbox.models import Notice, Trade
from tests.sandbox.scene import get, scene

__all__ = ["get", "scene"]


@pytest.mark.django_db
def test_it_tells_how_to_pay(client):
    page = client.get("/sandbox/").content.decode()
    assert "sandbox_pay" in page
    assert "No trades yet" in page


@pytest.mark.django_db
def test_it_shows_trades_and_notices_escaped(client, wechat):
    wechat.order(wechat.order_body(wechat.openid(), description="<script>alert(1)</script>"))
    trade = Trade.objects.get()
    Notice.objects.create(trade=trade, event_id="EV-1", url="http://shop.example/<b>", last_status="HTTP 500")
    page = client.get("/sandbox/").content.decode()
    assert "<script>" not in page
    assert "<b>" not in page
    for text in ("&lt;script&gt;alert(1)", trade.out_trade_no, "¥21.00", "waiting for payment", "HTTP 500"):
        assert text in page


@pytest.mark.django_db
def test_it_loads_nothing_from_elsewhere(client):
    answer = client.get("/sandbox/")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    for sign in (b"src=", b"href=", b"url(", b"@import", b'style="'):
        assert sign not in answer.content


def test_the_phone_opens_the_page_with_a_cookie_for_its_path_only(get, settings):
    url = f"{settings.SCANFORPAY_BASE_URL}/pages/ua?x=1"
    answer = get(f"/sandbox/phone?app=wechat&url={url}", Host="localhost:8000")
    assert (answer.status_code, answer["Location"]) == (302, url)
    cookie = answer.cookies["scanforpay_sandbox_app"]
    assert (cookie.value, cookie["path"]) == ("wechat", "/pages/ua")


def test_the_phone_moves_to_the_base_urls_host_first(get):
    answer = get("/sandbox/phone?app=wechat&url=http://localhost:8000/pages/ua", Host="127.0.0.1:8000")
    assert answer["Location"].startswith("http://localhost:8000/sandbox/phone?app=wechat&url=")
    assert "scanforpay_sandbox_app" not in answer.cookies


@pytest.mark.parametrize("query", [
    "",
    "app=wechat",
    "app=paypal&url=http://localhost:8000/pages/ua",
    "app=wechat&url=http://localhost:8000",
    "app=wechat&url=http://localhost:80001/",
    "app=wechat&url=http://localhost:8000.evil.example/",
    "app=wechat&url=http://localhost:8000@evil.example/",
    "app=wechat&url=http://evil.example/http://localhost:8000/",
    "app=wechat&url=//localhost:8000/",
    "app=wechat&url=javascript:alert(1)",
    "app=wechat&url=http://localhost:8000/a;Path=/",
    "app=wechat&url=http://localhost:8000/a%0d%0ax",
    "app=wechat&url=http://localhost:8000\\x",
])  # fmt: skip
def test_the_phone_opens_nothing_else(get, query):
    assert get(f"/sandbox/phone?{query}", Host="localhost:8000").status_code == 400
