"""What to do where a page cannot pay by itself: which words, and which way on comes first."""

import enum
from collections.abc import Collection

from scanforpay_django.cashier.visit import Visit
from scanforpay_django.wallets.base import Channel, Kind, Wallet


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


# Whose chats open links in the app that pays, by wallet.
_CHATS = {"Wechat": (Channel.WECHAT_MINIPROGRAM, Channel.WECOM)}
# Web-views without a menu that leads to the browser.
_NO_MENU = (Channel.WECHAT_MINIPROGRAM, Channel.ALIPAY_MINIPROGRAM, Channel.WECOM)


def browser_pays(backend: type[Wallet], granted: Collection[str]) -> bool:
    """Whether the same address, open in the phone's browser, leads to the platform after a tap."""
    product = backend.products.get(backend.way(Channel.MOBILE, frozenset(granted)))
    return product is not None and product.kind is Kind.REDIRECT


def get_fallback_hint(visit: Visit, backend: type[Wallet], granted: Collection[str]) -> FallbackHint:
    """The first way on for this visitor. Where the album is of use the page says so below the others."""
    channel = visit.channel
    if not visit.is_on_a_phone:
        return FallbackHint.SCAN
    if channel in _CHATS.get(visit.order.wallet, ()):
        return FallbackHint.CHAT
    if channel is Channel.MOBILE or not browser_pays(backend, granted):
        return FallbackHint.ALBUM
    if channel is Channel.WECHAT:
        return FallbackHint.BROWSER
    return FallbackHint.COPY if channel in _NO_MENU else FallbackHint.ALBUM
