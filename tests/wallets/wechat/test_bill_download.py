"""Fetching WeChat Pay's bills: what is asked for, and what of the answers is believed."""

import hashlib
import io
from datetime import date

import pytest

from scanforpay_django.exceptions import BillNotReady, PlatformError, PlatformSignatureInvalid
from scanforpay_django.wallets.values import Account
from scanforpay_django.wallets.wechat import bill_download
from scanforpay_django.wallets.wechat.client import WeChatPayClient
from scanforpay_django.wallets.wechat.party import Party
from tests.transport.zoo import Zoo, whole
from tests.wallets.wechat.account import wechat_account

pytestmark = pytest.mark.sqlite

DAY = date(2026, 11, 1)
RAW = "交易时间\n".encode()
SHA1 = hashlib.sha1(RAW).hexdigest()


def account_at(origin: str) -> Account:
    """An account whose platform is there."""
    made = wechat_account()
    return Account(
        pk=0, wallet="WechatGlobal", environment="production", config=made.config, secrets=made.secrets,
        hosts=(("api", origin),), currencies=("HKD",),
    )  # fmt: skip


def fetch(origin: str, into: io.BytesIO) -> object:
    """The global statement, which is one call."""
    account = account_at(origin)
    return bill_download.fetch_statement(WeChatPayClient(account), Party(account), DAY, into)


def test_a_statement_is_proven_by_the_hash_beside_it(zoo: Zoo) -> None:
    into = io.BytesIO()
    found = fetch(zoo.answering(whole(RAW, b"200 OK", b"Wechatpay-Statement-Sha1: " + SHA1.encode())), into)
    assert (found.platform_hash, found.is_proven, into.getvalue()) == (f"SHA1 {SHA1}", True, RAW)
    head = zoo.requests[-1]
    assert head.startswith(b"GET /v3/global/statements?date=20261101&mchid=")
    assert b"Accept-Encoding: gzip" in head
    assert b"Authorization: WECHATPAY2-SHA256-RSA2048 " in head


@pytest.mark.parametrize(
    "header", [b"X: 1", b"Wechatpay-Statement-Sha1: ", b"Wechatpay-Statement-Sha1: " + b"0" * 40]
)
def test_a_statement_without_its_hash_is_not_believed(zoo: Zoo, header: bytes) -> None:
    with pytest.raises(PlatformSignatureInvalid):
        fetch(zoo.answering(whole(RAW, b"200 OK", header)), io.BytesIO())


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("STATEMENT_CREATING", BillNotReady),
        ("FREQUENCY_LIMITED", PlatformError),
        ("NO_STATEMENT_EXIST", None),
    ],
)
def test_what_a_refusal_means(zoo: Zoo, code: str, wanted: type[Exception] | None) -> None:
    origin = zoo.answering(whole(f'{{"code":"{code}"}}'.encode(), b"400 Bad Request"))
    if wanted is None:
        assert fetch(origin, io.BytesIO()) is None
        return
    with pytest.raises(wanted):
        fetch(origin, io.BytesIO())


def test_a_bill_at_another_host_is_not_fetched() -> None:
    client = WeChatPayClient(wechat_account())
    found = {"download_url": "https://evil.example/x", "hash_type": "SHA1", "hash_value": SHA1}
    with pytest.raises(PlatformSignatureInvalid, match="another host"):
        client.download(found, io.BytesIO())


@pytest.mark.parametrize(
    "found", [{"hash_type": "SHA1", "hash_value": "0"}, {"hash_type": "MD5", "hash_value": SHA1}]
)
def test_a_bill_with_another_hash_is_not_believed(zoo: Zoo, found: dict[str, str]) -> None:
    origin = zoo.answering(whole(RAW))
    with pytest.raises(PlatformSignatureInvalid, match="hash"):
        WeChatPayClient(account_at(origin)).download(
            {"download_url": f"{origin}/f?token=1", **found}, io.BytesIO()
        )
