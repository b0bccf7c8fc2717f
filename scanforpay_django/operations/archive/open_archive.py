"""Open an archive: a new one, one that a killed run left, or one to be read."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from scanforpay_django.models import Order
from scanforpay_django.operations.archive.archive_file import ArchiveError, ArchiveFile, Member
from scanforpay_django.operations.archive.entries import Entry, Header
from scanforpay_django.operations.archive.totals import Totals

# The file holds what customers bought and from which account they paid.
OWNER_ONLY = 0o600


@contextmanager
def open_for_writing(path: Path, before: datetime) -> Iterator[ArchiveFile]:
    """A new archive, or one that a run with the same ``before`` did not complete. Raises ArchiveError, OSError."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, OWNER_ONLY)
    with os.fdopen(handle, "r+b", buffering=0) as file:
        _lock(file.fileno(), path)
        archive = ArchiveFile(file=file, name=path.name)
        header = Header.new(before)
        if os.fstat(file.fileno()).st_size:
            _go_on(archive, header)
            os.fchmod(file.fileno(), OWNER_ONLY)
        else:
            archive.append([header.line()], Totals())
            _sync_folder(path)
        yield archive


def _lock(handle: int, path: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ArchiveError(f"another run writes {path.name}: wait for its end") from error


def _sync_folder(path: Path) -> None:
    """Until then a file that was made just now may be gone after a power failure."""
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _go_on(archive: ArchiveFile, wanted: Header) -> None:
    """Leave the file with whole members only, none of whose orders is in the database."""
    members = archive.members()
    found = Header.read(next(members, None))
    last: Member | None = None
    for member in members:
        _check_archived(archive, last)
        last = member
    if last is not None and last.is_last:
        raise ArchiveError(f"{archive.name} is a complete archive: give another name")
    if (found.before, found.fields) != (wanted.before, wanted.fields):
        raise ArchiveError(
            f"{archive.name} was begun by version {found.version} for orders before {found.before}: "
            "go on with the same version and date, or give another name"
        )
    if last is not None:
        _finish_last(archive, last)


def _check_archived(archive: ArchiveFile, member: Member | None) -> None:
    """No order of a batch that another one follows is in the database."""
    if member is not None and (there := _count_in_database(member)):
        raise ArchiveError(
            f"{there} orders of {archive.name} are in the database again: they were imported, or the database was "
            "restored. Give another name"
        )


def _finish_last(archive: ArchiveFile, last: Member) -> None:
    """A batch is deleted in one transaction: its orders are in the database, all or none. Where they are, the run ended
    between the file and the database, and what changed since would be missing in the file: it is written anew.
    """
    there = _count_in_database(last)
    if there == len(last.lines):
        if last.closing:
            archive.cut_last()
        else:
            archive.cut_tail()
    elif not last.closing:
        raise ArchiveError(
            f"{archive.name} is cut short at byte {last.end}, and orders that it holds there are not in the database: "
            "this is not the whole file. It is left as it is"
        )
    else:
        _check_archived(archive, last)


def _count_in_database(member: Member) -> int:
    numbers = [Entry.read(line).order_no for line in member.lines]
    return Order.objects.filter(order_no__in=numbers).count()


@contextmanager
def open_for_reading(path: Path) -> Iterator[tuple[Header, ArchiveFile, Iterator[Member]]]:
    """The header and the members after it. Raises ArchiveError, OSError."""
    with path.open("rb", buffering=0) as file:
        archive = ArchiveFile(file=file, name=path.name)
        members = archive.members()
        header = Header.read(next(members, None))
        yield header, archive, members
