"""``manage.py scanforpay_worker``: everything that happens in the background, without Celery or Redis."""

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from scanforpay_django.flows.call_handlers import call_handlers
from scanforpay_django.merchant_notify.delivery import drain
from scanforpay_django.operations.worker import periodic_jobs, run_worker


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT; sends under way are finished, then it exits with 0."""

    help = (
        "Delivers notifications to merchants, finds payments that no notification announced, lets orders expire. "
        "Needs neither Celery nor Redis."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then exit")
        parser.add_argument(
            "--sweep-seconds", type=float, default=1.0, help="pause between looks (default 1)"
        )

        parser.add_argument(
            "--parent", type=int, help="end when the process with this number is not the parent any more"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        before = {
            number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            if options["once"]:
                for job in periodic_jobs():
                    # A job that returns True has more to do; a signal ends that too.
                    while job.work() is True and not stop.is_set():
                        continue
                call_handlers()
                self.stdout.write(str(drain(until=stop.is_set)))
            else:
                if options["parent"]:
                    threading.Thread(target=_end_with, args=(options["parent"], stop), daemon=True).start()
                run_worker(stop, sweep_seconds=options["sweep_seconds"], jobs=periodic_jobs())
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _end_with(parent: int, stop: threading.Event) -> None:
    """A parent that was killed cannot end its children: they have another parent then."""
    while not stop.wait(1):
        if os.getppid() != parent:
            stop.set()
