"""A refund that did not reach its payer, sent to a bank account: apply-abnormal-refund."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from django.db import transaction
from django.http import HttpRequest
from django.views.decorators.http import require_POST

from scanforpay_django.sandbox import payments
from scanforpay_django.sandbox.keys import Kind, cached_private_key, platform_key
from scanforpay_django.sandbox.models import Merchant, Refund

from .api import api_call
from .errors import ApiError
from .modes import Mode, find_sub_merchant
from .order_body import read_body
from .refund_body import PARTNER_REDIRECT_TABLE, REDIRECT_TABLE
from .refund_fields import answer_fields

# the banks that the page lists, by their codes in the platform's list of bank types
BANKS = frozenset(
    f"{bank}_DEBIT"
    for bank in (
        "CMB", "COMM", "ABC", "CCB", "ICBC", "BOC", "PAB", "SPDB", "CITIC", "CEB", "CMBC", "CIB", "GDB", "PSBC", "NBCB",
    )
)  # fmt: skip


@require_POST
@api_call("refund_redirect")
def redirect_refund(
    request: HttpRequest, merchant: Merchant, mode: Mode, refund_id: str
) -> Mapping[str, Any]:
    """POST refunds/{refund_id}/apply-abnormal-refund: an abnormal refund is under way again, and done soon after."""
    is_provider = mode.partner or merchant.sub_merchants.exists()
    wanted = read_body(request.body, (PARTNER_REDIRECT_TABLE if is_provider else REDIRECT_TABLE).fields)
    sub = find_sub_merchant(merchant, wanted["sub_mchid"]) if "sub_mchid" in wanted else None
    numbers = {"refund_id": refund_id, "number": wanted["out_refund_no"]}
    rows = Refund.objects.filter(trade__merchant=merchant, trade__sub_merchant=sub, **numbers)
    made = rows.select_related("trade__merchant", "trade__sub_merchant").first()
    if made is None:
        raise ApiError("RESOURCE_NOT_EXISTS", "退款单不存在")
    if wanted["type"] == "USER_BANK_CARD":
        _check_card(request, merchant, wanted)
    with transaction.atomic():
        abnormal = Refund.objects.filter(pk=made.pk, state=Refund.State.ABNORMAL)
        if not abnormal.update(state=Refund.State.PROCESSING, finished_at=None):
            raise ApiError("INVALID_REQUEST", "退款单状态不是退款异常")
    made.refresh_from_db()
    reply = answer_fields(made)
    payments.finish_refund(made, Refund.State.SUCCESS)
    return reply


def _check_card(request: HttpRequest, merchant: Merchant, wanted: Mapping[str, Any]) -> None:
    if wanted.get("bank_type") not in BANKS:
        raise ApiError("PARAM_ERROR", "bank_type is wanted, of a bank that takes such refunds")
    number = _open(request, merchant, wanted.get("bank_account", ""))
    holder = _open(request, merchant, wanted.get("real_name", ""))
    if not (number.isascii() and number.isdecimal() and 12 <= len(number) <= 19) or not holder.strip():
        raise ApiError("PARAM_ERROR", "bank_account and real_name are wanted, sealed")


def _open(request: HttpRequest, merchant: Merchant, sealed: str) -> str:
    """What Wechatpay-Serial's key opens. Raises ApiError."""
    serial = request.headers.get("Wechatpay-Serial", "")
    keys = [platform_key(merchant.app, kind) for kind in (Kind.PUBLIC_KEY, Kind.CERTIFICATE)]
    oaep = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), label=None)  # noqa: S303
    for key in keys:
        if key.key_id.lower() == serial.lower():
            try:
                secret = base64.b64decode(sealed, validate=True)
                return cached_private_key(key.private_key).decrypt(secret, oaep).decode()
            except (binascii.Error, ValueError):
                break
    raise ApiError("PARAM_ERROR", "敏感信息解密失败")
