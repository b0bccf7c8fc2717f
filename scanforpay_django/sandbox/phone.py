"""The customer's phone: who holds it and which app is open, both by cookie."""

import base64
import hashlib
import hmac
import re
import secrets

from django.http import HttpRequest, HttpResponse

from scanforpay_django.conf import conf

from .models import App, Merchant, Payer, Platform

USER_COOKIE = "scanforpay_sandbox_user"
APP_COOKIE = "scanforpay_sandbox_app"

_USER = re.compile(r"[A-Za-z0-9]{8,64}")
_WECHAT_LANGUAGES = {"zh": "zh_CN", "zh-cn": "zh_CN", "zh-hans": "zh_CN", "zh-hk": "zh_HK", "zh-tw": "zh_TW"}
_TRADITIONAL = ("zh-hk", "zh-tw", "zh-mo", "zh-hant")

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
USER_AGENTS = {
    # {language} is filled in by user_agent
    App.WECHAT: (
        f"Mozilla/5.0 (Linux; Android 12; LGE-AN10 Build/HONORLGE-AN10; wv) {_WEBKIT} Chrome/116.0.0.0"
        " Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MMWEBID/2120"
        " MicroMessenger/8.0.49.2600(0x2800313D) WeChat/arm64 Weixin NetType/5G Language/{language} ABI/arm64"
    ),
    App.ALIPAY: (
        f"Mozilla/5.0 (Linux; U; Android 12; zh-CN; LGE-AN10 Build/HONORLGE-AN10) {_WEBKIT}"
        " Chrome/105.0.5195.148 UWS/5.12.3.0 Mobile Safari/537.36 UCBS/5.12.3.0 NebulaSDK/1.8.100112 Nebula"
        " AlipayDefined(nt:WIFI,ws:390|0|3.0) AliApp(AP/10.5.60.8000) AlipayClient/10.5.60.8000"
        " Language/{language} useStatusBar/true isConcaveScreen/true Region/CN"
    ),
    App.ALIPAYHK: (
        f"Mozilla/5.0 (Linux; U; Android 10; zh-CN; HD1910 Build/QKQ1.190716.003) {_WEBKIT}"
        " Chrome/69.0.3497.100 UWS/3.21.0.69 Mobile Safari/537.36 UCBS/3.21.0.69_191205100431"
        " NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:4G,ws:411|0|3.5,ac:sp) AliApp(AP/10.1.80.8050)"
        " AlipayClientHK/10.1.80.8050 Language/{language} useStatusBar/true isConcaveScreen/false Region/CN"
    ),
    App.BROWSER: (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
        " Mobile Safari/537.36"
    ),
    App.DESKTOP: (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0"
        " Safari/537.36"
    ),
}


def user_agent(app: App, accept_language: str) -> str:
    """What the app's browser says of itself; the language is the browser's first one."""
    tag = re.match(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z]{2,4})?)", accept_language)
    language = tag.group(1).lower() if tag else "en"
    return USER_AGENTS[app].replace("{language}", _app_language(app, language))


def _app_language(app: App, tag: str) -> str:
    if app in (App.ALIPAY, App.ALIPAYHK) and tag.startswith("zh"):
        return "zh-Hant" if tag.startswith(_TRADITIONAL) else "zh-Hans"
    if app == App.WECHAT and tag.startswith("zh"):
        return _WECHAT_LANGUAGES.get(tag, "zh_TW" if tag.startswith(_TRADITIONAL) else "zh_CN")
    return tag.split("-", 1)[0]


def app_of_user_agent(text: str) -> App | None:
    """The app whose own browser ``text`` names; None for WeCom, mini-programs, desktops, AlipayHK."""
    if re.search(r"\bwxwork(local)?/", text) or re.search(r"\bminiProgram/|MiniProgram|APXWebView", text):
        return None
    if re.search(r"\bMicroMessenger/\d", text):
        return None if re.search(r"WindowsWechat|MacWechat", text) else App.WECHAT
    if re.search(r"AliApp\(APHK/|\bAlipayClientHK/", text):
        return None
    return App.ALIPAY if re.search(r"AliApp\(AP/|\bAlipayClient/", text) else None


def get_user(request: HttpRequest) -> str:
    """The phone's user by its cookie, "" when it has none."""
    value = request.COOKIES.get(USER_COOKIE, "")
    return value if _USER.fullmatch(value) else ""


def new_user() -> str:
    """A new name for a phone's user."""
    return secrets.token_hex(16)


def remember_user(request: HttpRequest, response: HttpResponse, user: str) -> None:
    """Give the phone its user cookie."""
    response.set_cookie(
        USER_COOKIE,
        user,
        max_age=30 * 86400,
        path="/",
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )


def _digest(purpose: str, app_id: str, user: str) -> bytes:
    return hmac.digest(conf.secret_key.encode(), f"{purpose} {app_id} {user}".encode(), hashlib.sha256)


def payer_ids(merchant: Merchant, user: str) -> tuple[str, str]:
    """(openid or user_id, open_id or "") of ``user`` at this merchant's app: each app sees others."""
    app_id = merchant.app_id or merchant.number
    if merchant.app in (Platform.WECHAT, Platform.WECHAT_GLOBAL):
        body = base64.urlsafe_b64encode(_digest("openid", app_id, user)).decode()
        return f"o{body[:27]}", ""
    number = int.from_bytes(_digest("user_id", app_id, user)) % 10**12
    open_id = base64.urlsafe_b64encode(_digest("open_id", app_id, user)).decode()
    return f"2088{number:012d}", f"0{open_id[:43]}"


def payer_at(merchant: Merchant, user: str) -> Payer:
    """The payer ``user`` is at this merchant, made known to it from now on."""
    payer_id, open_id = payer_ids(merchant, user)
    found, _ = Payer.objects.get_or_create(
        merchant=merchant, phone_user=user, defaults={"payer_id": payer_id, "open_id": open_id}
    )
    return found
