"""The kill storm: ``python -m tests.chaos.kill_storm [--embedded | --mariadb] [--notices N] [--kills N] ...``.

Settling transactions are committed and rolled back while the workers' whole group is SIGKILLed over and over, Redis is
flushed, PostgreSQL is stopped without a checkpoint, and merchants answer 500 now and then. Then every event is
accounted for, and the ledger, which those workers posted, is compared with the payments and read by bean-check. Exits
with 1 when the promise does not hold.

A killed worker leaves at most its slots (8) in doubt, so duplicates are never more than kills times slots; how large a
part of the notices that is depends on how long workers take to start, for then they have a backlog to work off.
"""

import os
import random
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import django

from tests.chaos.services import ROOT, Group, MariaDB, Postgres, Redis, sink_process, wait_until

#: of one worker, tests.chaos.settings
SLOTS = 8
LEDGER_SECONDS = 150


def _options() -> Namespace:
    parser = ArgumentParser(description=__doc__)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--embedded", action="store_true", help="SQLite and scanforpay_worker, no broker")
    where.add_argument("--mariadb", action="store_true", help="MariaDB in the place of PostgreSQL")
    parser.add_argument("--notices", type=int)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--flushes", type=int, default=5)
    parser.add_argument("--crashes", type=int, default=4, help="the database stopped as by a power cut")
    parser.add_argument("--rate", type=float, default=60.0, help="notices a second")
    parser.add_argument(
        "--deadline", type=float, default=15.0, help="of a send; the lease is four times that"
    )
    parser.add_argument("--most-duplicates", type=float, default=0.03, help="a part of the notices")
    options = parser.parse_args()
    options.notices = options.notices or (5000 if options.embedded else 10000)
    options.kills = options.kills or (25 if options.embedded else 50)
    return options


class Storm:
    """One run."""

    def __init__(self, options: Namespace, stack: ExitStack) -> None:
        self.options = options
        self.directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storm-")))
        self.journal = self.directory / "journal"
        self.log = self.directory / "workers.log"
        env = {"DJANGO_SETTINGS_MODULE": "tests.chaos.settings", "STORM_DEADLINE": str(options.deadline)}
        self.troubles: list[Callable[[], None]] = []
        if options.embedded:
            env |= {
                "DEMO_DATABASE": str(self.directory / "storm.sqlite3"),
                "DATABASE_URL": "",
                "REDIS_URL": "",
            }
            commands = [[sys.executable, "manage.py", "scanforpay_worker", "--sweep-seconds", "0.5"]]
        else:
            database = stack.enter_context(MariaDB() if options.mariadb else Postgres())
            redis = stack.enter_context(Redis())
            env |= {"DATABASE_URL": database.url, "REDIS_URL": redis.url}
            self.troubles = [redis.flush] * options.flushes + [database.crash] * options.crashes
            random.shuffle(self.troubles)
            celery = [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "demo_project",
                "worker",
                "-c",
                "1",
                "-l",
                "error",
            ]
            beat = ["--beat", "-s", str(self.directory / "beat")]
            commands = [[*celery, "-n", "a@storm", *beat], [*celery, "-n", "b@storm"]]
        os.environ.update(env)
        self.group = Group(*commands, env={**os.environ, "PYTHONPATH": str(ROOT)}, log=self.log)
        stack.callback(self.group.kill)
        self.origin = stack.enter_context(
            sink_process(self.journal, "--five-hundreds", "0.02", "--seconds", "0.02")
        )

    def received(self) -> int:
        """How many requests the sink saw."""
        return self.journal.read_bytes().count(b"\n")

    def kill_again_and_again(self) -> None:
        """Each group dies at any moment after its first deliveries, while it works off a backlog or later."""
        every = self.options.notices / self.options.rate / self.options.kills
        for _ in range(self.options.kills):
            before = self.received()
            wait_until(lambda before=before: self.received() > before + 3, 15)  # type: ignore[misc]
            time.sleep(random.uniform(0.05, max(0.8, every)))
            self.group.kill()
            self.group.start()

    def trouble(self) -> None:
        """Flushes and crashes, spread over the storm."""
        every = self.options.notices / self.options.rate / (len(self.troubles) + 1)
        for trouble in self.troubles:
            time.sleep(every)
            trouble()


