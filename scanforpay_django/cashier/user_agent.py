"""User-Agent -> Channel. Client-controlled: it chooses the page and authorises nothing."""

import re

from scanforpay_django.wallets.base import Channel

# In this order. WeCom's User-Agent contains MicroMessenger/, AlipayHK's on Android contains AlipayClient/; Aliyun Drive
# has AliApp( and "Alipay" in it. No operating system is asked for: WeChat on HarmonyOS names neither Android nor
# iPhone.
_WECOM = re.compile(r"\bwxwork(local)?/")
_WECHAT = re.compile(r"\bMicroMessenger/\d")
_WECHAT_MINIPROGRAM = re.compile(r"\bminiProgram/|MiniProgramEnv/")
_WECHAT_DESKTOP = re.compile(r"WindowsWechat|MacWechat")
_ALIPAYHK = re.compile(r"AliApp\(APHK/|\bAlipayClientHK/")
_ALIPAY = re.compile(r"AliApp\(AP/|\bAlipayClient/")
_ALIPAY_MINIPROGRAM = re.compile(r"\bMiniProgram\b|APXWebView")
_COMPUTER = re.compile(r"Windows NT|Macintosh|WindowsWechat|MacWechat|X11")
_MOBILE = re.compile(r"Mobi|Android|iPhone|iPad|iPod|OpenHarmony|HarmonyOS|Windows Phone")


def classify(user_agent: str) -> Channel:
    """Where a page with this User-Agent is open."""
    if _WECOM.search(user_agent):
        return Channel.WECOM
    if _WECHAT.search(user_agent):
        return _wechat(user_agent)
    if _ALIPAYHK.search(user_agent):
        return Channel.ALIPAYHK
    if _ALIPAY.search(user_agent):
        return Channel.ALIPAY_MINIPROGRAM if _ALIPAY_MINIPROGRAM.search(user_agent) else Channel.ALIPAY
    return Channel.MOBILE if _MOBILE.search(user_agent) else Channel.DESKTOP


def on_a_phone(channel: Channel, user_agent: str) -> bool:
    """Whether the page is open on the phone itself. WeCom and mini-programs run on computers too."""
    if channel in (Channel.DESKTOP, Channel.WECHAT_DESKTOP):
        return False
    if channel in (Channel.WECOM, Channel.WECHAT_MINIPROGRAM):
        return not _COMPUTER.search(user_agent)
    return True


def _wechat(user_agent: str) -> Channel:
    if _WECHAT_MINIPROGRAM.search(user_agent):
        return Channel.WECHAT_MINIPROGRAM
    return Channel.WECHAT_DESKTOP if _WECHAT_DESKTOP.search(user_agent) else Channel.WECHAT
