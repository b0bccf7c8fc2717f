"""The trade bill and the fund bill: asked for by date, fetched within five minutes, back-ticked yuan."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from scanforpay_django.sandbox import bill_tokens, hosts
from scanforpay_django.sandbox.gate import door
from scanforpay_django.sandbox.models import Merchant

from . import answers, authorization, queries
from .api import api_call
from .bill_day import KEPT_DAYS, check_day, no_bill
from .errors import ApiError
from .fund_bill import fund_csv
from .modes import DIRECT, Mode
from .trade_bill import trade_csv

# Pages of 2024 and later; those of 2021 to 2023 say 30 seconds. Source: pay.weixin.qq.com/doc/v3/merchant/4013071227.
TOKEN_SECONDS = 300
_SALT = "scanforpay sandbox wechat bill"


@require_GET
@api_call("bill")
def trade_bill(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """GET bill/tradebill?bill_date=: the hash of the file and where it is, from 10:00 of the next day on."""
    given = queries.read_query(request, queries.BILL)
    return _announce(request, merchant, {"bill_type": "ALL", "sub_mchid": "", **given})


@require_GET
@api_call("bill")
def fund_bill(request: HttpRequest, merchant: Merchant, mode: Mode) -> Mapping[str, Any]:  # noqa: ARG001
    """GET bill/fundflowbill?bill_date=: the same for an account's movements."""
    given = queries.read_query(request, queries.FUND_BILL)
    return _announce(request, merchant, {"account_type": "BASIC", **given})


def _announce(request: HttpRequest, merchant: Merchant, given: dict[str, str]) -> Mapping[str, Any]:
    queries.check_parties(given, merchant)
    wanted = {"tar_type": "", **given}
    day = date.fromisoformat(wanted.pop("bill_date"))
    check_day(merchant, "fund" if "account_type" in wanted else "trade", day, KEPT_DAYS)
    csv = _file(merchant, day, wanted)
    if csv is None:
        raise no_bill()
    token = bill_tokens.issue(
        _SALT, {"merchant": merchant.pk, "day": day.isoformat(), **wanted}, TOKEN_SECONDS
    )
    return {
        "hash_type": "SHA1",
        # the platform's choice; over the file before it is packed
        "hash_value": hashlib.sha1(csv, usedforsecurity=False).hexdigest(),
        "download_url": hosts.platform_address(request, f"wechat/v3/billdownload/file?token={token}"),
    }


@require_GET
@door
def download(request: HttpRequest) -> HttpResponse:
    """GET billdownload/file?token=: signed by the merchant, answered without a signature."""
    try:
        merchant = authorization.verify(request, DIRECT.app, wants_json=False)
        wanted = bill_tokens.read(_SALT, request.GET.get("token", ""))
    except bill_tokens.BadToken:
        return answers.refused(ApiError("PARAM_ERROR", "The token is wrong or too old."))
    except ApiError as fault:
        return answers.refused(fault)
    csv = _file(merchant, date.fromisoformat(wanted["day"]), wanted)
    if wanted["merchant"] != merchant.pk or csv is None:
        return answers.refused(ApiError("NO_AUTH", "This is another merchant's bill."))
    # The types that clients ask for and tell apart: the Accept of wechatpay-axios-plugin, the request of
    # wechatpay-node-v3, which reads text/plain and nothing else.
    is_packed = wanted["tar_type"] == "GZIP"
    body = gzip.compress(csv) if is_packed else csv
    response = HttpResponse(body, content_type="application/x-gzip" if is_packed else "text/plain")
    response["Request-ID"] = answers.request_id(0)
    return response


def _file(merchant: Merchant, day: date, wanted: Mapping[str, str]) -> bytes | None:
    """The CSV, None for a day on which nothing happened."""
    if "account_type" not in wanted:
        return trade_csv(merchant, day, wanted)
    # Nothing moves on the other accounts here.
    return fund_csv(merchant, day) if wanted["account_type"] == "BASIC" else None
