"""Who gets how much of a claim. Pure."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import NamedTuple


class Waiting(NamedTuple):
    """An endpoint with due messages."""

    partner_pk: int
    endpoint: str


def share_out(
    limit: int,
    waiting: Iterable[Waiting],
    endpoint_room: Callable[[Waiting], int],
    partner_room: Callable[[int], int],
) -> dict[Waiting, int]:
    """How many messages of each endpoint to take: one of each partner in turn, of its endpoints in turn.

    At most ``limit`` together, and no more of one endpoint or partner than there is room.
    """
    rooms = {one: room for one in waiting if (room := endpoint_room(one)) > 0}
    queues: dict[int, deque[Waiting]] = {}
    for one in rooms:
        queues.setdefault(one.partner_pk, deque()).append(one)
    turns = deque((partner_pk, partner_room(partner_pk)) for partner_pk in queues)
    shares: dict[Waiting, int] = {}
    while turns and limit > 0:
        partner_pk, left = turns.popleft()
        queue = queues[partner_pk]
        if left <= 0 or not queue:
            continue
        one = queue.popleft()
        shares[one] = shares.get(one, 0) + 1
        limit -= 1
        if shares[one] < rooms[one]:
            queue.append(one)
        turns.append((partner_pk, left - 1))
    return shares
