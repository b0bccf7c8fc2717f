"""Alipay's apps, as their User-Agents tell them.

Sources: myjsapi.alipay.com, docs.antom.com, and the User-Agents that real phones sent. AlipayHK's on Android contains
AlipayClient/ too, and Aliyun Drive has AliApp( and "Alipay" in its own.
"""

import re

from scanforpay_django.wallets.channels import App

ALIPAYHK = App(name="alipayhk", user_agent=re.compile(r"AliApp\(APHK/|\bAlipayClientHK/"))
ALIPAY = App(
    name="alipay",
    user_agent=re.compile(
        r"\A(?!.*(?:AliApp\(APHK/|\bAlipayClientHK/)).*(?:AliApp\(AP/|\bAlipayClient/)", re.DOTALL
    ),
    # tradePay of a plain page is not the supported route inside a mini-program
    mini_program=re.compile(r"\bMiniProgram\b|APXWebView"),
)
