"""What an audit's check is: a question to the rows, and a repair where one is safe."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models

Rows = models.QuerySet[Any]
#: rows of one check that are reported in one run
MOST = 1000


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that must hold.

    ``find`` narrows rows to those for which it does not hold, in one statement: what one transaction changes is then
    seen whole or not at all. ``repair`` takes a broken row's key and repairs it by a conditional write; whether it did.
    None: a person has to look, since the rows alone do not say what is true.
    """

    # the check's name
    code: str
    # which invariant breaks, by its number in docs/states.md; 0: what the machinery needs
    invariant: int
    # what is wrong, for people
    text: str
    # the rows looked at
    rows: Rows
    find: Callable[[Rows], Rows]
    repair: Callable[[int], bool] | None = None
