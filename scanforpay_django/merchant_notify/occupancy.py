"""How one worker's slots are shared: nobody takes all, and what is free is shared anew with each claim."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Occupancy:
    """What a worker has in flight at the moment of a claim, in numbers of sends."""

    # sends that may be on their way quickly, and all that may hang beside them
    slots: int
    most: int
    # by partner: those that are quick so far or not recorded yet, and all of them
    quick: Counter[int] = field(default_factory=Counter)
    all: Counter[int] = field(default_factory=Counter)
    # by endpoint: all of them
    endpoints: Counter[str] = field(default_factory=Counter)

    def add(self, partner_pk: int, endpoint: str, *, is_quick: bool) -> None:
        """One send more; ``is_quick`` as long as it may end soon."""
        self.all[partner_pk] += 1
        self.endpoints[endpoint] += 1
        if is_quick:
            self.quick[partner_pk] += 1

    @property
    def free(self) -> int:
        """How many sends may begin."""
        return min(self.slots - self.quick.total(), self.most - self.all.total())

    def partner_room(self, partner_pk: int) -> int:
        """How many more this partner may have.

        A partner may have as many as stay free: one alone has half, two have a third each, and something is left for
        one more. (So switches share a buffer: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (1998) 130.)
        """
        return min(
            _fair_share(self.slots, self.quick, partner_pk), _fair_share(self.most, self.all, partner_pk)
        )

    def endpoint_room(self, endpoint: str) -> int:
        """How many more may go to one endpoint: half of the slots in all."""
        return max(1, self.slots // 2) - self.endpoints[endpoint]


def _fair_share(total: int, taken: Counter[int], partner_pk: int) -> int:
    own, free = taken[partner_pk], total - taken.total()
    return max((free - own) // 2, min(1, free) if not own else 0)
