"""The library wechatpayv3 signs, seals and verifies the same bytes."""

import random
import re
import string

import pytest
from wechatpayv3 import utils as oracle

from scanforpay_django.wallets.base import Account
from scanforpay_django.wallets.gcm import gcm_open, gcm_seal
from scanforpay_django.wallets.wechat.client import WeChatPayClient
from scanforpay_django.wallets.wechat.signatures import answer_text
from scanforpay_django.wallets.wechat.wallet import WeChatWallet
from tests.platform import APIV3_KEY, WECHAT_CONFIG, key, private_pem, public_pem

pytestmark = pytest.mark.sqlite

ROUNDS = 1000


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(
        pk=0,
        wallet="Wechat",
        environment="production",
        config=tuple(sorted({**WECHAT_CONFIG, "public_key": public_pem("wechat")}.items())),
        secrets=(("apiv3_key", APIV3_KEY), ("private_key", private_pem("merchant"))),
        hosts=(("api", "https://api.mch.weixin.qq.com"),),
        currencies=("CNY",),
    )


def text(random_: random.Random, most: int) -> str:
    letters = string.printable + "茶乌龙付款é\u2028"
    return "".join(random_.choice(letters) for _ in range(random_.randrange(most)))


def test_the_authorization_header_agrees(account: Account) -> None:
    random_ = random.Random(1)
    client = WeChatPayClient(account)
    for _ in range(ROUNDS):
        method, body = random_.choice([("GET", ""), ("POST", text(random_, 80))])
        path = (
            f"/v3/pay/transactions/out-trade-no/{random_.getrandbits(64):x}?mchid={random_.getrandbits(32)}"
        )
        ours = client._authorization(method, f"https://api.mch.weixin.qq.com{path}", body.encode())
        fields = dict(re.findall(r'(\w+)="([^"]*)"', ours))
        assert ours.startswith("WECHATPAY2-SHA256-RSA2048 mchid=")
        signed = f"{method}\n{path}\n{fields['timestamp']}\n{fields['nonce_str']}\n{body}\n"
        assert fields["signature"] == oracle.rsa_sign(key("merchant"), signed)
        assert (fields["mchid"], fields["serial_no"]) == (WECHAT_CONFIG["mchid"], WECHAT_CONFIG["serial_no"])


def test_pay_sign_agrees(account: Account) -> None:
    random_ = random.Random(2)
    wallet = WeChatWallet(account)
    for _ in range(ROUNDS):
        prepay_id = f"wx{random_.getrandbits(100):x}"
        params = wallet.action("jsapi", {"prepay_id": prepay_id}).params
        signed = f"{params['appId']}\n{params['timeStamp']}\n{params['nonceStr']}\nprepay_id={prepay_id}\n"
        assert params["paySign"] == oracle.rsa_sign(key("merchant"), signed)
        assert isinstance(params["timeStamp"], str)


def test_the_seal_agrees() -> None:
    random_ = random.Random(3)
    for _ in range(ROUNDS):
        nonce = "".join(random_.choice(string.ascii_letters) for _ in range(12))
        plain, data = text(random_, 200), text(random_, 20)
        sealed = gcm_seal(APIV3_KEY.encode(), nonce.encode(), data.encode(), plain.encode())
        assert oracle.aes_decrypt(nonce, sealed, data, APIV3_KEY) == plain
        assert gcm_open(APIV3_KEY.encode(), nonce.encode(), data.encode(), sealed).decode() == plain


def test_answers_verify_alike() -> None:
    random_ = random.Random(4)
    for _ in range(100):
        stamp, nonce, body = str(random_.getrandbits(30)), f"{random_.getrandbits(60):x}", text(random_, 80)
        signature = oracle.rsa_sign(key("wechat"), answer_text(stamp, nonce, body.encode()).decode())
        assert oracle.rsa_verify(stamp, nonce, body, signature, key("wechat").public_key())
