"""Alipay's notifications, as they arrive on a real socket."""

from urllib.parse import parse_qsl

import pytest
from cryptography.exceptions import InvalidSignature

from scanforpay_django.sandbox import faults, notify
from tests.sandbox.families import form_of
from tests.sandbox.merchant import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


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


@pytest.fixture
def pay_by_code(full_alipay, listener, pay):
    listener.answers = [(200, b"success")]

    def run():
        code = full_alipay.say("precreate", full_alipay.trade(), notify_url=listener.url)["qr_code"]
        assert pay("scan", {"code": code})["result"] == "ok"
        assert notify.wait_until_idle(10)
        return [form_of(raw) for _, raw in listener.received]

    return run


@pytest.mark.parametrize("word", ["create", "precreate"])
def test_notify_before_answer_at_alipay(full_alipay, listener, word):
    faults.arm("notify-before-answer")
    listener.answers = [(200, b"success")]
    buyer = {"buyer_id": full_alipay.user_id()} if word == "create" else {}
    told = full_alipay.say(word, full_alipay.trade(**buyer), notify_url=listener.url)
    assert told["code"] == "10000"
    assert form_of(listener.received[0][1])["trade_status"] == "TRADE_SUCCESS"


def test_notify_before_answer_on_the_wap_page(full_alipay, listener):
    faults.arm("notify-before-answer")
    full_alipay.open_wap(full_alipay.trade(), notify_url=listener.url)
    assert len(listener.received) == 1


def test_alipay_lies_too(full_alipay, pay_by_code):
    faults.arm("wrong-amount")
    faults.arm("wrong-merchant")
    [told] = pay_by_code()
    assert told["total_amount"] == "21.01"
    assert told["seller_id"] != full_alipay.config["seller_id"]
    assert full_alipay.say("query", {"trade_no": told["trade_no"]})["total_amount"] == "21.01"
    back = full_alipay.say("refund", {"trade_no": told["trade_no"], "refund_amount": "21.01"})
    assert (back["fund_change"], back["refund_fee"]) == ("Y", "21.01")


@pytest.mark.parametrize("fault", ["bad-signature", "unknown-key", "stale-timestamp"])
def test_alipays_wrong_tries(full_alipay, pay_by_code, fault, listener):
    faults.arm(fault)
    listener.answers = [(200, b"fail"), (200, b"success")]
    wrong, right = pay_by_code()

    def check(fields):
        text = "&".join(f"{k}={fields[k]}" for k in sorted(fields) if k not in ("sign", "sign_type"))
        verify(full_alipay.platform_key, text.encode(), fields["sign"])

    check(right)
    if fault == "stale-timestamp":
        check(wrong)
        assert wrong["notify_time"] < right["notify_time"]
    else:
        with pytest.raises(InvalidSignature):
            check(wrong)


def test_alipay_knows_no_signtest(pay_by_code):
    faults.arm("signtest")
    assert len(pay_by_code()) == 1


def test_refunds_of_wap_trades_are_notified(full_alipay, confirm, listener):
    listener.answers = [(200, b"success")]
    body = full_alipay.trade()
    confirm(full_alipay.open_wap(body, notify_url=listener.url))
    for amount, no in (("1.00", "R1"), ("20.00", "R2")):
        asked = {"out_trade_no": body["out_trade_no"], "refund_amount": amount, "out_request_no": no}
        full_alipay.say("refund", asked)
        assert notify.wait_until_idle(10)
    told = [form_of(raw) for _, raw in listener.received]
    assert [one["trade_status"] for one in told] == ["TRADE_SUCCESS", "TRADE_SUCCESS", "TRADE_CLOSED"]
    assert [one.get("refund_fee") for one in told] == [None, "1.00", "21.00"]
    assert told[1]["out_biz_no"] == "R1"
    assert told[1]["gmt_refund"]