def run(options: Namespace) -> bool:
    """The storm and its account, printed; whether the promise holds."""
    with ExitStack() as stack:
        storm = Storm(options, stack)
        django.setup()
        from django.core.management import call_command

        from tests.chaos import books, events

        call_command("migrate", verbosity=0)
        accounts, ledger = books.open_accounts(events.seed(40)), events.Ledger()
        storm.group.start()
        threads = [threading.Thread(target=work) for work in (storm.kill_again_and_again, storm.trouble)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        number = 0
        while len(ledger.committed) < options.notices or any(thread.is_alive() for thread in threads):
            number += 1
            account, amount = random.choice(accounts), random.randint(1, 100_000)
            order = events.paid_order(account.store, f"{storm.origin}/n", number, amount)
            ledger.write(order, account, roll_back=events.rolls_back())
            time.sleep(max(0.0, begun + number / options.rate - time.monotonic()))
        written = time.monotonic() - begun
        waiting = events.Notification.objects.exclude(state="delivered")
        wait_until(lambda: not waiting.exists(), 5 * options.deadline + 60, pause=0.5)
        took = time.monotonic() - begun
        # Celery's beat says every minute that the ledger is to be posted, and what it said may be lost with Redis.
        wait_until(lambda: bool(books.Posting.objects.exists()), LEDGER_SECONDS, pause=0.5)
        storm.group.kill()
        holds = _report(storm, events, ledger, written, took)
        return _report_books(books.find_faults(storm.directory)) and holds


def _report_books(faults: list[str]) -> bool:
    print(f"  faults in the ledger, by the payments and by bean-check: {len(faults)}")
    for fault in faults[:20]:
        print(f"    {fault}")
    return not faults


def _report(storm: Storm, events: object, ledger: object, written: float, took: float) -> bool:
    account = events.account(ledger, events.read_journal(storm.journal))  # type: ignore[attr-defined]
    log = storm.log.read_text(errors="replace")
    locked = log.count("database is locked") + sum("locked" in text for text in ledger.errors)  # type: ignore[attr-defined]
    options = storm.options
    server = "MariaDB" if options.mariadb else "PostgreSQL"
    kind = "SQLite, scanforpay_worker" if options.embedded else f"{server}, Redis, two Celery workers"
    print(f"{kind}: {account.committed} notices committed in {written:.0f} s, all settled after {took:.0f} s")
    print(f"  SIGKILLs of the group {options.kills}; rolled back {len(ledger.rolled_back)}")  # type: ignore[attr-defined]
    if not options.embedded:
        print(f"  FLUSHALLs {options.flushes}; immediate restarts of PostgreSQL {options.crashes}")
        print(f"  commits whose answer was lost {ledger.unknown}")  # type: ignore[attr-defined]
    print(f"  lost {account.lost}; not settled {account.not_settled}")
    print(f"  sent without commit {account.without_commit}; before commit {account.before_commit}")
    share = 100 * account.duplicates / account.committed
    slots = SLOTS * (1 if options.embedded else 2)
    in_doubt = slots * (options.kills + (0 if options.embedded else options.crashes))
    print(
        f"  duplicates {account.duplicates} ({share:.2f}%, kills times slots {in_doubt}), "
        f"not byte-identical {account.changed_duplicates}"
    )
    print(f"  “database is locked” {locked}")
    holds = account.holds(options.most_duplicates) and account.duplicates <= in_doubt
    holds = holds and (not options.embedded or not locked)
    if not holds:
        print(log[-3000:], file=sys.stderr)
    return bool(holds)


if __name__ == "__main__":
    holds = run(_options())
    print("the promise holds" if holds else "THE PROMISE IS BROKEN")
    sys.exit(0 if holds else 1)
