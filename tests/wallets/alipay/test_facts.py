"""What Alipay publishes."""

import re

import pytest

from scanforpay_django.wallets.alipay.facts import AlipayFacts


@pytest.mark.parametrize(
    ("code", "is_taken"),
    [("25" + "0" * 14, True), ("30" + "9" * 22, True), ("31" + "0" * 14, False), ("25" + "0" * 13, False)],
)
def test_its_barcodes(code: str, is_taken: bool) -> None:
    assert bool(re.fullmatch(AlipayFacts.barcode_pattern, code)) == is_taken
