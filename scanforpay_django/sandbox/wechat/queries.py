"""What stands behind the ? of API v3's GET calls, by tables like those of bodies."""

from django.http import HttpRequest

from scanforpay_django.sandbox.models import Merchant
from scanforpay_django.sandbox.shape import Rule, Shape, ShapeError, check, pattern, text

from . import words
from .errors import ApiError
from .fields import DOCS, MERCHANT, PARTNER, Table, is_date
from .modes import Mode, find_sub_merchant

_REFUND_PAGE = "https://pay.weixin.qq.com/docs/{}/apis/refund/refunds/query-by-out-refund-no.html"
_GLOBAL_PAGE = "https://pay.weixin.qq.com/wiki/doc/api_external/ch/apis/chapter3_1_2.shtml"
_MERCHANT: Shape = {"mchid": MERCHANT["mchid"]}
_PARTNER: Shape = {name: PARTNER[name] for name in ("sp_mchid", "sub_mchid")}
QUERY = Table(source=f"{DOCS}/chapter3_5.shtml", fields=_MERCHANT)
PARTNER_QUERY = Table(source=f"{DOCS}/chapter5_5.shtml", fields=_PARTNER)
REFUND_QUERY = Table(source=_REFUND_PAGE.format("merchant"), fields={})
PARTNER_REFUND_QUERY = Table(
    source=_REFUND_PAGE.format("partner"), fields={"sub_mchid": PARTNER["sub_mchid"]}
)
GLOBAL_REFUND_QUERY = Table(source=_GLOBAL_PAGE, fields=_MERCHANT)
INSTITUTION_REFUND_QUERY = Table(source=_GLOBAL_PAGE, fields=_PARTNER)
BILL = Table(
    source="https://pay.weixin.qq.com/docs/merchant/apis/bill-download/trade-bill/get-trade-bill.html",
    fields={
        "bill_date": Rule(is_date, "must be YYYY-MM-DD", required=True, label="账单日期", type=str),
        # the page has more kinds, for merchants who were given them
        "bill_type": pattern("ALL|SUCCESS|REFUND", "must be ALL, SUCCESS or REFUND", label="账单类型"),
        "tar_type": pattern("GZIP", "must be GZIP", label="压缩类型"),
        "sub_mchid": text(32, label="子商户号"),
    },
)

FUND_BILL = Table(
    source="https://pay.weixin.qq.com/doc/v3/merchant/4013071235",
    fields={
        "bill_date": BILL.fields["bill_date"],
        "account_type": pattern(
            "BASIC|OPERATION|FEES", "must be BASIC, OPERATION or FEES", label="资金账户类型"
        ),
        "tar_type": BILL.fields["tar_type"],
    },
)


def read_query(request: HttpRequest, table: Table) -> dict[str, str]:
    """The parameters, each given once. Raises ApiError."""
    given = {name: str(value) for name, value in request.GET.items()}
    twice = [name for name, values in request.GET.lists() if len(values) > 1]
    if twice:
        raise ApiError("PARAM_ERROR", f"{twice[0]} is given twice.")
    try:
        check(given, table.fields)
    except ShapeError as error:
        raise words.shape_refusal(error, "query") from error
    return given


def check_parties(given: dict[str, str], merchant: Merchant) -> Merchant | None:
    """Hold who is named against the signature; the sub-merchant, if one is named. Raises ApiError."""
    for name in ("mchid", "sp_mchid"):
        if given.get(name, merchant.number) != merchant.number:
            detail = {"location": "query", "value": given[name]}
            raise ApiError("PARAM_ERROR", f"{name} is not the merchant that signed", detail)
    return find_sub_merchant(merchant, given["sub_mchid"]) if given.get("sub_mchid") else None


def pick_refund_query(merchant: Merchant, mode: Mode) -> Table:
    """The table of a refund's query: it depends on who calls."""
    if mode.is_global:
        return INSTITUTION_REFUND_QUERY if mode.partner else GLOBAL_REFUND_QUERY
    return PARTNER_REFUND_QUERY if merchant.sub_merchants.exists() else REFUND_QUERY
