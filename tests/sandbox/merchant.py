"""A merchant's side of both wires, written for these tests from the platforms' documents alone."""

import base64
import json
import secrets
import time
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.timezone import now

from scanforpay_django.sandbox.models import Trade

BEIJING = timezone(timedelta(hours=8))
BACK = "http://localhost:8000/api/back"


def sign(private_pem, message):
    key = serialization.load_pem_private_key(private_pem.encode(), None)
    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def verify(public_pem, message, signature):
    key = serialization.load_pem_public_key(public_pem.encode())
    key.verify(base64.b64decode(signature), message, padding.PKCS1v15(), hashes.SHA256())


def beijing_time(offset_seconds=0):
    moment = datetime.now(BEIJING) + timedelta(seconds=offset_seconds)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def rfc3339(offset_seconds):
    return (datetime.now(BEIJING) + timedelta(seconds=offset_seconds)).isoformat(timespec="seconds")


class Wechat:
    """Calls the sandbox through a Django test client."""

    prefix = "/sandbox/wechat"

    def __init__(self, client, credentials):
        self.client = client
        self.config, self.secrets = credentials

    def authorization(self, method, target, body, **changed):
        fields = {
            "mchid": self.config["mchid"],
            "nonce_str": secrets.token_hex(16),
            "timestamp": str(int(time.time())),
            "serial_no": self.config["serial_no"],
        } | changed
        text = f"{method}\n{target}\n{fields['timestamp']}\n{fields['nonce_str']}\n".encode() + body + b"\n"
        fields.setdefault("signature", sign(self.secrets["private_key"], text))
        pairs = ",".join(f'{name}="{value}"' for name, value in fields.items())
        return f"WECHATPAY2-SHA256-RSA2048 {pairs}"

    def headers(self, method, target, body=b"", **changed):
        return {
            "Authorization": self.authorization(method, target, body, **changed),
            "Accept": "application/json",
            "User-Agent": "a-merchant/1.0",
            "Wechatpay-Serial": self.config["public_key_id"],
        }

    def call(self, method, path, payload=None, drop=(), headers=None, **changed):
        target = self.prefix + path
        body = (
            b""
            if payload is None
            else payload
            if isinstance(payload, bytes)
            else json.dumps(payload).encode()
        )
        sent = self.headers(method, target, body, **changed) | (headers or {})
        sent = {name: value for name, value in sent.items() if name not in drop}
        content_type = sent.pop("Content-Type", "application/json")
        return self.client.generic(method, target, body, content_type=content_type, headers=sent)

    def order_body(self, openid, **changed):
        return {
            "appid": self.config["appid"],
            "mchid": self.config["mchid"],
            "description": "两杯咖啡 & <tea>",
            "out_trade_no": secrets.token_hex(12),
            "time_expire": rfc3339(1800),
            "notify_url": "http://localhost:8000/api/notify/wechat/1",
            "amount": {"total": 2100, "currency": "CNY"},
            "payer": {"openid": openid},
        } | changed

    def order(self, body):
        return self.call("POST", "/v3/pay/transactions/jsapi", body)

    def query(self, out_trade_no):
        return self.call(
            "GET", f"/v3/pay/transactions/out-trade-no/{out_trade_no}?mchid={self.config['mchid']}"
        )

    def close(self, out_trade_no):
        path = f"/v3/pay/transactions/out-trade-no/{out_trade_no}/close"
        return self.call("POST", path, {"mchid": self.config["mchid"]})

    def verify_answer(self, answer):
        head = f"{answer['Wechatpay-Timestamp']}\n{answer['Wechatpay-Nonce']}\n".encode()
        verify(self.config["public_key"], head + answer.content + b"\n", answer["Wechatpay-Signature"])
        assert answer["Wechatpay-Serial"] == self.config["public_key_id"]
        assert answer["Request-ID"].endswith("-0")

    def authorize(self, client=None, **changed):
        given = {
            "appid": self.config["appid"],
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": "aB3",
        } | changed
        return (client or self.client).get(f"{self.prefix}/connect/oauth2/authorize", given)

    def code(self, client=None):
        return parse_qs(urlsplit(self.authorize(client)["Location"]).query)["code"][0]

    def token(self, code, **changed):
        given = {
            "appid": self.config["appid"],
            "secret": self.secrets["app_secret"],
            "code": code,
            "grant_type": "authorization_code",
        } | changed
        return json.loads(self.client.get(f"{self.prefix}/sns/oauth2/access_token", given).content)

    def openid(self, client=None):
        return self.token(self.code(client))["openid"]

    def bridge(self, prepay_id, **changed):
        params = {
            "appId": self.config["appid"],
            "timeStamp": str(int(time.time())),
            "nonceStr": secrets.token_hex(16),
            "package": f"prepay_id={prepay_id}",
            "signType": "RSA",
        }
        text = "".join(f"{params[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
        return params | {"paySign": sign(self.secrets["private_key"], text.encode())} | changed

    def open_notification(self, resource):
        key = AESGCM(self.secrets["apiv3_key"].encode())
        sealed = base64.b64decode(resource["ciphertext"])
        plain = key.decrypt(resource["nonce"].encode(), sealed, resource["associated_data"].encode())
        return json.loads(plain)


class Alipay:
    """Calls the sandbox through a Django test client."""

    prefix = "/sandbox/alipay"

    def __init__(self, client, credentials):
        self.client = client
        self.config, self.secrets = credentials

    def params(self, method, biz_content=None, **changed):
        params = {
            "app_id": self.config["app_id"],
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": beijing_time(),
            "version": "1.0",
        }
        if biz_content is not None:
            params["biz_content"] = json.dumps(biz_content, ensure_ascii=False)
        params |= changed
        params = {name: value for name, value in params.items() if value is not None}
        if "sign" not in params:
            text = "&".join(f"{name}={params[name]}" for name in sorted(params) if params[name] != "")
            params["sign"] = sign(self.secrets["private_key"], text.encode())
        return params

    def send(self, params, in_query=()):
        query = {name: value for name, value in params.items() if name in in_query}
        form = {name: value for name, value in params.items() if name not in in_query}
        answer = self.client.post(
            f"{self.prefix}/gateway.do",
            data=urlencode(form),
            content_type="application/x-www-form-urlencoded;charset=utf-8",
            query_params=query,
        )
        assert answer.status_code == 200
        return answer.content.decode()

    def call(self, method, biz_content=None, **changed):
        """An answer's payload, its signature verified over the raw text; an error_response has none."""
        text = self.send(self.params(method, biz_content, **changed))
        payload = json.loads(text)
        if "error_response" in payload:
            assert "sign" not in payload
            return payload["error_response"]
        name = method.replace(".", "_") + "_response"
        raw = text[text.index(":") + 1 : text.rindex(',"sign":"')]
        verify(self.config["alipay_public_key"], raw.encode(), payload["sign"])
        return payload[name]

    def create_body(self, buyer_id, **changed):
        body = {
            "out_trade_no": secrets.token_hex(12),
            "total_amount": "21.00",
            "subject": "两杯咖啡 <tea>",
            "buyer_id": buyer_id,
            "product_code": "FACE_TO_FACE_PAYMENT",
            "time_expire": beijing_time(1800),
        } | changed
        return {name: value for name, value in body.items() if value is not None}

    def create(self, body, **changed):
        return self.call("alipay.trade.create", body, **changed)

    def authorize(self, client=None, **changed):
        given = {
            "app_id": self.config["app_id"],
            "scope": "auth_base",
            "redirect_uri": BACK,
            "state": "aB3",
        } | changed
        return (client or self.client).get(f"{self.prefix}/oauth2/publicAppAuthorize.htm", given)

    def code(self, client=None):
        return parse_qs(urlsplit(self.authorize(client)["Location"]).query)["auth_code"][0]

    def token(self, code, **changed):
        given = {"grant_type": "authorization_code", "code": code} | changed
        return self.call("alipay.system.oauth.token", **given)

    def user_id(self, client=None):
        return self.token(self.code(client))["user_id"]


def pay_it(body):
    Trade.objects.filter(out_trade_no=body["out_trade_no"]).update(
        state="paid", paid_at=now(), trade_no="4200002026110112345678901234"
    )
