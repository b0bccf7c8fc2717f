"""Pages of the platforms' own on which a trade is paid: H5, wap, scanned codes, barcodes to confirm."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from scanforpay_django.money import display

from .models import App, Platform, Trade

_SCRIPTS = Path(__file__).parent / "injected"
_IN_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}
APPS = {
    Platform.WECHAT: App.WECHAT,
    Platform.WECHAT_GLOBAL: App.WECHAT,
    Platform.ALIPAY: App.ALIPAY,
    Platform.ALIPAY_GLOBAL: App.ALIPAYHK,
}


#: language -> what the page says where a payment cannot be started, and what stands behind a wallet's name
WORDS = {
    "en": ("The payment cannot be started", " (sandbox)"),
    "zh-Hans": ("无法发起支付", "（沙箱）"),
    "zh-Hant": ("無法發起支付", "（沙箱）"),
    "ja": ("支払いを開始できません", "（サンドボックス）"),
}


def show(
    trade: Trade, *, app: App | None = None, next_url: str = "", cancel_url: str = "", leave_seconds: int = 0
) -> HttpResponse:
    """A page that opens the wallet's sheet for ``trade``.

    After paying it goes to ``next_url`` or where the platform says, after cancelling to ``cancel_url``, and after
    ``leave_seconds`` to ``next_url`` whatever has happened until then.
    """
    look = app or APPS[Platform(trade.merchant.app)]
    config = {
        "app": look.value,
        "payUrl": reverse("scanforpay_sandbox:wallet-pay"),
        "kind": "trade",
        "params": {"id": trade.pk},
        "next": next_url,
        "cancel": cancel_url,
        "leaveSeconds": leave_seconds,
    }
    context = {
        "config": config,
        "trade": trade,
        "amount": display(trade.amount, trade.currency),
        "wallet": look.label,
    }
    return _page(context, f"{_call('sheet.js', config)}{_call('payment_page.js', config)}")


def refusal(problem: str) -> HttpResponse:
    """What the customer sees when the parameters are wrong."""
    response = _page({"problem": problem}, "")
    response.status_code = 400
    return response


def _call(name: str, config: dict[str, Any]) -> str:
    text = (_SCRIPTS / name).read_text(encoding="utf-8").strip()
    return f"({text})({json.dumps(config).translate(_IN_SCRIPT)});"


def _find_language() -> str:
    """The active one, where the page has it."""
    active = (get_language() or "en").lower()
    return next((name for name in WORDS if active.startswith(name.lower())), "en")


def _page(context: dict[str, Any], script: str) -> HttpResponse:
    nonce = secrets.token_urlsafe(16)
    language = _find_language()
    refused, sandbox = WORDS[language]
    words = {"language": language, "refused": refused, "sandbox": sandbox, "nonce": nonce, "script": script}
    text = render_to_string("scanforpay_sandbox/sheet.html", {**context, **words})
    response = HttpResponse(text)
    response["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    response["Cache-Control"] = "private, no-store"
    return response
