"""Reading a merchant's answer."""

import json
import urllib.parse
from collections.abc import Callable

import pytest

from scanforpay_django.merchant_notify.answer import failure_reason, is_acknowledged, kept_text
from scanforpay_django.signing import webhook_signature
from scanforpay_django.transport import Outcome


def answered(
    body: bytes = b"", status: int | None = 200, reason: str = "", retry_after: float = 0
) -> Outcome:
    return Outcome(status=status, body=body, reason=reason, retry_after_seconds=retry_after)


@pytest.mark.parametrize(
    "body",
    [
        b"success",
        b"SUCCESS",
        b"Success\r\n",
        b" \t\nsuccess \n\n",
        b"\xef\xbb\xbfsuccess",
        b"\xef\xbb\xbf\r\n success\xef\xbb\xbf",
        b"\n<b>Warning</b>:  Undefined variable $x in a.php on line 3<br />\nsuccess",
        b"Notice: \xff\xfe\r\n\xef\xbb\xbfsuccess",
    ],
)
def test_these_acknowledge(body: bytes) -> None:
    assert is_acknowledged(answered(body), any_2xx=False)
    assert is_acknowledged(answered(body, 202), any_2xx=False)
    assert not is_acknowledged(answered(body, 500), any_2xx=False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"fail",
        b"unsuccessful",
        b"successful",
        b"success: false",
        b'"success"',
        b'{"code":"success"}',
        b"success\nfail",
        b"not success",
        b"<html>success</html>",
        "签名校验失败".encode(),
        b"s u c c e s s",
        b"\xff\xfes\x00u\x00c\x00c\x00e\x00s\x00s\x00",
    ],
)
def test_these_do_not(body: bytes) -> None:
    assert not is_acknowledged(answered(body), any_2xx=False)
    assert is_acknowledged(answered(body), any_2xx=True)
    assert failure_reason(answered(body)) == "the answer is not “success”"


@pytest.mark.parametrize("status", [None, 100, 199, 300, 302, 400, 404, 410, 500, 503])
def test_only_2xx_acknowledges(status: int | None) -> None:
    for any_2xx in (True, False):
        assert not is_acknowledged(answered(b"success", status, "" if status else "timeout"), any_2xx=any_2xx)


def test_a_try_with_a_reason_is_no_acknowledgement() -> None:
    assert not is_acknowledged(answered(b"success", 200, "answer too large"), any_2xx=False)
    assert is_acknowledged(answered(b"<html>", 200, "answer too large"), any_2xx=True)
    assert not is_acknowledged(answered(b"", None, "timeout after 15 s"), any_2xx=True)


def test_a_signature_across_the_cut_is_not_kept() -> None:
    assert "ab" * 10 not in kept_text(b"x" * 2040 + b"ab" * 32)


@pytest.mark.parametrize("tail", ["", " ", '"}', "</pre>"])
@pytest.mark.parametrize(
    "written",
    [
        lambda text: text,
        lambda text: text.removeprefix("v1,"),
        lambda text: text.removesuffix("="),
        lambda text: json.dumps(text).replace("/", "\\/"),
        lambda text: text.replace("+", "\\u002B").replace("=", "\\u003d"),
        lambda text: text.replace("+", "&#43;").replace("/", "&#x2F;").replace("=", "&#x3D;"),
        urllib.parse.quote_plus,
    ],
)
def test_an_echoed_webhook_signature_is_not_kept(written: Callable[[str], str], tail: str) -> None:
    for number in range(40):
        signature = written(webhook_signature("msg", number, b"{}", "key"))
        kept = kept_text(f"Webhook-Signature: {signature}{tail}".encode())
        assert "[44 base64 digits]" in kept
        assert signature[4:40] not in kept


def test_a_path_in_an_answer_is_kept() -> None:
    said = "Fatal error in /var/www/html/application/controllers/payment/notify/Callback.php:31"
    assert kept_text(said.encode()) == said
