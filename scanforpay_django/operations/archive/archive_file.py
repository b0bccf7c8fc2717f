"""The file: gzip members of JSON lines, each member closed by a line with its counts and its digest.

The first member holds the header, each further one a batch, the last one says that the archive is complete. A member is
written in one piece, so that a run that is killed leaves at most one that is cut short, at the end.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from scanforpay_django.exceptions import ScanForPayError
from scanforpay_django.operations.archive.totals import Totals

FORMAT = 1
CHUNK_BYTES = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS
CLOSING = b'{"closing":'


class ArchiveError(ScanForPayError):
    """The archive cannot be written or read; the message says what to do."""


class ArchiveDamaged(ArchiveError):
    """The file is not what was written."""


@dataclass(frozen=True, kw_only=True)
class Member:
    """One gzip member as it was read."""

    # where it begins and ends in the file, in bytes
    start: int
    end: int
    # the JSON lines; of a member that is cut short those that are whole
    lines: list[bytes]
    # the closing line; empty when the member is cut short
    closing: dict[str, Any]

    @property
    def totals(self) -> Totals:
        """Rows and money of what the file holds."""
        return Totals.from_json(self.closing["totals"])

    @property
    def is_last(self) -> bool:
        """Whether the archive ends with it."""
        return bool(self.closing.get("is_last"))


@dataclass
class ArchiveFile:
    """An archive that is open for reading or writing."""

    # without a buffer: what could not be written is not written later
    file: BinaryIO
    name: str
    # where the next member goes
    end: int = 0
    # of the last member that is whole: the next one continues it, so that none can be missing
    chain: str = ""
    totals: Totals = field(default_factory=Totals)
    # the three before the last member
    _before_last: tuple[int, str, Totals] = field(default_factory=lambda: (0, "", Totals()))

    def append(self, lines: Sequence[bytes], totals: Totals, *, is_last: bool = False) -> None:
        """Write a member to the disk and read it back. Raises ArchiveDamaged, OSError."""
        start, data = self.end, b"".join(line + b"\n" for line in lines)
        chain = _continue_chain(self.chain, data)
        closing = {"totals": totals.as_json(), "chain": chain, "is_last": is_last}
        written = gzip.compress(data + encode_line({"closing": closing}) + b"\n")
        try:
            self._write_through(start, written)
            self._read_back(start, lines, closing)
        except (OSError, ArchiveDamaged):
            self.cut_tail()
            raise
        self._count(start + len(written), chain, totals)

    def _write_through(self, start: int, data: bytes) -> None:
        self.file.seek(start)
        left = memoryview(data)
        while left:
            left = left[self.file.write(left) :]
        os.fsync(self.file.fileno())

    def _read_back(self, start: int, lines: Sequence[bytes], closing: dict[str, Any]) -> None:
        member = _read_member(self.file, start)
        if member is None or member.lines != list(lines) or member.closing != closing:
            raise ArchiveDamaged(f"{self.name} does not hold what was written; nothing of it was deleted")
        if member.end != os.fstat(self.file.fileno()).st_size:
            raise ArchiveDamaged(f"{self.name} was changed by another program")
        _check_chain(self.name, self.chain, member)

    def cut_last(self) -> None:
        """Take the last member away, and what follows it."""
        self.end, self.chain, self.totals = self._before_last
        self.cut_tail()

    def cut_tail(self) -> None:
        """Take away what follows the last member that is whole."""
        self.file.truncate(self.end)
        os.fsync(self.file.fileno())

    def _count(self, end: int, chain: str, totals: Totals) -> None:
        self._before_last = (self.end, self.chain, self.totals)
        self.end, self.chain = end, chain
        self.totals = Totals()
        self.totals.add(self._before_last[2])
        self.totals.add(totals)

    def members(self) -> Iterator[Member]:
        """The members from the first, each checked against its digest; one that is cut short comes last, and is not
        counted. Raises ArchiveDamaged.
        """
        self.end, self.chain, self.totals = 0, "", Totals()
        while (member := _read_member(self.file, self.end)) is not None:
            if member.closing:
                _check_chain(self.name, self.chain, member)
                self._count(member.end, member.closing["chain"], member.totals)
            yield member
            if not member.closing:
                return


def encode_line(value: dict[str, Any]) -> bytes:
    """One line of the file, without its end."""
    return json.dumps(value, separators=(",", ":")).encode()


def _continue_chain(chain: str, data: bytes) -> str:
    return hashlib.sha256(chain.encode() + data).hexdigest()


def _check_chain(name: str, chain: str, member: Member) -> None:
    data = b"".join(line + b"\n" for line in member.lines)
    if _continue_chain(chain, data) != member.closing["chain"]:
        raise ArchiveDamaged(f"{name} is damaged at byte {member.start}: the checksum is another one")


def _read_member(file: BinaryIO, start: int) -> Member | None:
    """The member that begins at ``start``; None at the end of the file. Raises ArchiveDamaged."""
    file.seek(start)
    unpacker, parts, read = zlib.decompressobj(GZIP), [], 0
    while not unpacker.eof and (chunk := file.read(CHUNK_BYTES)):
        read += len(chunk)
        try:
            parts.append(unpacker.decompress(chunk))
        except zlib.error as error:
            raise ArchiveDamaged(f"the file is damaged between bytes {start} and {start + read}") from error
    if not read:
        return None
    # A line that is cut short has no end.
    lines = b"".join(parts).split(b"\n")[:-1]
    end = start + read - len(unpacker.unused_data)
    if not unpacker.eof:
        entries = [line for line in lines if not line.startswith(CLOSING)]
        return Member(start=start, end=end, lines=entries, closing={})
    try:
        closing = json.loads(lines.pop())["closing"]
    except (ValueError, LookupError, TypeError) as error:
        raise ArchiveDamaged(f"the file has no closing line before byte {end}: is it an archive?") from error
    return Member(start=start, end=end, lines=lines, closing=closing)
