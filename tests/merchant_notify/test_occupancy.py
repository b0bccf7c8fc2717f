"""One partner cannot starve another: slots are shared, and the look-ups of names."""

import socket
import threading
from typing import Any

import pytest

from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.merchant_notify.occupancy import Occupancy
from scanforpay_django.models import Notification
from tests.rows import Rows
from tests.transport.zoo import Zoo


@pytest.mark.parametrize(("hostile", "each"), [(1, 32), (2, 21), (3, 16), (9, 6)])
def test_what_is_free_is_shared_by_those_who_want_it(hostile: int, each: int) -> None:
    occupancy = Occupancy(slots=64, most=512)
    for _ in range(200):
        for partner_pk in range(hostile):
            if occupancy.partner_room(partner_pk) > 0:
                occupancy.add(partner_pk, "e", is_quick=True)
    assert abs(max(occupancy.quick.values()) - each) <= 1
    assert occupancy.partner_room(999) >= 1
    assert occupancy.free >= 1


def test_what_hangs_is_shared_too() -> None:
    occupancy = Occupancy(slots=64, most=512)
    while occupancy.partner_room(1) > 0:
        occupancy.add(1, "e", is_quick=False)
    assert occupancy.all[1] == 256
    assert occupancy.partner_room(2) == 32


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
