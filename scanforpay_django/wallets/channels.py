"""Where a pay page is open: a place, and whose app it is in.

A wallet knows its own apps only, so that no wallet has to be changed when another one is added.
"""

import enum
import re
from dataclasses import dataclass, field


class Place(enum.StrEnum):
    """The kind of place a pay page is open in."""

    # a wallet's app on a phone
    IN_APP = "in_app"
    # the web-view of a mini-program inside a wallet's app
    MINI_PROGRAM = "mini_program"
    # a wallet's app on a computer: it shows pages and has no wallet
    APP_ON_COMPUTER = "app_on_computer"
    # any browser on a phone
    PHONE = "phone"
    # any browser on a computer
    DESKTOP = "desktop"


class WayOut(enum.StrEnum):
    """How a customer gets from an app's web-view to the phone's browser."""

    # the app's own menu opens the page in the browser
    MENU = "menu"
    # there is no such menu: copy the link
    COPY = "copy"
    # not at all: save the code as a picture and scan it from the album
    ALBUM = "album"


#: computers with HarmonyOS say "(PC; OpenHarmony 5.0)" where phones say "(Phone; ...)". Source: developer.huawei.com,
#: ArkWeb, "Default User-Agent"
HARMONY_COMPUTER = r"\(PC; (?:Open)?Harmony"


@dataclass(frozen=True, kw_only=True)
class App:
    """An app that opens pay pages in a browser of its own."""

    # letters only; templates see it as the channel's name
    name: str
    # found in the User-Agent of every page in the app
    user_agent: re.Pattern[str]
    # found beside it in the web-view of a mini-program; None: the app has none
    mini_program: re.Pattern[str] | None = None
    # found beside it on a computer; None: the app runs on phones only
    computer: re.Pattern[str] | None = None
    # whether pages in the app can call the wallet's bridge
    pays: bool = True
    # whether a link that is sent to a chat of the app opens where the wallet can be paid with
    has_chats: bool = False
    way_out: WayOut = WayOut.ALBUM


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Where a page is open."""

    place: Place
    # the app, None in any other browser
    app: App | None = None
    # whether the code on the page can be scanned with a phone that is not showing it
    is_on_computer: bool = field(default=False)

    @property
    def name(self) -> str:
        """What templates and the ``data-channel`` attribute call it: "mobile", "desktop" or the app's name with a
        suffix.
        """
        if self.app is None:
            return "mobile" if self.place is Place.PHONE else "desktop"
        suffix = {Place.MINI_PROGRAM: "_miniprogram", Place.APP_ON_COMPUTER: "_desktop"}.get(self.place, "")
        return self.app.name + suffix


#: any browser on a phone, any browser on a computer
PHONE = Channel(place=Place.PHONE)
DESKTOP = Channel(place=Place.DESKTOP, is_on_computer=True)
