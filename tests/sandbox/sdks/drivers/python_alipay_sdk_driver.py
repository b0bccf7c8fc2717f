"""Calls python-alipay-sdk: https://github.com/fzlee/alipay"""

from alipay import AliPay, DCAliPay, ISVAliPay
from lines import serve

alipay = None


def start(config, secrets):
    """One class for each way of the keys."""
    global alipay
    own = {"appid": config["app_id"], "app_private_key_string": secrets["private_key"]}
    if "app_certificate" in config:
        alipay = DCAliPay(
            **own,
            app_public_key_cert_string=config["app_certificate"],
            alipay_public_key_cert_string=config["alipay_certificate"],
            alipay_root_cert_string=config["root_certificates"],
        )
        return
    own["alipay_public_key_string"] = config["alipay_public_key"]
    token = secrets.get("app_auth_token")
    alipay = ISVAliPay(**own, app_auth_token=token) if token else AliPay(**own)


def call(method, biz=None, notify_url=""):
    """The library has a function for each method but that of bills."""
    given = {**biz, **({"notify_url": notify_url} if notify_url else {})}
    function = getattr(alipay, "api_" + method.replace(".", "_"), None)
    return function(**given) if function else alipay.server_api(method, biz)


def sign_in(code):
    """The buyer for a code. A call of its own, without the merchant's token."""
    plain = AliPay(
        appid=alipay.appid,
        app_private_key_string=alipay._app_private_key_string,
        alipay_public_key_string=alipay._alipay_public_key_string,
    )
    caller = plain if isinstance(alipay, ISVAliPay) else alipay
    return caller.server_api("alipay.system.oauth.token", grant_type="authorization_code", code=code)


def page(biz, notify_url, return_url):
    """The address of the cashier; the product's code is the library's own."""
    query = alipay.api_alipay_trade_wap_pay(**biz, notify_url=notify_url, return_url=return_url)
    return f"{alipay._gateway}?{query}"


def notification(form):
    """Whether it is genuine."""
    signature = form.pop("sign")
    return alipay.verify(form, signature)


serve({"start": start, "call": call, "token": sign_in, "page": page, "notification": notification})
