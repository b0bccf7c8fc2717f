"""Merchants of the platforms' other families, again from the documents alone."""

import hashlib
import json
import secrets
import time
import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.sandbox.merchant import Alipay, Wechat, beijing_time, rfc3339, sign, verify

FORM = "application/x-www-form-urlencoded"
FEN = {"total": 2100, "currency": "CNY"}


def public_key_of(certificate):
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    return key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def certificate_serial(certificate):
    return format(x509.load_pem_x509_certificate(certificate.encode()).serial_number, "X")


def alipay_certificate_number(certificate):
    """md5 of CN=..,OU=..,O=..,C=.. of the issuer and the decimal serial number."""
    read = x509.load_pem_x509_certificate(certificate.encode())
    names = {part.rfc4514_attribute_name: part.value for part in read.issuer}
    issuer = ",".join(f"{name}={names[name]}" for name in ("CN", "OU", "O", "C"))
    return hashlib.md5(f"{issuer}{read.serial_number}".encode()).hexdigest()


def check_headers(public_key, headers, raw):
    text = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + raw + b"\n"
    verify(public_key, text, headers["Wechatpay-Signature"])


class Direct(Wechat):
    """All of the direct merchant's API."""

    family = "/v3/pay/transactions"
    refunds = "/v3/refund/domestic/refunds"
    by_refund_number = "/v3/refund/domestic/refunds/{}"

    def parties(self):
        return {"appid": self.config["appid"], "mchid": self.config["mchid"]}

    def closing(self):
        return {"mchid": self.config["mchid"]}

    def body(self, **changed):
        made = {
            **self.parties(),
            "description": "两杯咖啡",
            "out_trade_no": secrets.token_hex(12),
            "time_expire": rfc3339(1800),
            "notify_url": "http://127.0.0.1:9/notify",
            "amount": dict(FEN),
        } | changed
        return {name: value for name, value in made.items() if value is not None}

    def barcode_body(self, code, **changed):
        scene = {"store_info": {"out_id": "till-1"}}
        given = {"payer": {"auth_code": code}, "scene_info": scene, "time_expire": None, "notify_url": None}
        return self.body(**given) | changed

    def post(self, path, body):
        return self.call("POST", f"{self.family}/{path}", body)

    def ask(self, out_trade_no, **query):
        query = query or self.closing()
        return self.call("GET", f"{self.family}/out-trade-no/{out_trade_no}?{urlencode(query)}")

    def shut(self, out_trade_no):
        return self.post(f"out-trade-no/{out_trade_no}/close", self.closing())

    def reverse(self, out_trade_no):
        return self.post(f"out-trade-no/{out_trade_no}/reverse", self.parties())

    def refund_body(self, out_trade_no, amount=2100, **changed):
        return {
            "out_trade_no": out_trade_no,
            "out_refund_no": secrets.token_hex(12),
            "amount": {**FEN, "refund": amount},
        } | changed

    def refund(self, body):
        return self.call("POST", self.refunds, body)

    def ask_refund(self, out_refund_no, query=""):
        return self.call("GET", self.by_refund_number.format(out_refund_no) + query)


class Partner(Direct):
    """A service provider for one of its sub-merchants."""

    family = "/v3/pay/partner/transactions"

    def parties(self):
        config = self.config
        names = {"sp_appid": "appid", "sp_mchid": "mchid", "sub_appid": "sub_appid", "sub_mchid": "sub_mchid"}
        return {name: config[key] for name, key in names.items()}

    def closing(self):
        return {"sp_mchid": self.config["mchid"], "sub_mchid": self.config["sub_mchid"]}


class HongKong(Direct):
    """A merchant of WeChat Pay HK."""

    prefix = "/sandbox/wechat_global"
    family = "/v3/global/transactions"
    refunds = "/v3/global/refunds"
    by_refund_number = "/v3/global/refunds/out-refund-no/{}"

    def body(self, **changed):
        given = {
            "amount": {"total": 2100, "currency": "HKD"},
            "merchant_category_code": self.config["merchant_category_code"],
        }
        return super().body(**(given | changed))

    def refund_body(self, out_trade_no, amount=2100, **changed):
        money = {"total": 2100, "currency": "HKD", "refund": amount}
        own = {**self.parties(), "amount": money}
        return super().refund_body(out_trade_no) | own | changed


class Institution(HongKong):
    """An institution of WeChat Pay HK for one of its sub-merchants: the same paths, a provider's fields."""

    def parties(self):
        return Partner.parties(self)

    def closing(self):
        return Partner.closing(self)


