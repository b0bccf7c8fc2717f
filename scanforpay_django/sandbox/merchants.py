"""Signing up a merchant at the sandbox: what a wallet account needs, ready to be stored.

Every function gives (config, secrets): the public credentials and the secret ones by name. Which names there
are depends on how the platform's keys come:

- WeChat, ``key_mode="public_key"``: ``public_key_id``, ``public_key``; ``"certificate"``:
  ``platform_certificates`` (PEM; its serial is in it); ``"migration"``: all three.
- Alipay: ``alipay_public_key``; with ``certificates=True`` instead ``app_certificate``,
  ``alipay_certificate`` and ``root_certificates`` (PEM).
"""

import secrets

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from .certificates import alipay_sn
from .keys import (
    Kind,
    certify,
    digits,
    new_private_key,
    platform_key,
    platform_public_pem,
    private_pem,
    public_pem,
)
from .models import Merchant, Platform

Credentials = tuple[dict[str, str], dict[str, str]]

RESTAURANTS = "5812"


def issue_wechat_credentials(key_mode: str = "public_key") -> Credentials:
    """(config, secrets) of a new WeChat merchant; both as a Wechat wallet account stores them.

    config: mchid, appid, serial_no, and the platform's keys. secrets: private_key, apiv3_key, app_secret.
    """
    return _wechat(Platform.WECHAT, key_mode)[1]


def issue_wechat_partner_credentials(
    key_mode: str = "public_key", provider: Merchant | None = None
) -> Credentials:
    """(config, secrets) of a new sub-merchant of a WeChat service provider, a new one if none is given.

    config: mchid (sp_mchid), appid (sp_appid), sub_mchid, sub_appid, serial_no, and the platform's keys.
    secrets: private_key, apiv3_key, app_secret (of sp_appid), sub_app_secret (of sub_appid). For a given
    provider the secrets are sub_app_secret alone: a provider has one key for all its sub-merchants.
    """
    config: dict[str, str] = {}
    hidden: dict[str, str] = {}
    if provider is None:
        provider, (config, hidden) = _wechat(Platform.WECHAT, key_mode)
    sub = _wechat_merchant(Platform.WECHAT, provider=provider)
    config |= {
        "mchid": provider.number,
        "appid": provider.app_id,
        "sub_mchid": sub.number,
        "sub_appid": sub.app_id,
    }
    return config, {**hidden, "sub_app_secret": sub.app_secret}


def issue_wechat_global_credentials(
    key_mode: str = "public_key", *, institution: bool = False
) -> Credentials:
    """(config, secrets) of a new merchant of WeChat Pay HK: as WeChat's, merchant_category_code and the store.

    ``institution``: of a new institution's sub-merchant, as a service provider's.
    """
    provider, (config, hidden) = _wechat(Platform.WECHAT_GLOBAL, key_mode)
    if institution:
        sub = _wechat_merchant(Platform.WECHAT_GLOBAL, provider=provider)
        config |= {"sub_mchid": sub.number, "sub_appid": sub.app_id}
        hidden |= {"sub_app_secret": sub.app_secret}
    store = {"store_name": "Tea House", "store_address": "1 Sandbox Road, Hong Kong"}
    return {**config, "merchant_category_code": RESTAURANTS, **store}, hidden


def _wechat(app: str, key_mode: str) -> tuple[Merchant, Credentials]:
    key = new_private_key()
    merchant = _wechat_merchant(app, public_key=public_pem(key.public_key()), key_mode=key_mode)
    config = {"mchid": merchant.number, "appid": merchant.app_id, "serial_no": merchant.serial_no}
    if key_mode != Merchant.KeyMode.CERTIFICATE:
        config["public_key_id"] = platform_key(app).key_id
        config["public_key"] = platform_public_pem(app)
    if key_mode != Merchant.KeyMode.PUBLIC_KEY:
        config["platform_certificates"] = platform_key(app, Kind.CERTIFICATE).certificate
    hidden = {"apiv3_key": merchant.apiv3_key, "app_secret": merchant.app_secret}
    return merchant, (config, {"private_key": private_pem(key), **hidden})


def _wechat_merchant(app: str, **fields: object) -> Merchant:
    return Merchant.objects.create(
        app=app,
        number=f"16{digits(8)}",
        app_id=f"wx{secrets.token_hex(8)}",
        app_secret=secrets.token_hex(16),
        serial_no=secrets.token_hex(20).upper(),
        apiv3_key=secrets.token_hex(16),
        **fields,
    )


def issue_alipay_credentials(
    *, certificates: bool = False, open_id_only: bool = False, isv: bool = False
) -> Credentials:
    """(config, secrets) of a new Alipay merchant; both as an Alipay wallet account stores them.

    config: app_id, seller_id, and the keys. secrets: private_key; with ``isv`` also app_auth_token, and
    app_id and the keys are the ISV's. ``open_id_only``: OAuth gives no user_id.
    """
    key = new_private_key()
    merchant = _alipay_merchant(
        public_key=public_pem(key.public_key()), uses_certificates=certificates, open_id_only=open_id_only
    )
    config = {
        "app_id": merchant.app_id,
        "seller_id": merchant.number,
        **_alipay_keys(merchant, key, certificates),
    }
    hidden = {"private_key": private_pem(key)}
    if isv:
        token = f"{digits(6)}BB{secrets.token_hex(16)}"
        seller = _alipay_merchant(provider=merchant, auth_token=token, open_id_only=open_id_only)
        config["seller_id"], hidden["app_auth_token"] = seller.number, token
    return config, hidden


def _alipay_merchant(**fields: object) -> Merchant:
    return Merchant.objects.create(
        app=Platform.ALIPAY, number=f"2088{digits(12)}", app_id=f"2021{digits(12)}", **fields
    )


def _alipay_keys(merchant: Merchant, key: RSAPrivateKey, certificates: bool) -> dict[str, str]:
    if not certificates:
        return {"alipay_public_key": platform_public_pem(Platform.ALIPAY)}
    own = certify(Platform.ALIPAY, f"{merchant.number}-{merchant.app_id}", key.public_key())
    merchant.serial_no = alipay_sn(own)
    merchant.save(update_fields=["serial_no"])
    return {
        "app_certificate": own,
        "alipay_certificate": platform_key(Platform.ALIPAY, Kind.CERTIFICATE).certificate,
        "root_certificates": platform_key(Platform.ALIPAY, Kind.ROOT).certificate,
    }


def issue_alipay_global_credentials() -> Credentials:
    """(config, secrets) of a new merchant of Alipay's cross-border gateway.

    config: partner, alipay_public_key. secrets: private_key.
    """
    key = new_private_key()
    merchant = Merchant.objects.create(
        app=Platform.ALIPAY_GLOBAL, number=f"2088{digits(12)}", public_key=public_pem(key.public_key())
    )
    config = {"partner": merchant.number, "alipay_public_key": platform_public_pem(Platform.ALIPAY_GLOBAL)}
    return config, {"private_key": private_pem(key)}
