"""User-Agent -> Channel. Client-controlled: it chooses the page and authorises nothing."""

import re
from functools import lru_cache

from scanforpay_django.wallets.base import DESKTOP, PHONE, App, Channel, Place
from scanforpay_django.wallets.channels import HARMONY_COMPUTER
from scanforpay_django.wallets.registry import known_apps

_COMPUTER = re.compile(rf"Windows NT|Macintosh|X11|{HARMONY_COMPUTER}")
_HARMONY_COMPUTER = re.compile(HARMONY_COMPUTER)
_MOBILE = re.compile(r"Mobi|Android|iPhone|iPad|iPod|OpenHarmony|HarmonyOS|Windows Phone")


def classify(user_agent: str) -> Channel:
    """Where a page with this User-Agent is open."""
    return _classify(user_agent[:1000], known_apps())


@lru_cache(maxsize=512)
def _classify(user_agent: str, apps: tuple[App, ...]) -> Channel:
    for app in apps:
        if app.user_agent.search(user_agent):
            return _in_app(app, user_agent)
    return PHONE if _MOBILE.search(user_agent) and not _HARMONY_COMPUTER.search(user_agent) else DESKTOP


def _in_app(app: App, user_agent: str) -> Channel:
    """Apps that exist for computers show mini-programs and chats there too."""
    runs_on_computers = app.computer is not None
    if app.mini_program is not None and app.mini_program.search(user_agent):
        on_computer = runs_on_computers and _COMPUTER.search(user_agent) is not None
        return Channel(place=Place.MINI_PROGRAM, app=app, is_on_computer=on_computer)
    on_computer = app.computer is not None and app.computer.search(user_agent) is not None
    place = Place.APP_ON_COMPUTER if on_computer and app.pays else Place.IN_APP
    return Channel(place=place, app=app, is_on_computer=on_computer)
