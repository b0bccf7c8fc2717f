"""The sandbox redirects abnormal refunds alone, and opens what its key can open."""

from typing import Any

import pytest

from scanforpay_django.sandbox import faults
from scanforpay_django.sandbox.keys import cached_private_key, platform_key
from scanforpay_django.sandbox.models import Refund
from scanforpay_django.wallets.rsa import rsa_seal

pytestmark = pytest.mark.django_db


@pytest.fixture
def abnormal(direct: Any) -> Refund:
    body = direct.barcode_body("134567890123456789")
    direct.post("codepay", body)
    faults.arm("refund-abnormal")
    direct.refund(direct.refund_body(body["out_trade_no"]))
    return Refund.objects.get(state="ABNORMAL")


def redirect(direct: Any, refund: Refund, **body: Any) -> Any:
    whole = {"out_refund_no": refund.number, "type": "MERCHANT_BANK_CARD", **body}
    return direct.call("POST", f"{direct.refunds}/{refund.refund_id}/apply-abnormal-refund", whole)


def sealed(text: str) -> str:
    key = cached_private_key(platform_key("wechat").private_key)
    return rsa_seal(key.public_key(), text)


def card(**changed: Any) -> dict[str, Any]:
    return {
        "type": "USER_BANK_CARD",
        "bank_type": "ICBC_DEBIT",
        "bank_account": sealed("6222020200112233445"),
        "real_name": sealed("张三"),
    } | changed


def test_to_the_merchant_once(direct: Any, abnormal: Refund) -> None:
    answer = redirect(direct, abnormal)
    assert (answer.status_code, answer.json()["status"]) == (200, "PROCESSING")
    abnormal.refresh_from_db()
    assert abnormal.state == "SUCCESS"
    assert redirect(direct, abnormal).json()["code"] == "INVALID_REQUEST"


def test_to_a_card(direct: Any, abnormal: Refund) -> None:
    assert redirect(direct, abnormal, **card()).status_code == 200
    abnormal.refresh_from_db()
    assert abnormal.state == "SUCCESS"


@pytest.mark.parametrize(
    "changed",
    [
        {"bank_type": "ICBC_CREDIT"},
        {"bank_type": None},
        {"bank_account": "6222020200112233445"},
        {"real_name": ""},
    ],
)
def test_a_card_that_is_not_whole_or_not_sealed_is_refused(
    direct: Any, abnormal: Refund, changed: dict[str, Any]
) -> None:
    body = {name: value for name, value in card(**changed).items() if value is not None}
    answer = redirect(direct, abnormal, **body)
    assert (answer.status_code, answer.json()["code"]) == (400, "PARAM_ERROR")
    abnormal.refresh_from_db()
    assert abnormal.state == "ABNORMAL"


def test_a_number_that_is_none_is_refused(direct: Any, abnormal: Refund) -> None:
    assert redirect(direct, abnormal, **card(bank_account=sealed("6222"))).json()["code"] == "PARAM_ERROR"


def test_another_refund_is_not_found(direct: Any, abnormal: Refund) -> None:
    assert redirect(direct, abnormal, out_refund_no="other").json()["code"] == "RESOURCE_NOT_EXISTS"
