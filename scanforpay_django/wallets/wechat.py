"""WeChat Pay API v3, direct merchant, JSAPI.

Sources: pay.weixin.qq.com/doc/v3/merchant (order, query, close, notification, signatures); OAuth:
developers.weixin.qq.com "Web page authorization".
"""

import json
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from scanforpay_django.exceptions import (
    NotProven,
    PayerUnknown,
    PlatformError,
)
from scanforpay_django.wallets.base import (
    COPY_LINK,
    OWN_QR,
    WRONG_APP,
    Account,
    Acknowledgement,
    Channel,
    Credential,
    Kind,
    PayAction,
    Payer,
    PaymentRequest,
    PaymentResult,
    PlatformNotification,
    Prepay,
    Product,
    TradeState,
    Wallet,
)
from scanforpay_django.wallets.platform_client import parse_object
from scanforpay_django.wallets.platform_text import fit
from scanforpay_django.wallets.rsa import load_private_key, load_public_key, rsa_sign
from scanforpay_django.wallets.wechat_client import WeChatPayClient, normal
from scanforpay_django.wallets.wechat_crypto import bridge_text, gcm_open

BEIJING = ZoneInfo("Asia/Shanghai")

# REFUND means "a refund was asked for on a paid order", also in part: the order is paid.
TRADE_STATES = {
    "SUCCESS": TradeState.PAID,
    "REFUND": TradeState.PAID,
    "NOTPAY": TradeState.UNPAID,
    "USERPAYING": TradeState.UNPAID,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
    "PAYERROR": TradeState.CLOSED,
}
NOT_FOUND_CODES = {"ORDERNOTEXIST", "RESOURCENOTEXISTS"}
# OAuth: the code is used, unknown or of another app; a new sign-in mends it.
STALE_CODE = {40029, 40163, 41008}
# A prepay_id lives two hours, whatever the order's own expiry is.
PREPAY_LIFETIME = timedelta(hours=2)


def _read_apiv3_key(text: str) -> None:
    if len(text.encode()) != 32:
        raise ValueError(_("an APIv3 key has 32 bytes"))


