"""What the sandbox's page and tests can do to bills: change them, add coupons, use a merchant's number elsewhere."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from scanforpay_django import clock

from . import console, coupons
from .alipay import account_bill
from .alipay import trade_bill as alipay_trade_bill
from .bill_edits import PAYMENT, REFUND, BillEditError, Columns
from .bill_models import BillEdit
from .controls import read_given
from .gate import View, door
from .models import Merchant, Platform, Trade
from .wechat import fund_bill, statement, trade_bill

#: platform -> its types of bills, the trade bill first
KINDS: dict[str, dict[str, Columns]] = {
    Platform.WECHAT: {"trade": trade_bill.COLUMNS, "fund": fund_bill.COLUMNS},
    Platform.WECHAT_GLOBAL: {"statement": statement.COLUMNS},
    Platform.ALIPAY: {"trade": alipay_trade_bill.COLUMNS, "signcustomer": account_bill.COLUMNS},
}


class EditDetails(TypedDict, total=False):
    """What an edit of a bill may say beside its day and act; ``edit_bill`` describes them."""

    kind: str
    number: str
    line: str
    field: str
    value: str
    published_at: datetime | None


def edit_bill(merchant: Merchant, day: date, act: str, **details: Unpack[EditDetails]) -> BillEdit:
    """Let the merchant's bill of ``day`` differ, from ``published_at`` (now unless given) on.

    ``act``: one of BillEdit.Act. ``kind``: the platform's name of the bill, its trade bill unless given. ``number``:
    the order's or the refund's, as the merchant calls it; blank: every line. ``line``: payment or refund alone.
    ``field``: a name in Columns.fields, or a column or a total as the platform calls it. A late bill is out from
    ``published_at`` on. Raises BillEditError for what such a bill does not have.
    """
    kinds = KINDS.get(merchant.app, {})
    name = details.get("kind") or next(iter(kinds), "")
    if name not in kinds:
        raise BillEditError(f"{merchant} has no such bill; it has {', '.join(kinds) or 'none'}")
    if act not in BillEdit.Act.values or details.get("line", "") not in ("", PAYMENT, REFUND):
        raise BillEditError(
            f"the act must be one of {', '.join(BillEdit.Act.values)}, the line payment or refund"
        )
    wanted, field = _fields(act, kinds[name]), details.get("field", "")
    if wanted and field not in wanted:
        raise BillEditError(f"there is no {field!r}; there are {', '.join(wanted)}")
    published_at = details.get("published_at") or clock.now()
    columns = {**details, "kind": name, "published_at": published_at}
    return BillEdit.objects.create(merchant=merchant, day=day, act=act, **columns)


def _fields(act: str, columns: Columns) -> list[str]:
    """What may be named; none for acts that name nothing."""
    if act == BillEdit.Act.SET:
        return [*columns.fields, *columns.head]
    return list(columns.totals) or ["(no totals)"] if act == BillEdit.Act.TOTAL else []


def _control(act: Callable[[Mapping[str, Any]], None]) -> View:
    """A POST of a form, which is sent back to the page, or of JSON, which is answered in JSON."""

    @require_POST
    @door
    def view(request: HttpRequest) -> HttpResponse:
        as_json = request.content_type == "application/json"
        try:
            act(read_given(request, as_json))
        except (ValueError, TypeError) as problem:
            return HttpResponseBadRequest(str(problem), content_type="text/plain; charset=utf-8")
        return (
            JsonResponse({"result": "ok"})
            if as_json
            else HttpResponseRedirect(reverse("scanforpay_sandbox:home"))
        )

    return view


def _merchant(given: Mapping[str, Any], name: str = "merchant") -> Merchant | None:
    number = str(given.get(name) or "")
    found = Merchant.objects.filter(number=number).first() if number else None
    if number and found is None:
        raise ValueError(f"there is no merchant {number}")
    return found


def _trade(given: Mapping[str, Any]) -> Trade | None:
    number = str(given.get("trade") or "")
    rows = Trade.objects.select_related("merchant", "sub_merchant").filter(out_trade_no=number)
    found = rows.order_by("-pk").first() if number else None
    if number and found is None:
        raise ValueError(f"there is no trade {number}")
    return found


def _add_coupon(given: Mapping[str, Any]) -> None:
    coupons.add(
        int(given.get("amount") or 0),
        str(given.get("paid_by", "")),
        merchant=_merchant(given),
        trade=_trade(given),
        count=int(given.get("count") or 1),
    )


def _use_console(given: Mapping[str, Any]) -> None:
    trade, merchant = _trade(given), _merchant(given)
    amount = int(given.get("amount") or 1000)
    if trade is not None:
        console.refund(trade, amount)
    elif merchant is not None:
        sub_merchant = _merchant(given, "sub_merchant")
        console.add_trades(merchant, int(given.get("count") or 1), amount=amount, sub_merchant=sub_merchant)
    else:
        raise ValueError("name the merchant of new trades, or the trade to refund")


def _edit(given: Mapping[str, Any]) -> None:
    merchant = _merchant(given)
    if merchant is None:
        raise ValueError("name the merchant whose bill it is")
    until = str(given.get("published_at") or "")
    moment = datetime.fromisoformat(until) if until else None
    if moment is not None and moment.tzinfo is None:
        raise ValueError("published_at needs an offset, as in 2026-11-02T14:00:00+08:00")
    texts = {name: str(given.get(name, "")) for name in ("kind", "number", "line", "field", "value")}
    day = date.fromisoformat(str(given.get("day", "")))
    edit_bill(merchant, day, str(given.get("act", "")), published_at=moment, **texts)


#: POST coupons: amount, paid_by, count; merchant or trade
coupon_form = _control(_add_coupon)
#: POST console: merchant, count, amount, sub_merchant for trades of another system; trade, amount for a refund
console_form = _control(_use_console)
#: POST bills: merchant, day, act; kind, number, line, field, value, published_at
edit_form = _control(_edit)
