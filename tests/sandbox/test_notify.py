"""Notifications, received on a real socket by a merchant that knows the documents only."""

import json
import time
from urllib.parse import parse_qsl

import pytest
from django.db import connection

from scanforpay_django.sandbox import notify
from scanforpay_django.sandbox.models import Notice, Trade
from tests.sandbox.families import check_wechat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


def test_wechat_repeats_the_same_event_until_it_is_acknowledged(wechat, pay_in_wechat, listener):
    listener.answers = [(500, b"{}"), (302, b""), (204, b"")]
    pay_in_wechat()
    assert notify.wait_until_idle(10)
    assert len(listener.received) == 3
    assert len({json.loads(raw)["id"] for _, raw in listener.received}) == 1
    assert len({headers["Wechatpay-Nonce"] for headers, _ in listener.received}) == 3
    for headers, raw in listener.received:
        check_wechat(wechat, headers, raw)
    notice = Notice.objects.get()
    assert (notice.attempts, notice.acknowledged_at is not None) == (3, True)


def test_alipay_repeats_the_same_notice_until_it_reads_success(pay_in_alipay, listener):
    listener.answers = [
        (200, b"fail"),
        (200, b"success\n"),
        (200, b'"success"'),
        (500, b"success"),
        (200, b"success"),
    ]
    pay_in_alipay()
    assert notify.wait_until_idle(10)
    ids = [dict(parse_qsl(raw.decode()))["notify_id"] for _, raw in listener.received]
    assert (len(ids), len(set(ids))) == (5, 1)


def test_a_notice_nobody_takes_is_given_up(pay_in_wechat, listener):
    listener.answers = [(500, b"")]
    pay_in_wechat()
    assert notify.wait_until_idle(10)
    notice = Notice.objects.get()
    assert (notice.attempts, notice.acknowledged_at) == (7, None)
    assert notice.last_status.startswith("HTTP 500")


def test_the_delays_are_those_somebody_can_watch(monkeypatch):
    monkeypatch.undo()
    assert notify.RETRY_DELAYS_SECONDS == (1, 3, 10, 15, 30, 60)


def test_nobody_listening_is_recorded(wechat, pay):
    body = wechat.order_body(wechat.openid(), notify_url="http://127.0.0.1:9/notify")
    assert pay("wechat_bridge", wechat.bridge(wechat.order(body).json()["prepay_id"]))["result"] == "ok"
    assert notify.wait_until_idle(20)
    assert Notice.objects.get().last_status == "ConnectionError"


def test_the_customer_does_not_wait_for_the_merchant(pay_in_wechat, listener):
    with listener.changed:
        # The listener's handler cannot answer while this is held.
        pay_in_wechat()
        assert Trade.objects.get().state == "paid"
        assert not notify.wait_until_idle(0.2)
    assert notify.wait_until_idle(10)


def test_a_trade_without_notify_url_sends_nothing(alipay, pay):
    told = alipay.create(alipay.create_body(alipay.user_id()))
    assert pay("alipay_bridge", {"tradeNO": told["trade_no"]})["result"] == "ok"
    assert not Notice.objects.exists()


def test_stopping_ends_a_waiting_repetition(monkeypatch, pay_in_wechat, listener):
    monkeypatch.setattr(notify, "RETRY_DELAYS_SECONDS", (60,))
    listener.answers = [(500, b"")]
    pay_in_wechat()
    assert listener.wait_for(1)
    started = time.monotonic()
    notify.stop_all()
    assert notify.wait_until_idle(1)
    assert time.monotonic() - started < 6
    pay_in_wechat()
    assert listener.wait_for(2)


def test_a_lost_database_is_no_traceback(pay_in_wechat, capfd):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scanforpay_sandbox_notice RENAME COLUMN attempts TO gone")
    try:
        notice = Notice(pk=1)
        message = notify.Message(
            event_id="EV-1",
            url="http://127.0.0.1:9/",
            write=lambda: ({}, b""),
            accepts=lambda status, body: False,
        )
        notify._office.start(1, notice.pk, message, notify.Plan(), 1)
        assert notify.wait_until_idle(10)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE scanforpay_sandbox_notice RENAME COLUMN gone TO attempts")
    assert "Traceback" not in capfd.readouterr().err
