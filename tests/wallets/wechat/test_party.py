"""Who collects: a direct merchant, or a service provider for one of its merchants."""

import pytest

from scanforpay_django.exceptions import PlatformSignatureInvalid
from scanforpay_django.wallets.wechat.party import Party
from tests.wallets.wechat.account import wechat_account

SUB = {"sub_mchid": "1900000109", "sub_appid": "wx0109"}


def test_a_direct_merchant_names_itself() -> None:
    party = Party(wechat_account())
    assert party.order_fields() == {"appid": "wx0001", "mchid": "1900000001"}
    assert (party.sub_fields(), party.payer_fields("o")) == ({}, {"openid": "o"})
    assert party.query() == "mchid=1900000001"


@pytest.mark.parametrize(
    ("owner", "appid", "payer"), [("sp", "wx0001", "sp_openid"), ("sub", "wx0109", "sub_openid")]
)
def test_a_provider_names_its_merchant(owner: str, appid: str, payer: str) -> None:
    party = Party(wechat_account(**SUB, openid_of=owner))
    assert party.order_fields() == {
        "sp_appid": "wx0001", "sp_mchid": "1900000001", "sub_mchid": "1900000109", "sub_appid": "wx0109"
    }  # fmt: skip
    assert (party.sign_in_appid, party.payer_fields("o")) == (appid, {payer: "o"})


def test_a_message_of_another_merchant_is_refused() -> None:
    party = Party(wechat_account(**SUB))
    found = party.order_fields()
    party.check({name: value for name, value in found.items() if name != "sub_appid"})
    with pytest.raises(PlatformSignatureInvalid):
        party.check({**found, "sub_mchid": "1900000110"})
