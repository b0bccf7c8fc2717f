"""Calls of the cross-border gateway, as it really takes and answers them."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from scanforpay_django.exceptions import PlatformError, PlatformSignatureInvalid
from scanforpay_django.wallets.alipay_cross_border.client import CrossBorderClient, read_answer
from tests.wallets.alipay_cross_border.account import TRADE, make_account, running_gateway

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize("encoding", ["GBK", "utf-8"])
def test_the_gateway_answers_in_either_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><alipay><is_success>F</is_success><error>茶</error></alipay>'
    answer = read_answer(text.encode(encoding))
    assert (answer.is_success, answer.error, dict(answer.fields)) == (False, "茶", {})


@pytest.mark.parametrize(
    "text", ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', '<?xml version="1.0" encoding="utf-7"?><a/>', "<a"]
)
def test_what_is_not_plain_xml_is_refused(text: str) -> None:
    with pytest.raises(PlatformError):
        read_answer(text.encode())


def test_a_field_that_stands_twice_is_refused() -> None:
    with pytest.raises(PlatformSignatureInvalid):
        read_answer(b"<alipay><response><trade><a>1</a><a>2</a></trade></response></alipay>")


@pytest.mark.parametrize("service", ["single_trade_query", "forex_refund", "alipay.acquire.refund.query"])
def test_every_posted_call_tells_its_charset_in_the_address(service: str) -> None:
    with running_gateway(**{service: TRADE}) as gateway:
        client = CrossBorderClient(make_account(gateway.url))
        assert client.verified(client.call({"service": service, "reason": "退款"})) == TRADE
    [(target, form)] = gateway.calls
    assert dict(parse_qsl(urlsplit(target).query)) == {"_input_charset": "utf-8"}
    assert dict(parse_qsl(form))["reason"] == "退款"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("true", True), ("TRUE\n", True), ("false", False), ("invalid", False), ("", False), ("<html>", False)],
)
def test_only_the_one_word_says_that_a_notification_was_sent(answer: str, expected: bool) -> None:
    with running_gateway(notify_verify=answer) as gateway:
        assert CrossBorderClient(make_account(gateway.url)).sent_notification("n/1+2") is expected
    asked = dict(parse_qsl(urlsplit(gateway.calls[0][0]).query))
    assert set(asked) == {"service", "partner", "notify_id", "sign_type", "sign"}
    assert asked["notify_id"] == "n/1+2"
