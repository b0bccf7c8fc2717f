"""Seals that WeChat Pay published are opened."""

import pytest

from scanforpay_django.wallets.gcm import SealBroken, gcm_open

pytestmark = pytest.mark.sqlite


@pytest.mark.parametrize(
    ("apiv3_key", "nonce", "data", "sealed", "plain"),
    [
        (
            b"testAPIv3Key0000",
            b"wCq51qZv4Yfg",
            b"Dl56FrqWQJF1t9LtC3vEUsniZKvbqdR8",
            "FsdXzxryWfKwvLJKf8LG/ToRPTRh8RN9wROC",
            b"Hello World",
        ),
        (
            b"a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb",
            b"uluk4a9R25RW",
            b"associatedData",
            "ulwSiIajGClcvcOYvOQ7+l+0PAbzzwI=",
            b"message",
        ),
    ],
)
def test_published_seals(apiv3_key: bytes, nonce: bytes, data: bytes, sealed: str, plain: bytes) -> None:
    assert gcm_open(apiv3_key, nonce, data, sealed) == plain
    with pytest.raises(SealBroken):
        gcm_open(apiv3_key, nonce, b"other", sealed)
