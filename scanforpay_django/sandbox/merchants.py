"""Signing up a merchant at the sandbox: what a wallet account needs, ready to be stored."""

import secrets

from .keys import digits, new_private_key, platform_key, platform_public_pem, private_pem, public_pem
from .models import App, Merchant


def issue_wechat_credentials() -> tuple[dict[str, str], dict[str, str]]:
    """(config, secrets) of a new WeChat merchant; both as a Wechat wallet account stores them.

    config: mchid, appid, serial_no, public_key_id, public_key. secrets: private_key, apiv3_key, app_secret.
    """
    key = new_private_key()
    merchant = Merchant.objects.create(
        app=App.WECHAT,
        number=f"16{digits(8)}",
        app_id=f"wx{secrets.token_hex(8)}",
        app_secret=secrets.token_hex(16),
        serial_no=secrets.token_hex(20).upper(),
        public_key=public_pem(key.public_key()),
        apiv3_key=secrets.token_hex(16),
    )
    config = {
        "mchid": merchant.number,
        "appid": merchant.app_id,
        "serial_no": merchant.serial_no,
        "public_key_id": platform_key(App.WECHAT).key_id,
        "public_key": platform_public_pem(App.WECHAT),
    }
    hidden = {"apiv3_key": merchant.apiv3_key, "app_secret": merchant.app_secret}
    return config, {"private_key": private_pem(key), **hidden}


def issue_alipay_credentials() -> tuple[dict[str, str], dict[str, str]]:
    """(config, secrets) of a new Alipay merchant; both as an Alipay wallet account stores them.

    config: app_id, seller_id, alipay_public_key. secrets: private_key.
    """
    key = new_private_key()
    merchant = Merchant.objects.create(
        app=App.ALIPAY,
        number=f"2088{digits(12)}",
        app_id=f"2021{digits(12)}",
        public_key=public_pem(key.public_key()),
    )
    config = {
        "app_id": merchant.app_id,
        "seller_id": merchant.number,
        "alipay_public_key": platform_public_pem(App.ALIPAY),
    }
    return config, {"private_key": private_pem(key)}
