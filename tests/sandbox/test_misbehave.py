"""Calls that are answered badly, over a real connection; and who is struck by what."""

import time

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from django.core.management import CommandError, call_command

from scanforpay_django.sandbox import faults, misbehave
from scanforpay_django.sandbox.merchants import issue_alipay_credentials, issue_wechat_credentials
from scanforpay_django.sandbox.models import Merchant, Payer, SandboxFault, Trade
from tests.sandbox.families import Direct, FullAlipay

pytestmark = pytest.mark.django_db


class Wire:
    """Sends what a merchant of the tests signs over a real connection."""

    def __init__(self, root):
        self.root = root

    def generic(self, method, target, body, content_type, headers):
        sent = {**headers, "Content-Type": content_type}
        return requests.request(method, self.root + target, data=body, headers=sent, timeout=20)


@pytest.fixture
def wire(live_server):
    yield Direct(Wire(live_server.url), issue_wechat_credentials())
    misbehave.release()


@pytest.mark.parametrize("fault", ["cut-connection", "act-then-timeout"])
def test_a_cut_connection_is_no_answer(wire, fault):
    faults.arm(fault, seconds=0)
    with pytest.raises(requests.ConnectionError):
        wire.post("native", wire.body())
    assert Trade.objects.exists() == (fault == "act-then-timeout")
    assert wire.post("native", wire.body()).status_code == 200


def test_act_then_timeout_keeps_the_caller_waiting(wire):
    faults.arm("act-then-timeout", seconds="0.4", operation="refund")
    body = wire.barcode_body("134567890123456789")
    wire.post("codepay", body)
    refund = wire.refund_body(body["out_trade_no"])
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        wire.refund(refund)
    assert time.monotonic() - started >= 0.4
    assert wire.ask_refund(refund["out_refund_no"]).json()["status"] == "SUCCESS"


def test_answer_slow(wire):
    faults.arm("answer-slow", seconds="0.4")
    started = time.monotonic()
    assert wire.post("native", wire.body()).status_code == 200
    assert time.monotonic() - started >= 0.4


def test_waiting_ends_when_it_is_released(wire):
    import threading

    faults.arm("answer-slow", seconds=60)
    timer = threading.Timer(0.3, misbehave.release)
    timer.start()
    assert wire.post("native", wire.body()).status_code == 200
    timer.join()


@pytest.mark.parametrize(("fault", "status", "code"), [
    ("http-500", 500, "SYSTEM_ERROR"), ("http-429", 429, "FREQUENCY_LIMITED"),
])  # fmt: skip
def test_a_refusal_without_reason_carries_nothing_out(direct, fault, status, code):
    faults.arm(fault, count=2)
    body = direct.body()
    answers = [direct.post("native", body) for _ in range(3)]
    assert [one.status_code for one in answers] == [status, status, 200]
    assert answers[0].json()["code"] == code


def test_an_answer_may_be_signed_wrongly(direct):
    faults.arm("answer-bad-signature")
    answer = direct.post("native", direct.body())
    assert answer.status_code == 200
    with pytest.raises(InvalidSignature):
        direct.verify_answer(answer)
    assert Trade.objects.exists()


def test_alipay_answers_badly_too(full_alipay):
    faults.arm("answer-bad-signature")
    with pytest.raises(InvalidSignature):
        full_alipay.say("precreate", full_alipay.trade())
    for name, status in (("http-500", 500), ("http-429", 429)):
        faults.arm(name)
        params = full_alipay.params("alipay.trade.query", {"out_trade_no": "x"})
        assert full_alipay.status(params) == status


def test_where_no_socket_is_at_hand_the_body_breaks_off(direct):
    faults.arm("cut-connection")
    answer = direct.post("native", direct.body())
    with pytest.raises(ConnectionAbortedError):
        b"".join(answer.streaming_content)


def test_a_fault_strikes_where_it_is_meant_to(client, direct):
    other = Direct(client, issue_wechat_credentials())
    merchant = Merchant.objects.get(number=direct.config["mchid"])
    faults.arm("http-500", merchant=merchant, count=5)
    assert other.post("native", other.body()).status_code == 200
    assert direct.post("native", direct.body()).status_code == 500
    SandboxFault.objects.update(merchant=None, operation="close")
    body = direct.body()
    assert direct.post("native", body).status_code == 200
    assert direct.shut(body["out_trade_no"]).status_code == 500
    mine = Trade.objects.get(out_trade_no=body["out_trade_no"])
    SandboxFault.objects.update(trade=mine, operation="")
    assert other.post("native", other.body()).status_code == 200
    assert direct.ask(body["out_trade_no"]).status_code == 500
    SandboxFault.objects.update(trade=None, phone_user="somebody")
    assert direct.ask(body["out_trade_no"]).status_code == 200
    payer = Payer.objects.create(merchant=merchant, phone_user="somebody", payer_id="o1")
    Trade.objects.filter(pk=mine.pk).update(payer=payer)
    assert direct.ask(body["out_trade_no"]).status_code == 500


