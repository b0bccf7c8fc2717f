"""Calls alipay-sdk-python, Alipay's own: https://github.com/alipay/alipay-sdk-python-all"""

import importlib
import json

from alipay.aop.api.AlipayClientConfig import AlipayClientConfig
from alipay.aop.api.DefaultAlipayClient import DefaultAlipayClient
from alipay.aop.api.util.SignatureUtils import get_sign_content, verify_with_rsa
from Crypto.PublicKey import RSA
from lines import serve
from rsa import VerificationError

client = None
public_key = ""
token = ""


def start(config, secrets):
    """The library wants the older form of a private key."""
    global client, public_key, token
    made = AlipayClientConfig()
    made.app_id = config["app_id"]
    made.app_private_key = RSA.import_key(secrets["private_key"]).export_key(pkcs=1).decode()
    made.alipay_public_key = public_key = config["alipay_public_key"]
    client = DefaultAlipayClient(alipay_client_config=made)
    token = secrets.get("app_auth_token", "")


def _request(method):
    """The class that the library has for a method: alipay.trade.create is AlipayTradeCreateRequest."""
    name = "".join(word.capitalize() for word in method.split("."))
    return getattr(importlib.import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")()


def _prepared(method, biz, notify_url):
    request = _request(method)
    if biz is not None:
        request.biz_content = biz
    if notify_url:
        request.notify_url = notify_url
    if token:
        request.add_other_text_param("app_auth_token", token)
    return request


def call(method, biz=None, notify_url=""):
    """What a call answered, after the library has verified it."""
    return json.loads(client.execute(_prepared(method, biz, notify_url)))


def sign_in(code):
    """The buyer for a code."""
    request = _request("alipay.system.oauth.token")
    request.grant_type, request.code = "authorization_code", code
    return json.loads(client.execute(request))


def page(biz, notify_url, return_url):
    """The address of the cashier."""
    request = _prepared("alipay.trade.wap.pay", biz, notify_url)
    request.return_url = return_url
    return client.page_execute(request, http_method="GET")


def notification(form):
    """Whether it is genuine; the library raises for what is not."""
    signed = {name: value for name, value in form.items() if name not in ("sign", "sign_type")}
    try:
        return verify_with_rsa(public_key, get_sign_content(signed).encode(), form["sign"])
    except VerificationError:
        return False


serve({"start": start, "call": call, "token": sign_in, "page": page, "notification": notification})
