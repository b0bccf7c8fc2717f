"""Each platform at hosts of its own, so that a client whose source is untouched can ask it.

A client signs the path that it sends. At api.mch.weixin.qq.com this is /v3/pay/..., and it stays so for the views
(``request.path``); the resolver alone is shown where the sandbox is mounted (``request.path_info``).
"""

import re
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.deprecation import MiddlewareMixin

from scanforpay_django.conf import conf

from .gate import sandbox_is_allowed

# host: what it is below the sandbox's mount. The names are those in the platforms' documents: pay.weixin.qq.com/doc/v3
# "domain names" (api2 stands in for api), developers.weixin.qq.com "web page authorization", opendocs.alipay.com
# "gateway addresses"; qr, dwbillcenter and wx.tenpay.com occur in the answers that these documents show.
HOSTS = {
    "api.mch.weixin.qq.com": "wechat",
    "api2.mch.weixin.qq.com": "wechat",
    "api.weixin.qq.com": "wechat",
    "open.weixin.qq.com": "wechat",
    "wx.tenpay.com": "wechat",
    "apihk.mch.weixin.qq.com": "wechat_global",
    "openapi.alipay.com": "alipay",
    "openauth.alipay.com": "alipay",
    "openapi.alipaydev.com": "alipay",
    "openapi-sandbox.dl.alipaydev.com": "alipay",
    "openauth-sandbox.dl.alipaydev.com": "alipay",
    "qr.alipay.com": "alipay/qr",
    "dwbillcenter.alipay.com": "alipay/bill",
    "intlmapi.alipay.com": "alipay_global",
    "mapi.alipay.com": "alipay_global",
}
# The same for clients whose address can be set. Browsers, curl and systemd take these names to the own machine; others
# need a line in /etc/hosts, or a server that plays one platform.
LOCAL_NAMES = {
    "wechat.localhost": "wechat",
    "wechat-global.localhost": "wechat_global",
    "alipay.localhost": "alipay",
    "alipay-global.localhost": "alipay_global",
}
PLATFORMS = tuple(LOCAL_NAMES.values())
# A server that plays one platform, whatever the host, says which in its environment.
PLATFORM_KEY = "scanforpay.sandbox.platform"
# What is shown to people lies at other hosts than the API.
PUBLIC = {
    "wechat/cgi-bin/": "https://wx.tenpay.com/cgi-bin/",
    "alipay/qr/": "https://qr.alipay.com/",
    "alipay/bill/": "https://dwbillcenter.alipay.com/",
}
_ABSOLUTE = re.compile(r"/?https?://[^/]*")


class SandboxHostMiddleware(MiddlewareMixin):
    """Leads requests to a platform's host into the sandbox. Place it first."""

    def process_request(self, request: HttpRequest) -> None:
        """Also reads the absolute form of a request line, as Alipay's own SDK for Python sends it."""
        if _ABSOLUTE.match(request.path_info):
            request.path = request.path_info = _ABSOLUTE.sub("", request.path_info, count=1) or "/"
        place = _get_place(request)
        home = _get_home() if place and sandbox_is_allowed() else ""
        if home and not request.path_info.startswith(home):
            request.path_info = f"{home}{place}{request.path_info}"


def _get_place(request: HttpRequest) -> str:
    """What is asked, below the mount; "" where the host is no platform's."""
    host = _get_host(request)
    return str(request.META.get(PLATFORM_KEY, "")) or HOSTS.get(host, "") or LOCAL_NAMES.get(host, "")


def _get_host(request: HttpRequest) -> str:
    try:
        return urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return ""


def _get_home() -> str:
    """The sandbox's mount as the resolver sees it, "" where it is not mounted."""
    try:
        return "/" + reverse("scanforpay_sandbox:home").removeprefix(get_script_prefix())
    except NoReverseMatch:
        return ""


def platform_address(request: HttpRequest, place: str) -> str:
    """Where ``place`` (wechat/v3/...) is for the client of ``request``: at the platform's host if it asked there."""
    if not _get_place(request):
        return f"{conf.sandbox_url}/{place}"
    if _get_host(request) in HOSTS:
        for beginning, public in PUBLIC.items():
            if place.startswith(beginning):
                return public + place.removeprefix(beginning)
    _platform, _, path = place.partition("/")
    return f"{request.scheme}://{request.META.get('HTTP_HOST', '')}/{path}"
