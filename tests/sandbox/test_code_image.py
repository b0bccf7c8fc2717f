"""A pay page's code is read off its image."""

import base64
from io import BytesIO

import pytest
import segno

from scanforpay_django.cashier.page import qr_data_uri
from scanforpay_django.sandbox.code_image import UnreadableCode, read_code


@pytest.mark.parametrize("length", range(20, 400, 7))
def test_what_a_page_draws_is_read(length):
    text = ("https://pay.example/api/jspay/pay/aBc-_~" + "x9/" * 200)[:length]
    assert read_code(qr_data_uri(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "weixin://wxpay/bizpayurl?pr=wx0123456789abcdef",
        "https://qr.alipay.com/bax1",
        "https://shop.example/é茶",
    ],
)
def test_the_platforms_codes_are_read(text):
    assert read_code(qr_data_uri(text)) == text


@pytest.mark.parametrize("error", "lmqh")
@pytest.mark.parametrize("mask", range(8))
def test_every_mask_and_error_level_is_read(error, mask):
    made = BytesIO()
    segno.make("https://pay.example/abc", error=error, mask=mask, boost_error=False).save(
        made, kind="png", scale=3, border=2, dark="darkblue", light="white"
    )
    uri = "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()
    assert read_code(uri) == "https://pay.example/abc"


def png(**look):
    made = BytesIO()
    segno.make("12345").save(made, kind="png", **look)
    return "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()


@pytest.mark.parametrize("uri", [
    "", "data:image/png;base64,", "data:image/png;base64,AAAA", "data:image/svg+xml;utf8,<svg/>", "nonsense ***",
    png(), qr_data_uri("x")[:-80],
])  # fmt: skip
def test_what_is_no_such_code_is_refused(uri):
    with pytest.raises(UnreadableCode):
        read_code(uri)
