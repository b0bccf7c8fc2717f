"""What a difference says in the reader's language: which field, what is here, what the bill says."""

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from scanforpay_django.models import BillProblem, Difference, Notification, Payment, Refund
from scanforpay_django.operations.overview.month import shown_wallet

Kind = Difference.Kind

#: a file or a fee is wrong, or somebody was not notified; all others are about money that is missing or too much
MILD = (
    Kind.REFUND_PENDING,
    Kind.NUMBER,
    Kind.FEE_RATE,
    Kind.FEE_SUM,
    Kind.BILL_LATE,
    Kind.BILL_BROKEN,
    Kind.LINE_UNREAD,
    Kind.NOT_NOTIFIED,
    Kind.BILL_CHANGED,
)
#: of these the amount goes back to a customer, and is shown with a minus
MONEY_OUT = (Kind.REFUND_UNKNOWN, Kind.REFUND_MISSING_THERE, Kind.REFUND_FAILED_THERE, Kind.REFUND_PENDING)
_OF_REFUNDS = (*MONEY_OUT, Kind.REFUND_AMOUNT, Kind.OVER_REFUNDED)

#: the comparison's names of fields; a bill's own column is named as the bill does
FIELDS: dict[str, Any] = {
    "state": gettext_lazy("state"),
    "refund": gettext_lazy("refund"),
    "order": gettext_lazy("order"),
    "amount": gettext_lazy("amount"),
    "currency": gettext_lazy("currency"),
    "merchant": gettext_lazy("merchant"),
    "sub-merchant": gettext_lazy("sub-merchant"),
    "trade_no": gettext_lazy("platform's number"),
    "lines": gettext_lazy("number of lines"),
    "day": gettext_lazy("day"),
    "notification": gettext_lazy("notification"),
    "sum of refunds": gettext_lazy("sum of refunds"),
    "fee": gettext_lazy("fee"),
    "settled": gettext_lazy("settled amount"),
    "bill": gettext_lazy("bill"),
    "file": gettext_lazy("file"),
    "differences": gettext_lazy("differences"),
    "balance": gettext_lazy("balance"),
}
#: the comparison's own words, which are stored; the platform's stay as they are
_STORED: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"(?P<rate>[\d.-]+ %) agreed"), gettext_lazy("%(rate)s agreed")),
    (re.compile(r"(?P<rate>[\d.-]+ %) taken"), gettext_lazy("%(rate)s taken")),
    (re.compile(r"gone from (?P<day>[\d-]+) on"), gettext_lazy("gone from %(day)s on")),
    (re.compile(r"the platform keeps it no longer"), gettext_lazy("the platform keeps it no longer")),
    (re.compile(r"wallet account (?P<number>\d+)"), gettext_lazy("wallet account %(number)s")),
    (re.compile(r"paid twice"), gettext_lazy("paid twice")),
    (re.compile(r"(?P<number>\d+) more"), gettext_lazy("%(number)s more")),
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """Which field differs, and what both sides say; "" for nothing."""

    field: str
    ours: str
    theirs: str
    # what is wrong with the file, for what was found in it
    problem: str = ""


def say_difference(row: Difference) -> Said:
    """In the active language."""
    return Said(
        field=str(FIELDS.get(row.field, row.field)),
        ours=_say_ours(row),
        theirs=_say_stored(row.theirs) if row.kind != Kind.BILL_BROKEN else _say_error(row.theirs),
        problem=_say_problem(row),
    )


def _say_ours(row: Difference) -> str:
    states: dict[str, Any] = {}
    if row.field == "state":
        model = Refund if row.kind in _OF_REFUNDS else Payment
        states = dict(model.State.choices)
    elif row.field == "notification":
        states = dict(Notification.State.choices)
    return str(states[row.ours]) if row.ours in states else _say_stored(row.ours)


def _say_stored(text: str) -> str:
    for pattern, template in _STORED:
        if found := pattern.fullmatch(text):
            return str(template) % found.groupdict()
    return text


def _say_error(text: str) -> str:
    """Why a file could not be opened is stored as the text that is translated."""
    return _(text) if text else ""


def _say_problem(row: Difference) -> str:
    """Its code stands in the number: part, line, code and column."""
    parts = row.number.split(":")
    codes: dict[str, Any] = dict(BillProblem.Code.choices)
    return str(codes[parts[2]]) if len(parts) > 2 and parts[2] in codes else ""


def say_number(row: Difference) -> str:
    """The platform's number; for several lines how many, for a line without numbers which one, "" for a whole bill."""
    lines = row.details.get("lines")
    if lines:
        return ngettext("%(number)d line", "%(number)d lines", lines) % {"number": lines}
    if row.details.get("trade_no"):
        return str(row.details["trade_no"])
    if (
        ":" in row.number
        or row.number in ("bill", "file", "more", "closing")
        or row.kind == Kind.BILL_CHANGED
    ):
        line = row.details.get("line")
        return _("line %(number)s") % {"number": line} if line else ""
    return row.number


def say_merchant(row: Any) -> str:
    """The wallet and the merchant number of a day."""
    wallet = str(shown_wallet(row.merchant.partition(":")[0]))
    return f"{wallet} {row.number}" if row.number else f"{wallet} · {row.account}"


def shown_amount(row: Difference) -> int | None:
    """With a minus where it goes back to a customer."""
    return -row.amount if row.amount is not None and row.kind in MONEY_OUT else row.amount


def find_look(kind: str) -> tuple[str, str]:
    """The colour's class and the icon of a kind."""
    if kind in Difference.NOTES:
        return "off", "info"
    return ("wait", "warn") if kind in MILD else ("bad", "stop")


def rank_kinds() -> Case:
    """For ORDER BY: money first, then files and fees, then notes."""
    return Case(
        When(kind__in=[*Difference.NOTES], then=Value(2)),
        When(kind__in=[*MILD], then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