def test_a_customers_fault_strikes_the_order_made_for_them(direct, stranger):
    openid, other = direct.openid(), direct.openid(stranger)
    faults.arm("http-500", phone_user=Payer.objects.get(payer_id=openid).phone_user)
    assert direct.post("jsapi", direct.body(payer={"openid": other})).status_code == 200
    assert direct.post("jsapi", direct.body(payer={"openid": openid})).status_code == 500


def test_a_customers_fault_strikes_alipays_create_too(full_alipay):
    user_id = full_alipay.user_id()
    faults.arm("http-429", phone_user=Payer.objects.get(payer_id=user_id).phone_user)
    params = full_alipay.params("alipay.trade.create", full_alipay.trade(buyer_id=user_id))
    assert full_alipay.status(params) == 429


def test_a_fault_of_one_merchant_leaves_alipays_isv_alone(client):
    isv = FullAlipay(client, issue_alipay_credentials(isv=True))
    faults.arm("not-enough", merchant=Merchant.objects.get(app_id=isv.config["app_id"]))
    body = isv.trade(scene="bar_code", auth_code="2812345678901234", time_expire=None)
    isv.say("pay", body)
    asked = {"out_trade_no": body["out_trade_no"], "refund_amount": "1.00", "out_request_no": "R1"}
    assert isv.say("refund", asked)["sub_code"] == "ACQ.SELLER_BALANCE_NOT_ENOUGH"


def test_a_closed_trade_may_be_paid_all_the_same(direct, pay):
    body = direct.body(notify_url="http://127.0.0.1:9/n")
    code = direct.post("native", body).json()["code_url"]
    assert direct.shut(body["out_trade_no"]).status_code == 204
    assert pay("scan", {"code": code})["result"] == "fail"
    faults.arm("pay-after-close")
    assert pay("scan", {"code": code}, "look")["result"] == "ok"
    assert pay("scan", {"code": code})["result"] == "ok"
    assert direct.ask(body["out_trade_no"]).json()["trade_state"] == "SUCCESS"
    assert not SandboxFault.objects.filter(remaining__gt=0).exists()


def test_an_order_may_be_paid_twice_from_two_phones(direct, full_alipay, pay):
    first, second = direct.body(), direct.body()
    direct.post("native", first)
    direct.shut(first["out_trade_no"])
    other = full_alipay.trade(subject=first["description"])
    full_alipay.say("precreate", other)
    strange = direct.body(amount={"total": 1, "currency": "CNY"})
    direct.post("native", strange)
    faults.arm("pay-twice")
    assert pay("scan", {"code": direct.post("native", second).json()["code_url"]})["result"] == "ok"
    paid = set(Trade.objects.filter(state="paid").values_list("out_trade_no", flat=True))
    assert paid == {first["out_trade_no"], second["out_trade_no"], other["out_trade_no"]}
    assert len(set(Trade.objects.filter(state="paid").values_list("payer__phone_user", flat=True))) == 3


@pytest.mark.parametrize("wrong", [
    {"name": "no-such"}, {"operation": "dance"}, {"seconds": "soon"}, {"seconds": -1}, {"seconds": 601},
    {"count": 0}, {"count": 1001},
])  # fmt: skip
def test_a_fault_that_cannot_be_armed_is_refused(wrong):
    given = {"name": "http-500"} | wrong
    with pytest.raises(faults.FaultError):
        faults.arm(given.pop("name"), **given)


def test_the_page_arms_and_clears(client, direct):
    given = {"name": "http-500", "count": "2", "merchant": direct.config["mchid"], "operation": "query"}
    assert client.post("/sandbox/faults", given | {"seconds": "", "trade": ""}).status_code == 302
    fault = SandboxFault.objects.get()
    assert (fault.name, fault.remaining, fault.operation) == ("http-500", 2, "query")
    assert "2 left" in client.get("/sandbox/").content.decode()
    assert client.post("/sandbox/faults", {"clear": "1"}).status_code == 302
    assert not SandboxFault.objects.exists()


@pytest.mark.parametrize("given", [{"name": "x"}, {}, {"count": "x"}, {"merchant": "0"}, {"trade": "0"}])
def test_the_page_refuses_in_words(client, given):
    assert client.post("/sandbox/faults", {"name": "http-500" if given else ""} | given).status_code == 400


def test_json_is_answered_in_json(client):
    answer = client.post("/sandbox/faults", {"name": "http-500"}, content_type="application/json")
    assert answer.json() == {"result": "ok"}
    assert client.post("/sandbox/faults", "[]", content_type="application/json").status_code == 400


def test_the_page_lists_every_fault(client):
    page = client.get("/sandbox/").content.decode()
    assert all(f'<option value="{name}">' in page for name in faults.FAULTS)


def test_the_command_knows_the_faults():
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("sandbox_pay", "http://127.0.0.1:9/", "--as", "wechat", "--fault", "no-such")
