"""How the platform's files write a line."""

from collections.abc import Iterable


def ticked(values: Iterable[str]) -> str:
    """Every value behind a back-tick."""
    return ",".join(f"`{value}" for value in values)


def escaped(text: str) -> str:
    """A merchant's own text: a comma becomes a back-slash and a blank, a line end a back-slash and n. Source:
    pay.weixin.qq.com/doc/v3/merchant/4013071249, its third section.
    """
    return text.replace(",", "\\ ").replace("\n", "\\n")
