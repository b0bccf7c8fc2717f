"""Merchants that hang, and what all others notice of it. A part of ``benchmarks.delivery``."""

import time
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from benchmarks.merchants import HANGING_NAMES, ask_sink
from benchmarks.sink import HANGING, SLOW
from benchmarks.workers import Workers
from tests.chaos.services import wait_until

if TYPE_CHECKING:
    from benchmarks.backlog import Backlog

HANGING_NETWORK, SLOW_NETWORK = 1, 2
#: messages of one endpoint: always more than may be in flight
EACH = 500
#: how long an endpoint that hangs is watched; the workers give a send up after 15 s
WATCHED_SECONDS = 12.0
#: after so long without an answer the first one is overdue
OVERDUE_SECONDS = 1.0
IN_FLIGHT = 64
HEALTHY = 20
#: one whose endpoints hang, and the healthy ones after it
PARTNERS = 1 + HEALTHY
LONGEST_SECONDS = 60.0


def measure(backlog: "Backlog", workers: Workers, port: int, hanging: int) -> dict[str, Any]:
    """All of them."""
    found = {
        "held": held_from_the_start(backlog, workers, port),
        **after_overdue(backlog, workers, port),
        "hanging": hanging,
        "beside": healthy_beside(backlog, workers, port, hanging, later=False),
        "later": healthy_beside(backlog, workers, port, hanging, later=True),
        "names": healthy_beside(backlog, workers, port, hanging, later=False, names=True),
        "names_later": healthy_beside(backlog, workers, port, hanging, later=True, names=True),
    }
    print(
        f"\nan endpoint that hangs from the start holds {found['held']} sends; one that begins to hang with "
        f"{found['in_flight']} in flight is given {found['after']} after its first overdue answer "
        f"({found['before']} within that second)\n"
        f"{HEALTHY} healthy partners beside {hanging} hanging endpoints of one: all delivered after "
        f"{found['beside']:.2f} s when due together, {found['later']:.2f} s when due 3 s later;\n"
        f"beside {hanging} names that are never resolved: {found['names']:.2f} s and {found['names_later']:.2f} s",
        flush=True,
    )
    return found


def held_from_the_start(backlog: "Backlog", workers: Workers, port: int) -> int:
    """How many requests an endpoint that never answers has open at a time, at the most."""
    from benchmarks.backlog import Shape

    with workers.running():
        backlog.add(Shape(count=EACH, endpoints=1, port=port, network=HANGING_NETWORK))
        workers.wake()
        time.sleep(WATCHED_SECONDS)
        most: dict[str, int] = ask_sink(port, "/report")["most"]
    backlog.clear()
    return max(most.values())


def after_overdue(backlog: "Backlog", workers: Workers, port: int) -> dict[str, int]:
    """What one that begins to hang has in flight then, what comes until its first answer is overdue, and what after."""
    from benchmarks.backlog import Shape

    with workers.running():
        # It answers after 0.3 s: the cap rises as with quick ones, and all that it allows are in flight.
        backlog.add(Shape(count=20 * EACH, endpoints=1, port=port, network=SLOW_NETWORK))
        workers.wake()
        full = wait_until(lambda: _leased() >= IN_FLIGHT, LONGEST_SECONDS, pause=0.02)
        assert full, f"only {_leased()} in flight: {workers.log()}"
        hung_at = ask_sink(port, "/hang")["now"]
        time.sleep(WATCHED_SECONDS)
        came = next(
            moments for key, moments in ask_sink(port, "/report")["came"].items() if key.startswith(SLOW)
        )
    backlog.clear()
    overdue_at = min(came) + OVERDUE_SECONDS
    return {
        "in_flight": sum(moment <= hung_at for moment in came),
        "before": sum(hung_at < moment <= overdue_at for moment in came),
        "after": sum(moment > overdue_at for moment in came),
    }


def _leased() -> int:
    from benchmarks.backlog import waiting

    return int(waiting().filter(lease_until__isnull=False).count())


def healthy_beside(
    backlog: "Backlog", workers: Workers, port: int, hanging: int, *, later: bool, names: bool = False
) -> float:
    """Seconds until each healthy partner's message is delivered, beside so many endpoints of one that hang: after they
    accepted the connection, or (``names``) while their names are resolved.
    """
    from benchmarks.backlog import Shape

    hung = Shape(
        count=5 * hanging,
        endpoints=hanging,
        port=port,
        network=HANGING_NETWORK,
        one_partner=True,
        hanging_names=names,
    )
    healthy = Shape(count=HEALTHY, endpoints=HEALTHY, port=port, first_partner=1)
    with workers.running():
        time.sleep(3)
        workers.stop()
        backlog.add(hung)
        if later:
            workers.wake()
            workers.go_on()
            time.sleep(3)
            workers.stop()
        backlog.add(healthy)
        workers.wake()
        begun = workers.go_on()
        done = wait_until(lambda: not _healthy_wait(), LONGEST_SECONDS, pause=0.01)
        took = time.monotonic() - begun
        assert done, workers.log()
    backlog.clear()
    return took


def _healthy_wait() -> bool:
    from benchmarks.backlog import waiting

    hung = Q(url__startswith=f"http://{HANGING}") | Q(url__contains=HANGING_NAMES)
    return bool(waiting().exclude(hung).exists())
