"""The texts that Alipay signs."""

import pytest

from scanforpay_django.wallets.alipay.signatures import alipay_request_text, answer_slice, notification_text

PARAMS = {"b": "2", "a": "茶 &", "blank": "", "sign": "x", "sign_type": "RSA2"}


def test_requests_leave_blanks_out_and_notifications_keep_them() -> None:
    assert alipay_request_text(PARAMS) == "a=茶 &&b=2&sign_type=RSA2".encode()
    assert notification_text(PARAMS) == "a=茶 &&b=2&blank=".encode()


def test_an_answer_is_signed_as_it_stands() -> None:
    text = '{ "sign" : "x", "r" : {"a":"}\\u8336",\n"b":[1, 2]} }'
    assert answer_slice(text, "r") == '{"a":"}\\u8336",\n"b":[1, 2]}'


@pytest.mark.parametrize("text", ["", "{}", '{"a":1}', '{"a" 1}', '{"r":'])
def test_an_answer_without_the_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        answer_slice(text, "r")
