"""Texts to sign that WeChat Pay published."""

import pytest

from scanforpay_django.wallets.wechat.signatures import bridge_text, wechat_request_text

pytestmark = pytest.mark.sqlite


def test_published_request_texts() -> None:
    assert wechat_request_text("GET", "/v3/certificates", "1624523846", "A1B2C3D4E5F6G7", b"") == (
        b"GET\n/v3/certificates\n1624523846\nA1B2C3D4E5F6G7\n\n"
    )
    # A body's own line end stays, and one more follows.
    assert (
        wechat_request_text("POST", "/p", "1", "n", b"Hello World!\n") == b"POST\n/p\n1\nn\nHello World!\n\n"
    )


def test_published_bridge_text() -> None:
    package = "prepay_id=wx201410272009395522657a690389285100"
    assert bridge_text("wx2421b1c4370ec43b", "1554208460", "593BEC0C930BF1AFEB40B4A08C8FB242", package) == (
        b"wx2421b1c4370ec43b\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n"
        b"prepay_id=wx201410272009395522657a690389285100\n"
    )
