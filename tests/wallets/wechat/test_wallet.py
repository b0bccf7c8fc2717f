"""WeChat Pay's products, routes and actions."""

from datetime import UTC, datetime

import pytest

from scanforpay_django.wallets.base import Channel, PaymentRequest, Place
from scanforpay_django.wallets.wechat.apps import WECHAT
from scanforpay_django.wallets.wechat.wallet import WeChatWallet
from tests.wallets.wechat.account import wechat_account


def test_a_code_is_paid_by_a_long_press_in_wechat_where_jsapi_is_not_granted() -> None:
    channel = Channel(place=Place.IN_APP, app=WECHAT)
    assert WeChatWallet.pick_product(channel, {"jsapi", "native"}) == "jsapi"
    assert WeChatWallet.pick_product(channel, {"native", "h5"}) == "native"


@pytest.mark.parametrize(
    ("product", "prepay", "kind"),
    [("h5", {"h5_url": "https://wx.example/1"}, "redirect"), ("native", {"code_url": "weixin://1"}, "code")],
)
def test_other_products_than_jsapi_lead_to_an_address(product: str, prepay: dict, kind: str) -> None:
    action = WeChatWallet(wechat_account()).action(product, prepay)
    assert (action.kind, list(action.params.values())) == (kind, list(prepay.values()))


def test_a_receipt_link_is_registered_by_service_providers_only() -> None:
    assert "receipt_link" not in WeChatWallet.addresses_to_register({})
    assert "receipt_link" in WeChatWallet.addresses_to_register({"sub_mchid": "1900000109"})


def test_an_order_names_who_collects_and_who_pays() -> None:
    request = PaymentRequest(
        product="jsapi", out_trade_no="N" * 28, amount=2100, currency="CNY", title="茶" * 60,
        notify_url="https://pay.example.com/n", expires_at=datetime(2026, 11, 1, tzinfo=UTC),
    )  # fmt: skip
    body = WeChatWallet(wechat_account())._order_body(request)
    assert (body["mchid"], body["appid"]) == ("1900000001", "wx0001")
    assert body["amount"] == {"total": 2100, "currency": "CNY"}
    assert len(body["description"].encode()) <= 127
