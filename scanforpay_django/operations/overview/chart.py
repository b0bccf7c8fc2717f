"""The geometry of the chart: bars of what was paid above a line, of what was refunded below it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from scanforpay_django import money
from scanforpay_django.operations.overview.month import Day, Month, shown_wallet

TOP, ZERO, BOTTOM, HEIGHT = 8, 168, 190, 226
LEFT, RIGHT = 64, 6
#: a month on a screen, two weeks on a phone
WIDE, NARROW, NARROW_DAYS = 860, 430, 14
STEPS = (1, 2, 2.5, 3, 5, 10)
LINES = 4


@dataclass(frozen=True)
class Box:
    """A rectangle. Numbers as SVG writes them."""

    y: str
    height: str
    # the wallet's colour; None: refunded
    place: int | None = None


@dataclass(frozen=True)
class Bar:
    """One day of the chart."""

    x: str
    middle: str
    title: str
    boxes: list[Box]
    # below the bar; "" for most
    label: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What the template writes."""

    name: str
    title: str
    description: str
    width: int
    bar_width: str
    bars: list[Bar]
    # y and text of the lines above zero
    lines: list[tuple[str, str]]
    has_refunds: bool

    height = HEIGHT
    left, right_edge = LEFT, RIGHT
    zero, text_left = ZERO, LEFT - 6

    @property
    def right(self) -> int:
        """Where the chart's lines end."""
        return self.width - RIGHT


def draw_charts(month: Month) -> list[Chart]:
    """For a screen and for a phone."""
    return [
        _draw("wide", month, month.days, WIDE),
        _draw("narrow", month, month.days[-NARROW_DAYS:], NARROW),
    ]


def _draw(name: str, month: Month, days: list[Day], width: int) -> Chart:
    step = (width - LEFT - RIGHT) / len(days)
    line = _find_line(max((day.paid for day in days), default=0), month.currency)
    most_back = max((day.refunded for day in days), default=0)
    best = max(days, key=lambda day: day.paid)
    return Chart(
        name=name,
        title=gettext("Paid per day in %(currency)s, last %(days)d days")
        % {"currency": month.currency, "days": len(days)},
        description=gettext(
            "Bars above the line: paid, one part for each wallet. Bars below the line: refunded, on a scale of its "
            "own. The most was paid on %(day)s: %(amount)s."
        )
        % {"day": best.label, "amount": money.with_code(best.paid, month.currency)},
        width=width,
        bar_width=_number(step * 0.8),
        bars=[
            _draw_bar(month, day, LEFT + step * (number + 0.1), step * 0.8, line * LINES, most_back)
            for number, day in enumerate(days)
        ],
        lines=[
            (_number(ZERO - (ZERO - TOP) * number / LINES), _major(line * number, month.currency))
            for number in range(1, LINES + 1)
        ],
        has_refunds=most_back > 0,
    )


def _draw_bar(month: Month, day: Day, x: float, width: float, most: int, most_back: int) -> Bar:
    boxes, y = [], float(ZERO)
    for place, wallet in enumerate(month.wallets):
        height = (ZERO - TOP) * day.by_wallet.get(wallet, 0) / most
        y -= height
        if height:
            boxes.append(Box(_number(y), _number(height), place))
    if day.refunded:
        boxes.append(Box(str(ZERO + 1.5), _number((BOTTOM - ZERO) * day.refunded / most_back)))
    is_labelled = day.day.weekday() == month.days[-1].day.weekday()
    return Bar(
        x=_number(x),
        middle=_number(x + width / 2),
        title=_describe(month, day),
        boxes=boxes,
        label=f"{day.day:%m-%d}" if is_labelled else "",
    )


def _describe(month: Month, day: Day) -> str:
    words: dict[str, Any] = {
        "day": day.label,
        "paid": money.with_code(day.paid, month.currency),
        "count": f"{day.paid_count:,}",
        "wallets": ", ".join(
            f"{shown_wallet(name)} {money.with_code(day.by_wallet.get(name, 0), month.currency)}"
            for name in month.wallets
        ),
        "refunded": money.with_code(day.refunded, month.currency),
    }
    text: str = (
        gettext("%(day)s: %(paid)s paid in %(count)s payments (%(wallets)s); %(refunded)s refunded") % words
    )
    return text


def _find_line(most: int, currency: str) -> int:
    """The distance of two lines in minor units: a round number, so that four of them hold the most."""
    unit = 10 ** money.EXPONENTS.get(currency, 0)
    least, size = max(most / LINES, unit), unit
    while size * 10 <= least:
        size *= 10
    return next(int(size * step) for step in STEPS if size * step >= least)


def _major(amount: int, currency: str) -> str:
    return f"{amount / 10 ** money.EXPONENTS.get(currency, 0):,.15g}"


def _number(value: float) -> str:
    """Without digits below a pixel, and with a point in every language."""
    return f"{value:.1f}"
