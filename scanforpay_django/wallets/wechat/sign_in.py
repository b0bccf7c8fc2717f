"""WeChat's OAuth for web pages, snsapi_base: silent, and all that is needed is the openid.

Source: developers.weixin.qq.com, "Web page authorization".
"""

from urllib.parse import urlencode

from django.views.decorators.debug import sensitive_variables

from scanforpay_django.exceptions import PlatformError, SignInExpired
from scanforpay_django.transport import HttpAnswer
from scanforpay_django.wallets.platform_client import parse_object
from scanforpay_django.wallets.values import Account, Payer

# The code is used, unknown or of another app; a new sign-in solves it.
_EXPIRED_SIGN_IN_ERRORS = {40029, 40163, 41008}


def authorize_url(account: Account, appid: str, redirect_uri: str, state: str) -> str:
    """Where the browser goes. WeChat enforces this order of the parameters and the fragment."""
    query = urlencode(
        [
            ("appid", appid),
            ("redirect_uri", redirect_uri),
            ("response_type", "code"),
            ("scope", "snsapi_base"),
            ("state", state),
        ]
    )
    return f"{account.host('authorize')}?{query}#wechat_redirect"


@sensitive_variables()
def token_url(account: Account, appid: str, code: str) -> str:
    """Where a code is exchanged; it holds the service account's secret. Raises SignInExpired without a code."""
    if not code:
        raise SignInExpired("the customer did not sign in")
    # Each service account has its own secret; a merchant's own is "sub_app_secret".
    own = appid == account.value("sub_appid") and account.secret("sub_app_secret")
    asked = {
        "appid": appid,
        "secret": own or account.secret("app_secret"),
        "code": code,
        "grant_type": "authorization_code",
    }
    return f"{account.host('token')}?{urlencode(asked)}"


def read_payer(answer: HttpAnswer) -> Payer:
    """Errors come as HTTP 200 with an errcode. Raises SignInExpired where a new sign-in solves it."""
    found = parse_object(answer.body)
    code = found.get("errcode") or 0
    if isinstance(code, int) and code in _EXPIRED_SIGN_IN_ERRORS:
        raise SignInExpired(f"WeChat: errcode {code}")
    openid = found.get("openid")
    if not isinstance(openid, str) or not 0 < len(openid) <= 128 or code:
        raise PlatformError("WeChat did not tell who pays", platform_code=str(code)[:64])
    # A snapshot page's virtual user cannot pay.
    if found.get("is_snapshotuser") == 1:
        raise SignInExpired("WeChat shows a snapshot page; open the page in full")
    return Payer(id=openid, kind="openid")
