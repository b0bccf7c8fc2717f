"""Calls that are answered badly, over a real connection."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from cryptography.exceptions import InvalidSignature

from scanforpay_django.sandbox import faults, misbehave
from scanforpay_django.sandbox.merchants import issue_wechat_credentials
from scanforpay_django.sandbox.models import Trade
from tests.sandbox.families import Direct

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
    faults.arm("answer-slow", seconds=60)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(wire.post, "native", wire.body())
        # The call may begin to wait only after one release, and before the next.
        while not answer.done():
            misbehave.release()
            time.sleep(0.05)
    assert answer.result().status_code == 200


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
