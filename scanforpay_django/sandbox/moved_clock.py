"""The sandbox's clock: this host's, put forward for all processes of the project on this host.

A retry that is due in a day, an order that expires, a prepay data that wears out, the bill of a day: they all come when
the clock is put forward, in the app, in the platforms that are played here and in the statements that ask the database
for the time. The offset stands in a file of the system's folder for temporary files, beside no data of the project's:
a look at it takes two millionths of a second.
"""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connections

from scanforpay_django.conf import LOCAL_SANDBOX

from .gate import sandbox_is_allowed

#: further ahead than certificates and platforms' promises last
MOST_SECONDS = 3660 * 86400
UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_SPAN = re.compile(r"\+?((?:\d{1,9}[dhms])+)")

# Windows has no such number; its folder for temporary files is the user's own.
_USER = os.getuid() if hasattr(os, "getuid") else 0

# what was read last: the file, its stamp, the seconds in it
_read: tuple[Path, int, int] = (Path(), 0, 0)


class ClockRefused(Exception):
    """The clock is not put forward; the text says why, and what to do."""


def offset_seconds() -> int:
    """How far the clock is ahead; 0 where it was not put forward."""
    global _read
    path = _path()
    try:
        found = path.lstat()
    except OSError:
        return 0
    # Another user of this host has no say, be it by a link to a file of this user's.
    if found.st_uid != _USER or not _is_plain(found) or not sandbox_is_allowed():
        return 0
    if _read[:2] != (path, found.st_mtime_ns):
        _read = (path, found.st_mtime_ns, _load(path))
    return _read[2]


def forward(span: timedelta) -> int:
    """Put the clock forward by ``span``, and return how many seconds it is ahead then. It never goes back: rows would
    be older than what they follow. Raises ClockRefused where real money may be about.
    """
    _check()
    seconds = offset_seconds() + round(span.total_seconds())
    if span <= timedelta(0):
        raise ClockRefused("The clock goes forward only. Put it back to the host's time with --reset.")
    if seconds > MOST_SECONDS:
        raise ClockRefused("The clock is not put further forward than ten years.")
    path = _path()
    # Under a name that cannot be guessed, and made anew: what another user put there is never written to.
    handle, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(str(seconds))
    try:
        Path(beside).replace(path)
    except OSError as error:
        Path(beside).unlink()
        raise ClockRefused(f"{path} cannot be written: {error.strerror}. Remove it.") from error
    return seconds


def reset() -> None:
    """Back to the host's time. Rows that were written meanwhile are of the future."""
    with contextlib.suppress(FileNotFoundError):
        _path().unlink()


def parse_span(text: str) -> timedelta:
    """``+84h``, ``90m`` or ``+1d12h``. Raises ClockRefused."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ClockRefused(f"{text!r} is no span of time: write +84h, +90m or +1d12h.")
    parts = re.findall(r"(\d+)([dhms])", found[1])
    return timedelta(seconds=min(sum(int(number) * UNITS[unit] for number, unit in parts), MOST_SECONDS + 1))


def _check() -> None:
    if not sandbox_is_allowed():
        raise ClockRefused("The clock stands still where DEBUG and SCANFORPAY_SANDBOX_ALLOWED are off.")
    accounts: Any = apps.get_model("scanforpay", "WalletAccount").objects
    others = accounts.filter(is_active=True).exclude(environment=LOCAL_SANDBOX).order_by("pk")
    if other := others.first():
        raise ClockRefused(
            f"The wallet account {other} is not at the sandbox: its platform has the real time. Switch it off first."
        )


def _path() -> Path:
    wanted = connections.settings[DEFAULT_DB_ALIAS]
    return _make_path(str(wanted.get("HOST")), str(wanted.get("PORT")), str(wanted.get("NAME")))


@lru_cache(maxsize=16)
def _make_path(host: str, port: str, name: str) -> Path:
    digest = hashlib.sha256("\0".join((host, port, name)).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"scanforpay-sandbox-clock-{_USER}-{digest}"


def _is_plain(found: os.stat_result) -> bool:
    """A file under one name: no link of either kind, which another user may have made."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _load(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return 0
    return min(int(text), MOST_SECONDS) if text.isdecimal() and len(text) < 12 else 0
