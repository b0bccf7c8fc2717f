"""What WeChat Pay publishes."""

import re

import pytest

from scanforpay_django.wallets.wechat.facts import WeChatFacts


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [
        ("100000000000000000", True),
        ("159999999999999999", True),
        ("160000000000000000", False),
        ("1" * 17, False),
    ],
)
def test_its_barcodes(code: str, is_taken: bool) -> None:
    assert bool(re.fullmatch(WeChatFacts.barcode_pattern, code)) == is_taken


def test_a_service_provider_registers_its_receipt_too() -> None:
    assert "receipt_link" in WeChatFacts.addresses_to_register({"sub_mchid": "1900000109"})
    assert "receipt_link" not in WeChatFacts.addresses_to_register({})
