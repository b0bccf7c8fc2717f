"""The receipt that a platform frames: the classes that a wallet fills in."""

import pytest

from scanforpay_django.wallets.receipt import Receipt, ReceiptRequest
from scanforpay_django.wallets.registry import receipts


def test_a_receipt_has_to_be_filled_in() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Receipt()  # type: ignore[abstract]


def test_every_receipt_names_the_one_origin_that_may_frame_it() -> None:
    found = receipts()
    assert found
    for receipt in found:
        assert receipt.frame_origin.startswith("https://")
        assert not receipt.frame_origin.endswith("/")
        assert receipt.read({}) is None
        request = ReceiptRequest(out_trade_no="N1", check_code="", merchant="1")
        assert not receipt.is_verified(request, "https://pay.example.com/", "")
