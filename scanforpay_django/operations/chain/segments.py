"""A new segment of the chain: after a recovery, it cites what the chain was before."""

import re

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.operations.chain.open_chain import open_chain

_ROOT = re.compile(r"([1-9][0-9]{0,18}):([0-9a-f]{64})")


class NotARoot(ScanForPayError):
    """The text is no root of a chain."""


def read_root(text: str) -> tuple[int, str]:
    """A root as it is mailed: the link's number and digest. Raises NotARoot."""
    found = _ROOT.fullmatch(text.strip().lower())
    if found is None:
        raise NotARoot(f"not a root of the chain, such as 1234:9f86…: {text!r}")
    return int(found[1]), found[2]


def begin_segment(cause: str, cites: str = "", by: str = "") -> str:
    """Begin a segment at the end of the chain that is here; its first link's root. Raises NotARoot.

    ``cites`` is the last root that is known, from a mail for example; the end of the chain that is here without one.
    Links between the two were lost, and the audit takes that root for explained.
    """
    if cites:
        number, mac = read_root(cites)
        cites = f"{number}:{mac}"
    with open_chain() as chain:
        chain.begin_segment(cause, cites, by)
    return chain.end