class WeChatWallet(Wallet):
    """WeChat Pay."""

    name = "Wechat"
    slug = "wechat"
    label = _("WeChat Pay")
    app_label = _("WeChat")
    products = {
        "jsapi": Product(name="jsapi", kind=Kind.BRIDGE, label=_("JSAPI, in WeChat"), needs_payer=True),
    }
    routes = {
        Channel.WECHAT: ("jsapi",),
        # JSAPI has no wallet on a computer, and cannot run in a mini-program's web-view.
        Channel.WECHAT_DESKTOP: (OWN_QR,),
        Channel.WECHAT_MINIPROGRAM: (COPY_LINK,),
        Channel.WECOM: (OWN_QR,),
        Channel.ALIPAY: (WRONG_APP,),
        Channel.ALIPAY_MINIPROGRAM: (WRONG_APP,),
        Channel.ALIPAYHK: (WRONG_APP,),
        Channel.MOBILE: (OWN_QR,),
        Channel.DESKTOP: (OWN_QR,),
    }
    default_grants = ("jsapi",)
    credentials: ClassVar[tuple[Credential, ...]] = (
        Credential(name="mchid", label=_("Merchant number (mchid)")),
        Credential(name="appid", label=_("Service account (appid)")),
        Credential(name="serial_no", label=_("Serial number of the API certificate")),
        Credential(
            name="public_key_id", label=_("Id of WeChat Pay's public key (PUB_KEY_ID_...)"), required=False
        ),
        Credential(
            name="public_key",
            label=_("WeChat Pay's public key"),
            required=False,
            multiline=True,
            read=load_public_key,
        ),
        Credential(
            name="platform_certificates",
            label=_("Platform certificates"),
            required=False,
            multiline=True,
            help=_("One PEM after the other. Keep them beside the public key while WeChat Pay migrates you."),
        ),
        Credential(
            name="private_key",
            label=_("Merchant's private key"),
            secret=True,
            multiline=True,
            read=load_private_key,
        ),
        Credential(name="apiv3_key", label=_("APIv3 key"), secret=True, read=_read_apiv3_key),
        Credential(name="app_secret", label=_("Service account's secret"), secret=True),
    )

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._client = WeChatPayClient(account)

    # -- who pays --------------------------------------------------------------------------------

    def authorize_url(self, redirect_uri: str, state: str) -> str:
        """OAuth, snsapi_base. WeChat enforces this order of the parameters and the fragment."""
        query = urlencode(
            [
                ("appid", self.account.value("appid")),
                ("redirect_uri", redirect_uri),
                ("response_type", "code"),
                ("scope", "snsapi_base"),
                ("state", state),
            ]
        )
        return f"{self.account.host('authorize')}?{query}#wechat_redirect"

    def payer_from_callback(self, params: Mapping[str, str]) -> Payer:
        """The openid behind a code; a code works once and for five minutes."""
        if not params.get("code"):
            raise PayerUnknown("the customer did not sign in")
        query = urlencode(
            {
                "appid": self.account.value("appid"),
                "secret": self.account.secret("app_secret"),
                "code": params["code"],
                "grant_type": "authorization_code",
            }
        )
        answer = self._client.http.call(
            "GET", f"{self.account.host('token')}?{query}", {"Accept": "application/json"}
        )
        found = parse_object(answer.body)
        if found.get("errcode") in STALE_CODE:
            raise PayerUnknown(f"WeChat: errcode {found['errcode']}")
        openid = found.get("openid")
        if not isinstance(openid, str) or not openid or found.get("errcode"):
            raise PlatformError("WeChat did not tell who pays", platform_code=str(found.get("errcode", "")))
        # A snapshot page's virtual user cannot pay.
        if found.get("is_snapshotuser") == 1:
            raise PayerUnknown("WeChat shows a snapshot page; open the page in full")
        return Payer(id=openid, kind="openid")

    # -- a payment's life ------------------------------------------------------------------------

    def create(self, request: PaymentRequest) -> Prepay:
        """JSAPI order. The identical body again gives a prepay_id of the same order."""
        body = {
            "appid": self.account.value("appid"),
            "mchid": self.account.value("mchid"),
            "description": fit(request.title, max_bytes=127, fallback=request.out_trade_no),
            "out_trade_no": request.out_trade_no,
            "time_expire": request.expires_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            "notify_url": request.notify_url,
            "amount": {"total": request.amount, "currency": request.currency},
            "payer": {"openid": request.payer.id if request.payer else ""},
        }
        found = self._client.call("POST", "/v3/pay/transactions/jsapi", body)
        prepay_id = found.get("prepay_id")
        if not isinstance(prepay_id, str) or not prepay_id:
            raise PlatformError("WeChat Pay answered without a prepay_id")
        return Prepay(data={"prepay_id": prepay_id}, expires_at=datetime.now(UTC) + PREPAY_LIFETIME)

    def action(self, product: str, prepay: Mapping[str, str]) -> PayAction:
        """getBrandWCPayRequest. timeStamp is a string: iOS fails on numbers. signType itself is not signed."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        package = f"prepay_id={prepay['prepay_id']}"
        app_id = self.account.value("appid")
        params = {
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": rsa_sign(self._client.private_key, bridge_text(app_id, timestamp, nonce, package)),
        }
        return PayAction(kind="wechat_bridge", params=params)

    def query(self, out_trade_no: str) -> PaymentResult:
        """Query by our number: the only one that exists before payment."""
        path = f"/v3/pay/transactions/out-trade-no/{quote(out_trade_no, safe='')}"
        try:
            found = self._client.call("GET", f"{path}?{urlencode({'mchid': self.account.value('mchid')})}")
        except PlatformError as error:
            if normal(error.platform_code) in NOT_FOUND_CODES:
                return PaymentResult(
                    out_trade_no=out_trade_no, state=TradeState.NOT_FOUND, platform_state=error.platform_code
                )
            raise
        return self._result(found)

    def close(self, out_trade_no: str) -> None:
        """Close. 204 comes for unknown numbers too, and the customer may be paying: query afterwards."""
        path = f"/v3/pay/transactions/out-trade-no/{quote(out_trade_no, safe='')}/close"
        self._client.call("POST", path, {"mchid": self.account.value("mchid")})

    def read_notification(self, headers: Mapping[str, str], body: bytes) -> PlatformNotification:
        """Signature over the raw bytes, then the seal, then the content."""
        self._client.verify(headers, body)
        try:
            event = json.loads(body)
            resource = event["resource"]
            if resource["algorithm"] != "AEAD_AES_256_GCM":
                raise NotProven(f"unknown algorithm {resource['algorithm']!r}")
            plain = gcm_open(
                self.account.secret("apiv3_key").encode(),
                str(resource["nonce"]).encode(),
                str(resource.get("associated_data") or "").encode(),
                str(resource["ciphertext"]),
            )
            content = json.loads(plain)
            event_id, kind = str(event["id"])[:128], str(event["event_type"])[:64]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotProven("the notification cannot be read") from error
        result = self._result(content) if kind == "TRANSACTION.SUCCESS" else None
        return PlatformNotification(event_id=event_id, kind=kind, body=plain.decode(), result=result)

    def acknowledge(self, accepted: bool) -> Acknowledgement:
        """200 and SUCCESS, or 400 and FAIL: WeChat Pay then tries again, 15 times in 24 hours."""
        content = (
            {"code": "SUCCESS", "message": "OK"} if accepted else {"code": "FAIL", "message": "not accepted"}
        )
        return Acknowledgement(
            status=200 if accepted else 400,
            content_type="application/json",
            body=json.dumps(content).encode(),
        )

    # -- what it says ----------------------------------------------------------------------------

    def _result(self, found: Mapping[str, Any]) -> PaymentResult:
        """A verified transaction. Raises NotProven when it is another account's."""
        if found.get("mchid") != self.account.value("mchid") or found.get("appid") != self.account.value(
            "appid"
        ):
            raise NotProven("the message is for another account")
        state = str(found.get("trade_state", ""))
        amount = found.get("amount")
        amount = amount if isinstance(amount, dict) else {}
        total = amount.get("total")
        return PaymentResult(
            out_trade_no=str(found.get("out_trade_no", "")),
            state=TRADE_STATES.get(state, TradeState.UNKNOWN),
            platform_state=state,
            amount=total if isinstance(total, int) and not isinstance(total, bool) else None,
            currency=str(amount["currency"]) if amount.get("currency") else None,
            trade_no=str(found.get("transaction_id", ""))[:64],
            paid_at=_moment(found.get("success_time")),
            raw=dict(found),
        )


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
