"""Link the rows that are new. Nothing of it is in the transactions that write them.

A row is found by its key. Keys are given out before the COMMIT, so that one may appear below those that were seen: all
above the horizon are looked at each time, and the horizon moves when ``MARGIN`` has passed.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Max

from scanforpay_django import clock
from scanforpay_django.models import ChainLink, ChainWriter
from scanforpay_django.models.moments import database_now
from scanforpay_django.models.slice_plans import slice_plans
from scanforpay_django.operations.chain.canonical import microseconds
from scanforpay_django.operations.chain.covered import BY_KIND, COVERED, Covered, in_parts
from scanforpay_django.operations.chain.horizon import Horizon
from scanforpay_django.operations.chain.open_chain import OpenChain, decode, open_chain

#: rows of one transaction: on SQLite nothing else is written meanwhile
BATCH = 1000
#: what any process has linked so lately is good enough
FRESH_SECONDS = 10.0


@dataclass
class ChainFollower:
    """One process's way of linking rows; where the chain is says the chain."""

    # table -> where a full batch ended: the next one goes on there
    _reached: dict[str, int] = field(default_factory=dict)

    def __call__(self) -> bool:
        """Link a batch; whether there is more to be done."""
        with open_chain() as chain:
            # What the segment's beginning has appended is read back.
            chain.save()
            turn = _Turn(chain, self._reached)
            with slice_plans():
                has_more = turn.link()
        self._reached = turn.reached
        if not has_more:
            ChainWriter.objects.stamp()
        return has_more

    def forget(self) -> None:
        """Forget where the last batch ended: the next one begins at the horizon."""
        self._reached = {}


class _Turn:
    """One batch of rows that are linked in one transaction."""

    def __init__(self, chain: OpenChain, reached: dict[str, int]) -> None:
        self._chain = chain
        self._room = BATCH
        self._horizon = read_horizon()
        # Only a turn that begins at the horizon has seen all that appeared above it.
        self._is_whole = not reached
        self._from = {**self._horizon.passed, **reached}
        self._newest: dict[str, int] = {}
        self.reached: dict[str, int] = {}

    def link(self) -> bool:
        """Whether there is more to be done."""
        for covered in COVERED:
            self._link_new(covered)
        if not self._room:
            return True
        self.reached = {}
        self._link_waiting()
        has_moved = self._link_old()
        has_passed = self._is_whole and self._pass_on()
        if has_moved or has_passed:
            self._chain.append_horizon(self._horizon)
        return not self._is_whole or self._horizon.is_filling()

    def _take(self, covered: Covered, first: int, last: int) -> list[int]:
        """Link rows between two keys, as many as there is room for; their keys."""
        keys = covered.find_unlinked(covered.finished(), first, last, self._room) if self._room else []
        self._chain.append_rows(covered, covered.read(keys))
        self._room -= len(keys)
        return keys

    def _link_new(self, covered: Covered) -> None:
        first = self._from[covered.kind]
        newest = max(covered.rows.aggregate(newest=Max("pk"))["newest"] or 0, first)
        keys = self._take(covered, first + 1, newest)
        self._newest[covered.kind] = newest
        self.reached[covered.kind] = newest if self._room else keys[-1] if keys else first

    def _link_waiting(self) -> None:
        for kind, pks in self._horizon.waiting.items():
            self._chain.append_missing(BY_KIND[kind], pks)

    def _link_old(self) -> bool:
        """Rows from before the chain; whether the horizon has moved."""
        has_moved = False
        for covered in COVERED:
            begin, end = self._horizon.old[covered.kind], self._horizon.old_end[covered.kind]
            if begin < end and self._room:
                keys = self._take(covered, begin + 1, end)
                reached = end if self._room else keys[-1]
                self._wait_for(covered, begin, reached)
                self._horizon.old[covered.kind] = reached
                has_moved = True
        return has_moved

    def _pass_on(self) -> bool:
        """What was seen a while ago is passed."""
        horizon, now = self._horizon, clock.host_now()
        seen = {kind: max(self._newest[kind], upto) for kind, upto in horizon.seen.items()}
        is_still = horizon.passed == horizon.seen == seen and not any(horizon.waiting.values())
        if is_still or not horizon.is_due(now):
            return False
        for covered in COVERED:
            self._forget_linked(covered)
            self._wait_for(covered, horizon.passed[covered.kind], horizon.seen[covered.kind])
        horizon.passed, horizon.seen, horizon.seen_at = horizon.seen, seen, microseconds(now)
        return True

    def _wait_for(self, covered: Covered, after: int, upto: int) -> None:
        """Rows that are passed without a link: they are not finished, or were not until now."""
        self._chain.save()
        waiting = self._horizon.waiting.setdefault(covered.kind, [])
        waiting += [key for key in covered.find_unlinked(covered.rows, after + 1, upto) if key not in waiting]

    def _forget_linked(self, covered: Covered) -> None:
        """Of those that were waited for keep the ones that have no link yet."""
        self._chain.save()
        waiting: list[int] = []
        for part in in_parts(self._horizon.waiting.get(covered.kind, ())):
            waiting += covered.find_unlinked(covered.rows.filter(pk__in=part), part[0], part[-1])
        self._horizon.waiting[covered.kind] = waiting


def read_horizon() -> Horizon:
    """The last one that the chain has. Raises ValueError where it is unreadable: the audit says more."""
    link = ChainLink.objects.newest_statement(ChainLink.Act.HORIZON)
    content = decode(link.content) if link else {}
    if not content:
        raise ValueError("the chain has no readable horizon: run scanforpay_audit --chain")
    return Horizon.from_json(content, list(BY_KIND))


link_new = ChainFollower()


def link_in_turn() -> bool:
    """The periodic job: of several workers one links at a time, as a rule."""
    fresh = database_now() - timedelta(seconds=FRESH_SECONDS)
    if ChainWriter.objects.filter(at__gt=fresh).exists():
        return False
    return link_new()


def catch_up() -> None:
    """Link all that there is."""
    while link_new():
        continue
