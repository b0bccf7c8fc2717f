"""One line of an examination."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, and what came of it. The texts are English, for the console and for logs."""

    name: str
    is_right: bool
    # what was seen
    text: str = ""
    # how to mend it; "" where all is well
    fix: str = ""


def right(name: str, text: str = "") -> Finding:
    """All is well."""
    return Finding(name=name, is_right=True, text=text)


def wrong(name: str, text: str, fix: str) -> Finding:
    """Something has to be mended."""
    return Finding(name=name, is_right=False, text=text, fix=fix)
