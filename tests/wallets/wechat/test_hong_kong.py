"""WeChat Pay global is a wallet of its own on the wire's word for WeChat Pay."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scanforpay_django import clock
from scanforpay_django.flows.poll_platforms import poll_platforms
from scanforpay_django.models import Payment, Refund
from scanforpay_django.wallets.base import PaymentRequest
from scanforpay_django.wallets.registry import serving
from scanforpay_django.wallets.wechat.hong_kong import GLOBAL_TRADE_TYPES, WeChatGlobalWallet
from scanforpay_django.wallets.wechat.messages import read_wechat_refund
from scanforpay_django.wallets.wechat.wallet import WeChatWallet
from tests.wallets.conftest import Till
from tests.wallets.wechat.account import wechat_account


def test_two_wallets_serve_one_word_of_the_wire() -> None:
    assert {WeChatWallet, WeChatGlobalWallet} <= set(serving("Wechat"))


def test_its_products_have_trade_types_and_it_has_no_barcodes() -> None:
    assert set(WeChatGlobalWallet.products) == set(GLOBAL_TRADE_TYPES)
    assert not WeChatGlobalWallet.barcode_pattern


def body_of_h5(**config: str) -> dict:
    """The body of an order that is paid in a phone's browser."""
    request = PaymentRequest(
        product="h5", out_trade_no="N" * 28, amount=2100, currency="HKD", title="Tea",
        notify_url="https://pay.example.com/n", expires_at=datetime(2026, 11, 1, tzinfo=UTC), client_ip="203.0.113.7",
    )  # fmt: skip
    return WeChatGlobalWallet(wechat_account(**config))._order_body(request)


def test_an_h5_order_names_the_store_and_no_h5_info() -> None:
    scene = body_of_h5(store_name="Tea House", store_address="1 Road, Hong Kong")["scene_info"]
    assert scene == {
        "payer_client_ip": "203.0.113.7",
        "store_info": {"name": "Tea House", "address": "1 Road, Hong Kong"},
    }


def test_a_store_without_an_address_is_at_the_site_that_sells() -> None:
    assert body_of_h5()["scene_info"]["store_info"] == {"name": "Tea", "address": "pay.example.com"}


def test_the_page_of_an_h5_order_is_its_mweb_url() -> None:
    action = WeChatGlobalWallet(wechat_account()).action("h5", {"mweb_url": "https://wx.example/1"})
    assert action.params == {"url": "https://wx.example/1"}


@pytest.mark.parametrize(
    ("config", "parties"),
    [
        ({}, {"appid": "wx0001", "mchid": "1900000001"}),
        ({"sub_mchid": "19"}, {"sp_appid": "wx0001", "sp_mchid": "1900000001", "sub_mchid": "19"}),
        (
            {"sub_mchid": "19", "sub_appid": "wx9"},
            {"sp_appid": "wx0001", "sp_mchid": "1900000001", "sub_mchid": "19", "sub_appid": "wx9"},
        ),
    ],
)
def test_a_refund_names_app_and_merchant(config: dict, parties: dict) -> None:
    assert WeChatGlobalWallet(wechat_account(**config))._refund_fields() == parties


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("REFUNDCLOSE", "closed"),
        ("CLOSED", "closed"),
        ("CHANGE", "payer_unreachable"),
        ("PROCESSING", "processing"),
    ],
)
def test_words_of_the_second_api_are_known(word: str, state: str) -> None:
    assert read_wechat_refund({"out_refund_no": "R1", "status": word}, "R1").state == state


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_hong_kong_closes_frees_its_amount(till_of: Callable[[str], Till], settings) -> None:
    settings.SCANFORPAY_REFUND_HOLD_SECONDS = 0
    till = till_of("wechat-global")
    order = till.paid().order
    till.sandbox.fault("refund-failed")
    body = {"partnerOrderNo": order.partner_order_no, "refundNo": "r1", "orderAmount": 700}
    till.merchant.call("/api/common/refund", body)
    till.sandbox.wait_for_notices()
    Refund.objects.update(next_at=clock.now())
    poll_platforms()
    assert Refund.objects.get().state == "failed"
    assert Payment.objects.get().reserved_amount == 0
