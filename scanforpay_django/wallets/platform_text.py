"""Customers' words made fit for platforms, and platforms' words as texts."""

# Supplementary planes (emoji): WeChat Pay's API v3 takes only characters of one to three UTF-8 bytes.
_LAST_BMP = 0xFFFF


def fit(text: str, *, max_bytes: int, forbidden: str = "", fallback: str) -> str:
    """``text`` without emoji, control and forbidden characters, cut on a character to ``max_bytes`` of UTF-8."""
    kept = "".join(c for c in text if ord(c) <= _LAST_BMP and c.isprintable() and c not in forbidden)
    # A variation selector or joiner is left over where the emoji it belonged to went.
    kept = " ".join(kept.replace("\ufe0f", "").replace("\u200d", "").split())
    cut = kept.encode("utf-8", "ignore")[:max_bytes].decode("utf-8", "ignore").strip()
    return cut or fallback


def read_text(value: object) -> str:
    """A number or word of a platform's message; "" for null and whatever else is no text: str() would make "None"."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)
