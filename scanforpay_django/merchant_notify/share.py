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
    take: Callable[[Waiting], bool],
) -> dict[Waiting, int]:
    """How many messages of each endpoint to take: one of each partner in turn, of its endpoints in turn.

    At most ``limit`` together, no more of one endpoint than there is room, and of a partner as long as ``take`` agrees,
    which is asked for each message.
    """
    rooms = {one: room for one in waiting if (room := endpoint_room(one)) > 0}
    queues: dict[int, deque[Waiting]] = {}
    for one in rooms:
        queues.setdefault(one.partner_pk, deque()).append(one)
    turns = deque(queues.values())
    shares: dict[Waiting, int] = {}
    while turns and limit > 0:
        queue = turns.popleft()
        one = queue.popleft()
        if not take(one):
            continue
        shares[one] = shares.get(one, 0) + 1
        limit -= 1
        if shares[one] < rooms[one]:
            queue.append(one)
        if queue:
            turns.append(queue)
    return shares
