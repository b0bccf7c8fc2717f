"""Today's cards: a figure each, and beside it that of the same weekday last week."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scanforpay_django import money
from scanforpay_django.operations.figures.durations import find_quantile
from scanforpay_django.operations.overview.today import Today, find_change

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, kw_only=True)
class Change:
    """Against last week. ``text`` has no sign: the arrow says it."""

    text: str
    # what it is the change of
    label: str = ""
    is_up: bool
    is_good: bool


@dataclass(kw_only=True)
class Card:
    """One figure: money, or ``text`` where it is none."""

    title: str
    amount: int | None = None
    currency: str = ""
    text: str = ""
    changes: list[Change] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def make_cards(today: Today, currency: str) -> tuple[list[Card], list[Card]]:
    """What was paid, in each currency; then what became of the orders. ``currency``: shown where nothing was paid."""
    currencies = today.currencies or [currency]
    paid = [_paid_card(today, one) for one in currencies]
    return paid, [_opened_card(today), _pay_time_card(today), _refunded_card(today, currencies)]


def _paid_card(today: Today, currency: str) -> Card:
    count = today.so_far.get(currency, "paid_count")
    then = {
        "day": show_day(today.last_day),
        "time": f"{today.until:%H:%M}",
        "amount": money.with_code(today.last_week.get(currency, "paid_amount"), currency),
        "count": f"{today.last_week.get(currency, 'paid_count'):,}",
    }
    names = (("paid_amount", _("amount")), ("paid_count", _("payments")))
    return Card(
        title=_("Paid today, %(currency)s") % {"currency": currency},
        amount=today.so_far.get(currency, "paid_amount"),
        currency=currency,
        changes=[
            change
            for name, label in names
            if (
                change := _percent(
                    today.compared.get(currency, name), today.last_week.get(currency, name), label
                )
            )
        ],
        lines=[
            ngettext("%(count)s payment", "%(count)s payments", count) % {"count": f"{count:,}"},
            _("%(day)s until %(time)s: %(amount)s, payments: %(count)s") % then,
        ],
    )


def _percent(new: int, old: int, label: str) -> Change | None:
    change = find_change(new, old)
    if change is None:
        return None
    return Change(text=f"{show_number(abs(change))} %", label=label, is_up=change >= 0, is_good=change >= 0)


def _opened_card(today: Today) -> Card:
    orders, part = today.so_far.orders, today.so_far.paid_part
    words = {
        "paid": f"{orders['opened_paid_count']:,}",
        "opened": f"{orders['opened_count']:,}",
        "left": f"{today.left_count:,}",
        "refused": f"{orders['opened_refused_count']:,}",
        "waiting": f"{orders['opened_waiting_count']:,}",
        "created": f"{orders['created_count']:,}",
        "never": f"{orders['created_count'] - orders['opened_count']:,}",
    }
    return Card(
        title=_("Of orders opened, paid"),
        text="–" if part is None else f"{show_number(part)} %",
        changes=_points(today),
        lines=[
            _("%(paid)s of %(opened)s opened today; %(never)s of %(created)s were never opened") % words,
            _("not paid: %(left)s left, %(refused)s refused by a platform, %(waiting)s still waiting")
            % words,
        ],
    )


def _points(today: Today) -> list[Change]:
    new, old = today.compared.paid_part, today.last_week.paid_part
    if new is None or old is None:
        return []
    text = _("%(number)s points") % {"number": show_number(abs(new - old))}
    return [Change(text=text, is_up=new >= old, is_good=new >= old)]


def _pay_time_card(today: Today) -> Card:
    median, most = today.find_pay_time(0.5), today.find_pay_time(0.95)
    before = find_quantile(today.last_pay_times, 0.5)
    lines = []
    if most is not None:
        lines.append(_("half are faster; 95 %% within %(time)s") % {"time": show_seconds(most)})
    if before is not None:
        lines.append(_("%(day)s: %(time)s") % {"day": show_day(today.last_day), "time": show_seconds(before)})
    return Card(
        title=_("From opening to paid"), text="–" if median is None else show_seconds(median), lines=lines
    )


def _refunded_card(today: Today, currencies: list[str]) -> Card:
    first, *others = currencies
    return Card(
        title=_("Refunded today"),
        amount=today.so_far.get(first, "refunded_amount"),
        currency=first,
        lines=[
            *(
                _count_refunds(today, currency)
                for currency in (first, *others)
                if today.so_far.get(currency, "refunded_count")
            ),
            *_refunded_parts(today, first),
        ],
    )


def _count_refunds(today: Today, currency: str) -> str:
    count = today.so_far.get(currency, "refunded_count")
    words = {
        "amount": money.with_code(today.so_far.get(currency, "refunded_amount"), currency),
        "count": f"{count:,}",
    }
    text: str = ngettext("%(amount)s in %(count)s refund", "%(amount)s in %(count)s refunds", count) % words
    return text


def _refunded_parts(today: Today, currency: str) -> list[str]:
    new, old = (day.find_refunded_part(currency) for day in (today.so_far, today.last_week))
    if new is None:
        return []
    words: dict[str, Any] = {"part": show_number(new), "day": show_day(today.last_day)}
    if old is None:
        return [_("%(part)s %% of what was paid") % words]
    return [_("%(part)s %% of what was paid (%(day)s: %(old)s %%)") % {**words, "old": show_number(old)}]


def show_number(number: float) -> str:
    """With one decimal, as the reader's language writes it."""
    return str(number_format(round(number, 1), 1))


def show_day(day: date) -> str:
    """The weekday and the date."""
    return f"{format_date(day, 'D')} {day.isoformat()}"


def show_seconds(seconds: float) -> str:
    """As a person reads it."""
    if seconds < MINUTE:
        return _("%(seconds)s s") % {"seconds": show_number(seconds)}
    minutes, rest = divmod(round(seconds), MINUTE)
    if seconds < HOUR:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, MINUTE)
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
