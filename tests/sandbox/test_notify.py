"""Notifications, received on a real socket by a merchant that knows the documents only."""

import json
import time
from urllib.parse import parse_qsl

import pytest
from django.db import connection

from scanforpay_django.sandbox import notify
from scanforpay_django.sandbox.models import Notice, Trade
from tests.sandbox.merchant import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


@pytest.fixture
def pay_in_wechat(wechat, listener, pay):
    def run():
        body = wechat.order_body(wechat.openid(), notify_url=listener.url, attach="kept")
        prepay_id = wechat.order(body).json()["prepay_id"]
        assert pay("wechat_bridge", wechat.bridge(prepay_id))["result"] == "ok"
        return body

    return run


@pytest.fixture
def pay_in_alipay(alipay, listener, pay):
    def run():
        body = alipay.create_body(alipay.user_id(), passback_params="a%3Db")
        told = alipay.create(body, notify_url=listener.url)
        assert pay("alipay_bridge", {"tradeNO": told["trade_no"]})["result"] == "ok"
        return body | {"trade_no": told["trade_no"]}

    return run


def check_wechat(wechat, headers, raw):
    text = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + raw + b"\n"
    verify(wechat.config["public_key"], text, headers["Wechatpay-Signature"])
    assert headers["Wechatpay-Serial"] == wechat.config["public_key_id"]
    assert abs(time.time() - int(headers["Wechatpay-Timestamp"])) < 30


def test_wechats_notification_verifies_and_opens(wechat, pay_in_wechat, listener):
    body = pay_in_wechat()
    assert notify.wait_until_idle(10)
    [(headers, raw)] = listener.received
    check_wechat(wechat, headers, raw)
    event = json.loads(raw)
    assert event["id"].startswith("EV-")
    assert (event["event_type"], event["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    assert event["resource"]["algorithm"] == "AEAD_AES_256_GCM"
    told = wechat.open_notification(event["resource"])
    assert told == wechat.query(body["out_trade_no"]).json()
    assert (told["trade_state"], told["amount"]["total"], told["attach"]) == ("SUCCESS", 2100, "kept")


def test_alipays_notification_verifies(alipay, pay_in_alipay, listener):
    listener.answers = [(200, b"success")]
    body = pay_in_alipay()
    assert notify.wait_until_idle(10)
    [(headers, raw)] = listener.received
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    fields = dict(parse_qsl(raw.decode(), keep_blank_values=True))
    text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if k not in ("sign", "sign_type"))
    verify(alipay.config["alipay_public_key"], text.encode(), fields["sign"])
    assert fields["body"] == ""
    assert fields["passback_params"] == "a%3Db"
    for name in ("out_trade_no", "trade_no", "subject", "total_amount", "buyer_id"):
        assert fields[name] == body[name]
    assert (fields["app_id"], fields["seller_id"]) == (alipay.config["app_id"], alipay.config["seller_id"])
    assert (fields["notify_type"], fields["trade_status"]) == ("trade_status_sync", "TRADE_SUCCESS")


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
