"""WeChat's apps, as their User-Agents tell them.

Sources: developers.weixin.qq.com ("WeixinJSBridge", "web-view": miniProgram in the User-Agent), work.weixin.qq.com,
and the User-Agents that real phones sent. No operating system is asked for: WeChat on HarmonyOS names neither Android
nor iPhone.
"""

import re

from scanforpay_django.wallets.channels import HARMONY_COMPUTER, App, WayOut

# Its User-Agent contains MicroMessenger/ too, so it is asked first. It opens links and has no WeChat wallet.
WECOM = App(
    name="wecom",
    user_agent=re.compile(r"\bwxwork(local)?/"),
    computer=re.compile(rf"Windows NT|Macintosh|WindowsWechat|MacWechat|X11|{HARMONY_COMPUTER}"),
    pays=False,
    has_chats=True,
    way_out=WayOut.COPY,
)
WECHAT = App(
    name="wechat",
    user_agent=re.compile(r"\bMicroMessenger/\d"),
    mini_program=re.compile(r"\bminiProgram/|MiniProgramEnv/"),
    computer=re.compile(rf"WindowsWechat|MacWechat|{HARMONY_COMPUTER}"),
    has_chats=True,
    way_out=WayOut.MENU,
)
