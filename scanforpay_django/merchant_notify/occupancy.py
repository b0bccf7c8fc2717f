"""How one worker's slots are shared: no endpoint takes all, and what is free is shared anew with each message."""

from collections import Counter


class Occupancy:
    """What a worker has in flight at the moment of a claim, in numbers of sends."""

    def __init__(self, *, slots: int, most: int) -> None:
        """``slots``: sends that may be on their way quickly; ``most``: all, with those that may hang beside them."""
        self._slots = slots
        self._most = most
        # by partner: those that are quick so far or not recorded yet, and all of them
        self._quick: Counter[int] = Counter()
        self._all: Counter[int] = Counter()
        self._quick_sum = self._all_sum = 0
        self._endpoints: Counter[str] = Counter()

    def add(self, partner_pk: int, endpoint: str, *, is_quick: bool) -> None:
        """One send more; ``is_quick`` as long as it may end soon."""
        self._all[partner_pk] += 1
        self._all_sum += 1
        self._endpoints[endpoint] += 1
        if is_quick:
            self._quick[partner_pk] += 1
            self._quick_sum += 1

    def remove(self, partner_pk: int, endpoint: str, number: int) -> None:
        """So many fewer of those that were quick so far."""
        self._all[partner_pk] -= number
        self._all_sum -= number
        self._endpoints[endpoint] -= number
        self._quick[partner_pk] -= number
        self._quick_sum -= number

    @property
    def free(self) -> int:
        """How many sends may begin."""
        return min(self._slots - self._quick_sum, self._most - self._all_sum)

    def has_room(self, partner_pk: int) -> bool:
        """Whether this partner may have one more.

        A partner may have as many as stay free: one alone has half, two have a third each, and something is left for
        one more. (So switches share a buffer: Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (1998) 130.)
        """
        quick, whole = self._quick[partner_pk], self._all[partner_pk]
        is_fair = quick < self._slots - self._quick_sum and whole < self._most - self._all_sum
        return self.free > 0 and (is_fair or not whole)

    def endpoint_room(self, endpoint: str) -> int:
        """How many more may go to one endpoint: half of the slots in all."""
        return max(1, self._slots // 2) - self._endpoints[endpoint]
