"""Every place a page can be open in: one real User-Agent for each channel, and what its screen is like."""

from dataclasses import dataclass

_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WECHAT = "MicroMessenger/8.0.49(0x18003137)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/132.0.0.0 Safari/537.36"
_NEBULA = (
    "Nebula AlipayDefined(nt:WIFI,ws:390|780|3.0) AliApp({app}/10.6.10) {client}/10.6.10 Language/{alipay}"
)


@dataclass(frozen=True)
class App:
    """Where the page is open."""

    user_agent: str
    channel: str
    size: str = "phone"


APPS = {
    "wechat": App(f"{_IPHONE} Mobile/15E148 {_WECHAT} NetType/WIFI Language/{{wechat}}", "wechat"),
    "wechat_desktop": App(
        f"{_WINDOWS} NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) XWEB/17071",
        "wechat_desktop",
        "desktop",
    ),
    "wechat_miniprogram": App(
        f"{_IPHONE} Mobile/15E148 {_WECHAT} NetType/4G Language/{{wechat}} "
        "miniProgram/wx9af32b509e88340c",
        "wechat_miniprogram",
    ),
    "wecom": App(f"{_IPHONE} Mobile/15E148 wxwork/4.1.30 MicroMessenger/7.0.1 Language/{{wechat}}", "wecom"),
    "wecom_desktop": App(
        f"{_WINDOWS} Language/{{wechat}} wxwork/5.0.3 (MicroMessenger/6.2) WindowsWechat", "wecom", "desktop"
    ),
    "alipay": App(
        f"{_IPHONE} Mobile/21F79 " + _NEBULA.format(app="AP", client="AlipayClient", alipay="{alipay}"), "alipay"
    ),
    "alipay_miniprogram": App(
        f"{_IPHONE} Mobile/21F79 Ariver/1.1.0 "
        + _NEBULA.format(app="AP", client="AlipayClient", alipay="{alipay}")
        + " Region/CN MiniProgram APXWebView NebulaX/1.0.0",
        "alipay_miniprogram",
    ),
    "alipayhk": App(
        f"{_IPHONE} Mobile/21F79 " + _NEBULA.format(app="APHK", client="AlipayClientHK", alipay="{alipay}"), "alipayhk"
    ),
    "mobile": App(
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
        "Safari/537.36",
        "mobile",
    ),
    "desktop": App(_WINDOWS, "desktop", "desktop"),
}  # fmt: skip

#: locale of the browser -> (our language, WeChat's word for it, Alipay's word for it)
LOCALES = {
    "zh-CN": ("zh-hans", "zh_CN", "zh-Hans"),
    "zh-HK": ("zh-hant", "zh_HK", "zh-Hant"),
    "en-US": ("en", "en", "en"),
    "ja-JP": ("ja", "ja", "ja"),
}


def user_agent(app: str, locale: str = "zh-CN") -> str:
    """What the app says of itself in a language."""
    _ours, wechat, alipay = LOCALES[locale]
    return APPS[app].user_agent.replace("{wechat}", wechat).replace("{alipay}", alipay)
