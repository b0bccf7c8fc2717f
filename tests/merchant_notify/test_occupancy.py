"""One partner cannot starve another: slots are shared, and the look-ups of names."""

import socket
import threading
from collections import Counter
from typing import Any

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.transport.zoo import Zoo


def fill(occupancy: Occupancy, partners: range, *, is_quick: bool) -> Counter[int]:
    """As many as each of them is given, in turns."""
    taken: Counter[int] = Counter()
    while hungry := [one for one in partners if occupancy.has_room(one)]:
        for one in hungry:
            if occupancy.has_room(one):
                occupancy.add(one, "e", is_quick=is_quick)
                taken[one] += 1
    return taken


@pytest.mark.parametrize(("hostile", "each"), [(1, 32), (2, 22), (3, 16), (9, 7)])
def test_what_is_free_is_shared_by_those_who_want_it(hostile: int, each: int) -> None:
    occupancy = Occupancy(slots=64, most=512)
    taken = fill(occupancy, range(hostile), is_quick=True)
    assert max(taken.values()) == each
    assert min(taken.values()) >= each - 1
    assert occupancy.has_room(999)
    assert occupancy.free >= 64 // (hostile + 1) - 1


def test_what_hangs_is_shared_too() -> None:
    occupancy = Occupancy(slots=64, most=512)
    assert fill(occupancy, range(1), is_quick=False) == {0: 256}
    assert fill(occupancy, range(1, 2), is_quick=True) == {1: 32}


def test_everybody_has_one_while_anything_is_free() -> None:
    occupancy = Occupancy(slots=4, most=8)
    assert fill(occupancy, range(9), is_quick=True).total() == 4
    assert occupancy.free == 0
    assert not occupancy.has_room(10)


@pytest.mark.django_db(transaction=True)
def test_names_that_hang_by_the_hundred_stop_nobody_else(
    rows: Rows, zoo: Zoo, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SCANFORPAY_NOTIFY_DEADLINE_SECONDS = 2
    real, release = socket.getaddrinfo, threading.Event()

    def look(host: str, *args: Any, **options: Any) -> Any:
        return release.wait(30) and [] if host.startswith("hanging") else real("127.0.0.1", *args, **options)

    hostile = rows.store()
    for number in range(300):
        rows.notification(f"http://hanging{number}.example/", hostile)
    port = zoo.answering(b"success").rpartition(":")[2]
    healthy = [
        rows.notification(f"http://name{number}.localhost:{port}", rows.store()) for number in range(20)
    ]
    monkeypatch.setattr(socket, "getaddrinfo", look)
    try:
        drain(max_seconds=30, until=lambda: len(zoo.requests) >= len(healthy))
    finally:
        release.set()
    attempts = Notification.objects.filter(pk__in=[row.pk for row in healthy])
    assert set(attempts.values_list("state", "attempt_count")) == {("delivered", 1)}
