"""The sandbox's front page."""

import pytest

from scanforpay_django.sandbox.models import Notice, Trade

pytestmark = pytest.mark.django_db


def test_it_tells_how_to_pay(client):
    page = client.get("/sandbox/").content.decode()
    assert "sandbox_pay" in page
    assert "No trades yet" in page


def test_it_shows_trades_and_notices_escaped(client, wechat):
    wechat.order(wechat.order_body(wechat.openid(), description="<script>alert(1)</script>"))
    trade = Trade.objects.get()
    Notice.objects.create(trade=trade, event_id="EV-1", url="http://shop.example/<b>", last_status="HTTP 500")
    page = client.get("/sandbox/").content.decode()
    assert "<script>" not in page
    assert "<b>" not in page
    for text in ("&lt;script&gt;alert(1)", trade.out_trade_no, "¥21.00", "waiting for payment", "HTTP 500"):
        assert text in page


def test_it_loads_nothing_from_elsewhere(client):
    answer = client.get("/sandbox/")
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    for sign in (b"src=", b"href=", b"url(", b"@import", b'style="'):
        assert sign not in answer.content
