"""The stories: which faults are armed at which point of which wallet's order."""

import itertools
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from scanforpay_django.sandbox.faults import FAULTS
from tests.faults.arrays import cover_triples, ordered_pairs
from tests.wallets.conftest import SETUPS


class Phase(IntEnum):
    """The points of a story at which faults are armed; what has not struck stays armed."""

    # the order is made, and a first customer opens the page and leaves
    OPEN = 0
    # a second customer pays
    PAY = 1
    # the merchant refunds twice
    REFUND = 2
    # the merchant closes; a customer who still has the page open pays; days pass
    LATE = 3


ANYWHERE = tuple(Phase)
#: stage -> the phases in which its faults find something to strike
PHASES: dict[str, tuple[Phase, ...]] = {
    "answer": ANYWHERE,
    "call": (Phase.LATE,),
    "message": (Phase.PAY, Phase.REFUND, Phase.LATE),
    "try": (Phase.PAY, Phase.REFUND, Phase.LATE),
    "payment": (Phase.PAY, Phase.LATE),
    # what was paid too late or twice goes back by itself
    "refund": (Phase.PAY, Phase.REFUND, Phase.LATE),
}
#: faults that strike in other phases than those of their stage
OWN_PHASES = {"notify-before-answer": (Phase.OPEN,), "pay-after-close": (Phase.LATE,)}


def find_phases(name: str) -> tuple[Phase, ...]:
    """Where a fault finds something to strike."""
    return OWN_PHASES.get(name) or PHASES[FAULTS[name].stage]


@dataclass(frozen=True, kw_only=True)
class Story:
    """One wallet, and the faults in their order."""

    setup: str
    faults: tuple[str, ...]
    # goes through the phases in which a fault may strike
    number: int

    def __str__(self) -> str:
        return f"{self.setup}:{'+'.join(self.faults)}"

    @property
    def has_bills(self) -> bool:
        """Whether platforms' bills are fetched: in every fourth story, and where nothing else may tell."""
        return self.number % 4 == 0 or not {"notify-never", "wrong-merchant"}.isdisjoint(self.faults)

    def plan(self) -> list[dict[Phase, list[str]]]:
        """For each order of the story, what is armed in which phase. A fault that cannot come after the one before it
        comes with a next order of the same customers.
        """
        orders: list[dict[Phase, list[str]]] = []
        left = self.faults
        while left:
            taken = next(count for count in range(len(left), 0, -1) if _placements(left[:count]))
            placements = _placements(left[:taken])
            order: dict[Phase, list[str]] = {}
            for name, phase in zip(left[:taken], placements[self.number % len(placements)], strict=True):
                order.setdefault(phase, []).append(name)
            orders.append(order)
            left = left[taken:]
        return orders


def _placements(names: tuple[str, ...]) -> list[tuple[Phase, ...]]:
    """Every way to arm these one after the other within one order."""
    ways = itertools.product(*map(find_phases, names))
    return [way for way in ways if list(way) == sorted(way)]


def pairs() -> Iterator[Story]:
    """Every fault before every fault, for each wallet."""
    yield from _write(ordered_pairs(tuple(FAULTS)))


def triples() -> Iterator[Story]:
    """Any three faults together, for each wallet."""
    yield from _write(cover_triples(tuple(FAULTS)))


def _write(rows: list[tuple[str, ...]]) -> Iterator[Story]:
    for (index, faults), (place, setup) in itertools.product(enumerate(rows), enumerate(SETUPS)):
        yield Story(setup=setup, faults=faults, number=index + place)


def every_story() -> list[Story]:
    """In an order that depends on nothing but their names, so that a part of them is a part of everything."""
    return sorted((*pairs(), *triples()), key=lambda story: zlib.crc32(str(story).encode()))