class FullAlipay(Alipay):
    """All of Alipay's gateway, in each of its modes."""

    def params(self, method, biz_content=None, **changed):
        given = {}
        if "app_certificate" in self.config:
            given["app_cert_sn"] = alipay_certificate_number(self.config["app_certificate"])
            given["alipay_root_cert_sn"] = alipay_certificate_number(self.config["root_certificates"])
        if "app_auth_token" in self.secrets and method != "alipay.system.oauth.token":
            given["app_auth_token"] = self.secrets["app_auth_token"]
        return super().params(method, biz_content, **(given | changed))

    @property
    def platform_key(self):
        if "alipay_certificate" in self.config:
            return public_key_of(self.config["alipay_certificate"])
        return self.config["alipay_public_key"]

    def ask(self, method, biz_content, **changed):
        """The payload of a signed answer and the certificate's number that came with it."""
        text = self.send(self.params(method, biz_content, **changed))
        name = method.replace(".", "_") + "_response"
        payload = json.loads(text)
        end = text.rindex(',"alipay_cert_sn":' if "alipay_cert_sn" in payload else ',"sign":"')
        verify(self.platform_key, text[text.index(":") + 1 : end].encode(), payload["sign"])
        return payload[name], payload.get("alipay_cert_sn", "")

    def status(self, params):
        return self.client.post(f"{self.prefix}/gateway.do", urlencode(params), FORM).status_code

    def say(self, word, biz_content, **changed):
        return self.ask(f"alipay.trade.{word}", biz_content, **changed)[0]

    def trade(self, **changed):
        made = {
            "out_trade_no": secrets.token_hex(12),
            "total_amount": "21.00",
            "subject": "两杯咖啡",
            "time_expire": beijing_time(1800),
        } | changed
        return {name: value for name, value in made.items() if value is not None}

    def wap_params(self, body, **changed):
        given = {"return_url": "https://shop.example/back?a=1"} | changed
        return self.params("alipay.trade.wap.pay", body, **given)

    def open_wap(self, body, **changed):
        return self.client.get(f"{self.prefix}/gateway.do", self.wap_params(body, **changed))


class Mapi:
    """A merchant of the cross-border gateway."""

    address = "/sandbox/alipay_global/gateway.do"

    def __init__(self, client, credentials):
        self.client = client
        self.config, self.secrets = credentials

    def text(self, fields):
        names = sorted(name for name in fields if name not in ("sign", "sign_type") and fields[name] != "")
        return "&".join(f"{name}={fields[name]}" for name in names).encode()

    def params(self, service, **given):
        made = {
            "service": service,
            "partner": self.config["partner"],
            "_input_charset": "utf-8",
            "sign_type": "RSA2",
        } | given
        return {"sign": sign(self.secrets["private_key"], self.text(made))} | made

    def trade(self, **changed):
        return {
            "out_trade_no": secrets.token_hex(12),
            "subject": "Two cups <tea> & more",
            "currency": "HKD",
            "total_fee": "21.00",
            "payment_inst": "ALIPAYHK",
            "product_code": "NEW_WAP_OVERSEAS_SELLER",
            "notify_url": "http://127.0.0.1:9/notify",
            "return_url": "https://shop.example/back",
        } | changed

    def open(self, service="create_forex_trade_wap", **given):
        return self.client.get(self.address, self.params(service, **self.trade(**given)))

    def post(self, params, query=None):
        query = f"?_input_charset={params['_input_charset']}" if query is None else query
        return self.client.post(self.address + query, urlencode(params), FORM)

    def call(self, service, **given):
        answer = self.post(self.params(service, **given))
        assert answer["Content-Type"].startswith("text/xml")
        tree = ElementTree.fromstring(answer.content)
        if tree.findtext("is_success") != "T":
            return {"error": tree.findtext("error")}
        trade = {one.tag: one.text or "" for one in tree.findall("response/*/*")}
        if trade:
            self.verify(trade, tree.findtext("sign"))
        return trade

    def verify(self, fields, signature):
        verify(self.config["alipay_public_key"], self.text(fields), signature)


def sheet_of(page):
    """What a page of the sandbox would tell its script."""
    text = page.content.decode()
    assert page.status_code == 200, text
    start = text.index(">", text.index('id="sandbox-sheet-data"')) + 1
    return json.loads(text[start : text.index("</script>", start)])


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def form_of(raw):
    return dict(parse_qsl(raw.decode(), keep_blank_values=True))


def check_wechat(wechat, headers, raw):
    text = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + raw + b"\n"
    verify(wechat.config["public_key"], text, headers["Wechatpay-Signature"])
    assert headers["Wechatpay-Serial"] == wechat.config["public_key_id"]
    assert abs(time.time() - int(headers["Wechatpay-Timestamp"])) < 30


def verify_by_serial(merchant, headers, raw):
    config, serial = merchant.config, headers["Wechatpay-Serial"]
    keys = {config.get("public_key_id"): config.get("public_key")}
    if "platform_certificates" in config:
        certificate = config["platform_certificates"]
        keys[certificate_serial(certificate)] = public_key_of(certificate)
    check_headers(keys[serial], headers, raw)
    return "public key" if serial.startswith("PUB_KEY_ID") else "certificate"
