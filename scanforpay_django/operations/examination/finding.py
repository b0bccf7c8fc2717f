"""One line of an examination."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

#: name -> what people read
TITLES: dict[str, Any] = {
    "settings": _("Settings"),
    "database": _("Database"),
    "migrations": _("Migrations"),
    "workers": _("Workers"),
    "queue": _("Queue of notifications"),
    "keys": _("Stored secrets"),
    "merchants": _("Partners, stores and accounts"),
    "clock": _("Clocks"),
    "redis": "Redis",
    "services": _("Redis, mail and storage"),
    "mail": _("Mail"),
    "certificates": _("Certificates"),
    "bills": _("Bills"),
    "recovery": _("Recovery"),
    "chain": _("Chain"),
    "address": _("Public address"),
    "notify address": _("Notify address"),
    "platform": _("Platform"),
    "list of payments": _("List of payments"),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, and what came of it. The texts are in the language that was active."""

    # for programs: a key of TITLES; of a check of the settings "settings " and its id
    name: str
    is_right: bool
    # what was seen
    text: str = ""
    # how to mend it; "" where all is well
    fix: str = ""

    @property
    def title(self) -> str:
        """The name for people, in the language that is active."""
        if self.is_check:
            return f"{TITLES['settings']} {self.name.removeprefix('settings ')}"
        return str(TITLES.get(self.name, self.name))

    @property
    def is_check(self) -> bool:
        """Whether it is one of Django's system checks, whose texts are English in every language."""
        return self.name.startswith("settings ")


def right(name: str, text: str = "") -> Finding:
    """A line that says that all is well."""
    return Finding(name=name, is_right=True, text=text)


def wrong(name: str, text: str, fix: str) -> Finding:
    """Something has to be mended."""
    return Finding(name=name, is_right=False, text=text, fix=fix)
