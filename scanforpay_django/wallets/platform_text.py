"""Customers' words made fit for platforms, and platforms' words as texts."""

import unicodedata

# Supplementary planes (emoji): WeChat Pay's API v3 takes only characters of one to three UTF-8 bytes.
_LAST_BMP = 0xFFFF
# From an ASCII character to its full-width form, which reads the same and means nothing to a parser.
_FULL_WIDTH = 0xFEE0
# Blank, though Unicode counts them as something else: the zero-width space, and three that are letters or symbols.
_MORE_BLANKS = "\u200b\u2800\u3164\uffa0"


def fit(text: str, *, max_bytes: int, forbidden: str = "", fallback: str) -> str:
    """``text`` without emoji and control characters, cut on a character to ``max_bytes`` of UTF-8.

    Every kind of blank is a blank, and forbidden characters of ASCII take their full-width form.
    """
    fitting = "".join(_fit_character(character, forbidden) for character in text)
    cut = " ".join(fitting.split()).encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore").strip()
    return cut or fallback


def _fit_character(character: str, forbidden: str) -> str:
    if character in forbidden:
        return chr(ord(character) + _FULL_WIDTH)
    if character.isspace() or character in _MORE_BLANKS or unicodedata.category(character).startswith("Z"):
        return " "
    # A variation selector is left over where the emoji it belonged to went.
    is_kept = ord(character) <= _LAST_BMP and character.isprintable() and character != "\ufe0f"
    return character if is_kept else ""


def read_text(value: object) -> str:
    """A number or word of a platform's message; "" for null and whatever else is no text: str() would make "None"."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return storable(str(value))


def storable(text: str, length: int | None = None) -> str:
    """The text as every database stores it: PostgreSQL takes no NUL, and half of a surrogate pair is no character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()[:length]
