"""A worker in a thread."""

import threading
from typing import Any

from scanforpay_django.operations import worker


def run(stop: threading.Event, **options: Any) -> threading.Thread:
    thread = threading.Thread(
        target=worker.run_worker, args=(stop,), kwargs={"sweep_seconds": 0.05, **options}
    )
    thread.start()
    return thread
