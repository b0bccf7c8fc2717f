"""Notifications that misbehave, as they arrive on a real socket."""

import json
import time

import pytest
from cryptography.exceptions import InvalidSignature

from scanforpay_django.sandbox import faults, notify
from scanforpay_django.sandbox.models import Notice, Trade
from tests.sandbox.families import Mapi, check_headers, form_of
from tests.sandbox.merchant import verify

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_repeats")]


@pytest.fixture
def pay_order(direct, listener, pay):
    """A paid Native order, notified to the listener."""

    def run(**changed):
        body = direct.body(notify_url=listener.url) | changed
        code = direct.post("native", body).json()["code_url"]
        assert pay("scan", {"code": code})["result"] == "ok"
        return body

    return run


@pytest.fixture
def pay_in_alipay(full_alipay, listener, pay):
    listener.answers = [(200, b"success")]

    def run():
        code = full_alipay.say("precreate", full_alipay.trade(), notify_url=listener.url)["qr_code"]
        assert pay("scan", {"code": code})["result"] == "ok"
        assert notify.wait_until_idle(10)
        return [form_of(raw) for _, raw in listener.received]

    return run


def opened(direct, raw):
    return direct.open_notification(json.loads(raw)["resource"])


def test_notify_never(direct, pay_order, listener):
    faults.arm("notify-never")
    body = pay_order()
    assert notify.wait_until_idle(10)
    assert listener.received == []
    assert Notice.objects.get().last_status == "kept back: notify-never"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "SUCCESS"
    pay_order()
    assert listener.wait_for(1)


def test_notify_late(pay_order, listener):
    faults.arm("notify-late", seconds="0.5")
    pay_order()
    assert not listener.wait_for(1, 0.3)
    assert listener.wait_for(1)


def test_notify_twice(pay_order, listener):
    faults.arm("notify-twice")
    pay_order()
    assert notify.wait_until_idle(10)
    assert len(listener.received) == 2
    assert len({json.loads(raw)["id"] for _, raw in listener.received}) == 1


def test_notify_8x(pay_order, listener):
    faults.arm("notify-8x")
    pay_order()
    assert notify.wait_until_idle(10)
    assert len(listener.received) == 8
    assert len({raw for _, raw in listener.received}) == 1


def test_notify_out_of_order(direct, pay_order, listener):
    faults.arm("notify-out-of-order", seconds=10)
    body = pay_order()
    assert not listener.wait_for(1, 0.3)
    direct.refund(direct.refund_body(body["out_trade_no"], 100, notify_url=listener.url))
    assert notify.wait_until_idle(10)
    kinds = [json.loads(raw)["event_type"] for _, raw in listener.received]
    assert kinds == ["REFUND.SUCCESS", "TRANSACTION.SUCCESS"]
    assert opened(direct, listener.received[1][1])["trade_state"] == "SUCCESS"


def test_notify_out_of_order_alone_is_late(pay_order, listener):
    faults.arm("notify-out-of-order", seconds="0.2")
    pay_order()
    assert listener.wait_for(1)


def test_notify_before_answer(direct, listener):
    faults.arm("notify-before-answer")
    body = direct.body(notify_url=listener.url)
    assert "code_url" in direct.post("native", body).json()
    assert opened(direct, listener.received[0][1])["out_trade_no"] == body["out_trade_no"]


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


@pytest.mark.parametrize(("fault", "change"), [
    ("wrong-amount", {"total": 2101}), ("wrong-currency", {"currency": "HKD"}),
])  # fmt: skip
def test_another_sum_is_told_in_notice_and_query(direct, pay_order, listener, fault, change):
    faults.arm(fault)
    body = pay_order()
    assert listener.wait_for(1)
    for told in (opened(direct, listener.received[0][1]), direct.ask(body["out_trade_no"]).json()):
        assert {name: told["amount"][name] for name in change} == change
    assert Trade.objects.get().amount == 2100


def test_another_merchant_is_told(direct, pay_order, listener):
    faults.arm("wrong-merchant")
    pay_order()
    assert listener.wait_for(1)
    assert opened(direct, listener.received[0][1])["mchid"] != direct.config["mchid"]


def test_alipay_lies_too(full_alipay, pay_in_alipay):
    faults.arm("wrong-amount")
    faults.arm("wrong-merchant")
    [told] = pay_in_alipay()
    assert told["total_amount"] == "21.01"
    assert told["seller_id"] != full_alipay.config["seller_id"]
    assert full_alipay.say("query", {"trade_no": told["trade_no"]})["total_amount"] == "21.01"


def test_the_other_gateway_lies_too(client, listener, confirm):
    from scanforpay_django.sandbox.merchants import issue_alipay_global_credentials

    mapi = Mapi(client, issue_alipay_global_credentials())
    listener.answers = [(200, b"success")]
    for name in ("wrong-amount", "wrong-currency", "wrong-merchant"):
        faults.arm(name)
    confirm(mapi.open(notify_url=listener.url))
    assert notify.wait_until_idle(10)
    told = form_of(listener.received[0][1])
    mapi.verify(told, told["sign"])
    assert (told["total_fee"], told["currency"]) == ("21.01", "USD")
    assert told["seller_id"] != mapi.config["partner"]


@pytest.mark.parametrize("fault", ["bad-signature", "unknown-key", "stale-timestamp", "signtest"])
def test_a_wrongly_signed_try_is_followed_by_a_right_one(direct, pay_order, listener, fault):
    faults.arm(fault)
    listener.answers = [(401, b""), (200, b"")]
    pay_order()
    assert notify.wait_until_idle(10)
    (wrong, raw), (right, again) = listener.received
    assert raw == again
    check_headers(direct.config["public_key"], right, again)
    known_key = wrong["Wechatpay-Serial"] == direct.config["public_key_id"]
    assert known_key == (fault != "unknown-key")
    if fault == "stale-timestamp":
        check_headers(direct.config["public_key"], wrong, raw)
        assert 3500 < time.time() - int(wrong["Wechatpay-Timestamp"]) < 3700
    elif fault == "signtest":
        assert wrong["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    else:
        with pytest.raises(InvalidSignature):
            check_headers(direct.config["public_key"], wrong, raw)


@pytest.mark.parametrize("fault", ["bad-signature", "unknown-key", "stale-timestamp"])
def test_alipays_wrong_tries(full_alipay, pay_in_alipay, fault, listener):
    faults.arm(fault)
    listener.answers = [(200, b"fail"), (200, b"success")]
    wrong, right = pay_in_alipay()

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


def test_alipay_knows_no_signtest(pay_in_alipay):
    faults.arm("signtest")
    assert len(pay_in_alipay()) == 1


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
