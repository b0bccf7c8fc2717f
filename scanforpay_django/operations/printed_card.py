"""Cards with a code to scan, of a till or of one order: the store's name, colour and logo, as SVG of A6."""

from base64 import b64encode
from dataclasses import dataclass
from html import escape

import segno
from django.conf import settings
from django.utils.translation import gettext, override

from scanforpay_django import money
from scanforpay_django.flows.configured_wallet import find_wallets
from scanforpay_django.models import CounterCode, Order, Store
from scanforpay_django.models.branding import COLOR, ink_on
from scanforpay_django.page_address import counter_address, page_address
from scanforpay_django.wire import ANY_WALLET

#: A6 in millimetres
WIDTH, HEIGHT = 105, 148
QR_SIDE, QR_TOP = 72, 44
NEUTRAL = "#2b2f38"
FAMILY = "PingFang SC,Microsoft YaHei,Noto Sans CJK SC,Hiragino Sans,sans-serif"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A centred line of text: its baseline from the card's top and its size, in millimetres."""

    text: str
    baseline: float
    size: float
    is_bold: bool = False

    @property
    def fitted(self) -> float:
        """The size at which it fits: a wide character is as wide as it is high, a narrow one a little over half."""
        width = sum(1 if ord(one) > 0x2E7F else 0.58 for one in self.text)
        return min(self.size, (WIDTH - 14) / max(width, 1))


@dataclass(frozen=True, kw_only=True)
class Card:
    """What is on the card."""

    color: str
    ink: str
    name: Line
    lines: tuple[Line, ...]
    address: str
    # a picture's type and bytes
    logo: tuple[str, bytes] | None

    @property
    def modules(self) -> list[tuple[float, float, float, float]]:
        """The dark parts of the code: from the left, from the top, width, height; in millimetres."""
        rows = list(segno.make(self.address, error="m", micro=False).matrix_iter(border=4))
        side = QR_SIDE / len(rows)
        left = (WIDTH - QR_SIDE) / 2
        found = []
        for place, row in enumerate(rows):
            start = None
            for column, dark in enumerate([*row, 0]):
                if dark and start is None:
                    start = column
                elif not dark and start is not None:
                    x, width = left + start * side, (column - start) * side
                    found.append((x, QR_TOP + place * side, width, side))
                    start = None
        return found


def lay_out(code: CounterCode, language: str = "") -> Card:
    """The card of a till's code in a language: by default the store's."""
    with override(language or code.store.language):
        lines = (
            Line(text=gettext("Scan to pay"), baseline=38, size=9, is_bold=True),
            Line(text=_name_wallets(code.store, ANY_WALLET), baseline=125, size=5.5),
            Line(text=gettext("Enter the amount on your phone"), baseline=133, size=4),
            Line(text=code.name or code.number, baseline=141, size=4),
        )
    return _put_together(code.store, language, lines, counter_address(code.token))


def lay_out_order(order: Order) -> Card:
    """The card of one order, with its amount, in the store's language."""
    store = order.store
    with override(store.language):
        until = order.expires_at.astimezone(store.zone) if settings.USE_TZ else order.expires_at
        lines = (
            Line(text=order.title or gettext("Scan to pay"), baseline=36, size=6),
            Line(
                text=money.display(order.amount, order.currency, store.language),
                baseline=127, size=11, is_bold=True,
            ),
            Line(text=_name_wallets(store, order.wallet), baseline=135, size=5),
            Line(
                text=gettext("Can be paid until %(moment)s") % {"moment": f"{until:%Y-%m-%d %H:%M}"},
                baseline=142, size=4,
            ),
        )  # fmt: skip
    return _put_together(store, "", lines, page_address(order.scan_token))


def _name_wallets(store: Store, wallet: str) -> str:
    return " · ".join(dict.fromkeys(str(one.backend.label) for one in find_wallets(store, wallet)))


def _put_together(store: Store, language: str, lines: tuple[Line, ...], address: str) -> Card:
    color = store.color if COLOR.fullmatch(store.color) else NEUTRAL
    logo = (store.logo.content_type, bytes(store.logo.content)) if store.logo else None
    name = Line(text=store.display_name(language or store.language), baseline=15.5, size=8, is_bold=True)
    return Card(color=color, ink=ink_on(color), name=name, lines=lines, address=address, logo=logo)


def draw_svg(card: Card) -> str:
    """The card as an SVG document that holds all it shows."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}mm"',
        f' height="{HEIGHT}mm" font-family="{FAMILY}" text-anchor="middle">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<rect width="{WIDTH}" height="24" fill="{card.color}"/>',
    ]
    if card.logo:
        content_type, content = card.logo
        data = b64encode(content).decode("ascii")
        parts.append(f'<image x="6" y="5" width="14" height="14" href="data:{content_type};base64,{data}"/>')
    parts.append(_svg_line(card.name, card.ink))
    parts += [_svg_line(line, "#16181d") for line in card.lines if line.text]
    path = "".join(
        f"M{x:.3f} {y:.3f}h{width:.3f}v{height:.3f}h{-width:.3f}z" for x, y, width, height in card.modules
    )
    parts.append(f'<path d="{path}" fill="#000" shape-rendering="crispEdges"/></svg>')
    return "".join(parts)


def _svg_line(line: Line, ink: str) -> str:
    weight = ' font-weight="600"' if line.is_bold else ""
    return (
        f'<text x="{WIDTH / 2}" y="{line.baseline}" font-size="{line.fitted:.2f}" fill="{ink}"{weight}>'
        f"{escape(line.text)}</text>"
    )
