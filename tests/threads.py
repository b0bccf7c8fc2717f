"""Work that is done at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def raced(number: int, work: Callable[[], Any]) -> list[Any]:
    """What ``work`` returned in ``number`` threads that began at the same moment."""
    gate = threading.Barrier(number)
    results: list[Any] = []

    def run() -> None:
        try:
            gate.wait()
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
