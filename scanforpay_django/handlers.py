"""The project's functions that are called for an order, by event and dotted name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ON_PAID, ON_REFUNDED, ON_CLOSED = "paid", "refunded", "closed"
EVENTS = (ON_PAID, ON_REFUNDED, ON_CLOSED)


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A function, and whether it runs in one transaction with the mark that it was done."""

    event: str
    # the function's dotted name: what its calls are stored under
    name: str
    function: Callable[[Any], object]
    atomic: bool


_handlers: dict[tuple[str, str], Handler] = {}


def register(event: str, function: Callable[[Any], object], *, atomic: bool) -> None:
    """Have ``function`` called for each order from now on. The same name again replaces it."""
    name = f"{function.__module__}.{function.__qualname__}"
    _handlers[event, name] = Handler(event=event, name=name, function=function, atomic=atomic)


def unregister(event: str, function: Callable[[Any], object]) -> None:
    """Forget a function, e.g. at the end of a test."""
    _handlers.pop((event, f"{function.__module__}.{function.__qualname__}"), None)


def get_names(event: str) -> list[str]:
    """The dotted names that want an event, in the order in which they were registered."""
    return [name for known, name in _handlers if known == event]


def get_handlers() -> list[Handler]:
    """All of them, in the order in which they were registered."""
    return list(_handlers.values())


def find_handler(event: str, name: str) -> Handler | None:
    """The handler behind a stored name; None when the project has none of that name any more."""
    return _handlers.get((event, name))
