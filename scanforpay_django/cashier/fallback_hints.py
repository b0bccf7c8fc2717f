"""What to do where a page cannot pay: which words, and which way on comes first."""

import enum
from collections.abc import Sequence

from scanforpay_django.cashier.visit import Option, Visit
from scanforpay_django.client_address import client_address
from scanforpay_django.flows.configured_wallet import ConfiguredWallet
from scanforpay_django.wallets.base import PHONE, Kind, Place, WayOut


class FallbackHint(enum.StrEnum):
    """The way on that a page explains."""

    # another device scans this screen
    SCAN = "scan"
    # keep the code as a picture, open the wallet's app, scan it from the album
    ALBUM = "album"
    # the app's own menu opens the page in the browser, which can pay
    BROWSER = "browser"
    # copy the link into the browser, which can pay
    COPY = "copy"
    # copy the link into a chat of this very app, and open it there
    CHAT = "chat"
    # only a second screen helps: this code is not read from an album
    SCREEN = "screen"


_BY_WAY_OUT = {
    WayOut.MENU: FallbackHint.BROWSER,
    WayOut.COPY: FallbackHint.COPY,
    WayOut.ALBUM: FallbackHint.ALBUM,
}


def _browser_pays(configured: ConfiguredWallet, *, has_client_address: bool) -> bool:
    """Whether the same address, open in the phone's browser, leads to the platform after a tap."""
    name = configured.pick_product(PHONE, has_client_address=has_client_address)
    product = configured.get_product(name)
    return product is not None and product.kind is Kind.REDIRECT


def get_fallback_hint(visit: Visit, options: Sequence[Option]) -> FallbackHint:
    """The first way on for this visitor. Where the album is of use the page says so below the others."""
    has_address = bool(client_address(visit.request))
    hints = [_get_hint(visit, option.configured, has_client_address=has_address) for option in options]
    return next((hint for hint in hints if hint is not FallbackHint.ALBUM), hints[0])


def _get_hint(visit: Visit, configured: ConfiguredWallet, *, has_client_address: bool) -> FallbackHint:
    app, place = visit.channel.app, visit.channel.place
    if not visit.is_on_a_phone:
        return FallbackHint.SCAN
    cannot_pay_here = app is not None and (place is Place.MINI_PROGRAM or not app.pays)
    if app is not None and cannot_pay_here and app.has_chats and app in configured.backend.apps:
        return FallbackHint.CHAT
    if app is None or not _browser_pays(configured, has_client_address=has_client_address):
        return FallbackHint.ALBUM
    return FallbackHint.COPY if place is Place.MINI_PROGRAM else _BY_WAY_OUT[app.way_out]
