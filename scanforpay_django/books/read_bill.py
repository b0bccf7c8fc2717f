"""Reading a bill that is kept: its lines and problems into rows, a few thousand in a transaction.

One transaction for all would hold SQLite's write lock for as long as a file takes.
"""

import logging
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from tempfile import TemporaryFile
from typing import IO

from django.db.models import Q

from scanforpay_django import clock
from scanforpay_django.books.line_writer import (
    analyze_lines,
    fewer_waits,
    open_writer,
    takes_lines_meanwhile,
    write_problems,
)
from scanforpay_django.exceptions import BillRefused
from scanforpay_django.flows.configured_wallet import configure
from scanforpay_django.models import BillFile, BillLine, BillProblem
from scanforpay_django.models.bill_file import BillFileQuerySet
from scanforpay_django.models.database import atomic
from scanforpay_django.wallets.base import Wallet
from scanforpay_django.wallets.bills import values
from scanforpay_django.wallets.bills.reading import BillReading, ReadBlock

logger = logging.getLogger(__name__)

#: a process that has not written for so long has died
STALE = timedelta(minutes=10)
#: problems of a file that may be of another account, or of another day, than it was uploaded for
FOREIGN = (BillProblem.Code.PARTY, BillProblem.Code.DAY)
#: lines of one transaction
TOGETHER = 7000


class _NoLongerOurs(Exception):
    """Another process has taken the bill over."""


def read_bill(bill: BillFile) -> BillFile:
    """The bill with its lines, read by this process or by another one. A bill that cannot be opened, or that is not
    whole, is marked so, with what could be read.
    """
    reader = secrets.token_hex(8)
    if BillFile.objects.claim(bill.pk, reader, clock.now() - STALE):
        try:
            _read(bill, reader)
        except _NoLongerOurs:
            logger.warning("bill %s is read by another process", bill.pk)
    bill.refresh_from_db()
    return bill


def read_again(bill: BillFile) -> BillFile:
    """Once more from the bytes, as after an update of this software."""
    BillFile.objects.filter(pk=bill.pk, state__in=[BillFile.State.READ, BillFile.State.BROKEN]).update(
        state=BillFile.State.STORED
    )
    return read_bill(bill)


def _read(bill: BillFile, reader: str) -> None:
    wallet = configure(bill.account).wallet
    _forget(bill, reader)
    problems = 0
    error = ""
    with _open_on_disk(bill) as packed, fewer_waits():
        reading = BillReading(packed, wallet.bill_types[bill.bill_type].shape, _expected(bill, wallet))
        try:
            for blocks in _divide(reading):
                problems += _write(bill, reader, blocks)
        except BillRefused as refused:
            error = refused.text
    _finish(bill, reader, reading.summary, problems, error)
    analyze_lines(reading.summary.line_count)


@contextmanager
def _open_on_disk(bill: BillFile) -> Iterator[IO[bytes]]:
    """The bytes as a file of this machine. A storage elsewhere may be asked for each part of one, and a part may be
    read while a transaction is open: it would wait for the other side.
    """
    with bill.packed.open("rb") as packed:
        try:
            packed.fileno()
        except (AttributeError, OSError):
            with TemporaryFile() as copied:
                shutil.copyfileobj(packed, copied)
                copied.seek(0)
                yield copied
            return
        yield packed


def _expected(bill: BillFile, wallet: Wallet) -> values.Expected:
    parties = wallet.bill_parties()
    return values.Expected(
        first_day=bill.day,
        last_day=bill.last_day,
        parties=parties.merchants,
        sub_parties=parties.sub_merchants,
    )


def _divide(reading: BillReading) -> Iterator[Iterable[ReadBlock]]:
    """What is written together. The blocks of one are read while it is written where the database works meanwhile."""
    left = iter(reading)
    for first in left:
        blocks = _take(chain([first], left))
        yield blocks if takes_lines_meanwhile() else list(blocks)


def _take(left: Iterator[ReadBlock]) -> Iterator[ReadBlock]:
    number = 0
    for block in left:
        yield block
        number += len(block.lines) + len(block.problems)
        if number >= TOGETHER:
            return


def _forget(bill: BillFile, reader: str) -> None:
    """What a reader that died has left."""
    with atomic():
        _check(bill, reader)
        BillLine.objects.filter(file=bill).delete()
        BillProblem.objects.filter(file=bill).delete()


def _write(bill: BillFile, reader: str, blocks: Iterable[ReadBlock]) -> int:
    """How many problems they have."""
    problems: list[values.BillProblem] = []
    with atomic():
        _check(bill, reader)
        with open_writer(bill.pk) as write:
            for block in blocks:
                if block.lines:
                    write(block.lines)
                problems += block.problems
        return write_problems(bill.pk, problems) if problems else 0


def _check(bill: BillFile, reader: str) -> None:
    if not BillFile.objects.hold(bill.pk, reader):
        raise _NoLongerOurs


def _finish(bill: BillFile, reader: str, summary: values.BillSummary, problems: int, error: str) -> None:
    # What nothing in the file shows, the platform's own hash may: it was compared when the bill was fetched.
    is_whole = summary.is_whole if summary.is_whole is not None else True if bill.platform_hash else None
    is_broken = bool(error) or is_whole is False
    with atomic():
        BillFile.objects.lock_versions(bill)
        _check(bill, reader)
        BillFile.objects.filter(pk=bill.pk).update(
            state=BillFile.State.BROKEN if is_broken else BillFile.State.READ,
            is_whole=False if error else is_whole,
            error=error,
            head=summary.head,
            totals=summary.totals,
            line_count=summary.line_count,
            unread_count=summary.unread_count,
            problem_count=problems,
            read_at=clock.now(),
            reader="",
            fees_posted_at=None,
            fees_due_at=None,
        )
        if not is_broken:
            _supersede(bill)


def _supersede(bill: BillFile) -> None:
    """It takes the place of what came before it; a broken one never does. An upload gives way to what was fetched, and
    one with lines of another merchant or day to any other that is read: neither may hide what the platform said.
    """
    others = BillFile.objects.versions(bill).exclude(pk=bill.pk)
    if bill.source == BillFile.Source.UPLOAD:
        counts = _find_better(bill, others)
        if counts is not None:
            BillFile.objects.filter(pk=bill.pk).update(superseded_by=counts)
            return
        others.current().filter(pk__lt=bill.pk).update(superseded_by=bill.pk)
        return
    uploads = list(others.filter(source=BillFile.Source.UPLOAD).values_list("pk", flat=True))
    BillFile.objects.filter(pk=bill.pk, superseded_by__in=uploads).update(superseded_by=None)
    others.current().filter(Q(pk__lt=bill.pk) | Q(pk__in=uploads)).update(superseded_by=bill.pk)


def _find_better(upload: BillFile, others: "BillFileQuerySet") -> BillFile | None:
    read = others.current().filter(state=BillFile.State.READ)
    if not upload.problems.filter(code__in=FOREIGN).exists():
        read = read.filter(source=BillFile.Source.API)
    return read.order_by("pk").last()
