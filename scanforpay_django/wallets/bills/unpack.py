"""A bill's bytes as they came -> its files, one after the other, whatever they are packed in. Nothing is written."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from scanforpay_django.exceptions import BillRefused
from scanforpay_django.wallets.bills.blocks import is_utf_16

#: of one bill, unpacked: a day of ten million trades
MAX_UNPACKED = 4 << 30
#: text packs to a tenth, made-up text to a hundredth; what is smaller than FREE may be packed as it likes
MAX_RATIO, FREE = 200, 64 << 20
MAX_PARTS = 200
#: members of one gzip stream: empty ones give no bytes that could be counted, and take time
MAX_MEMBERS = 10_000
_CHUNK = 1 << 16
_GZIP, _ZIP, _OLD_OFFICE, _PDF = b"\x1f\x8b", b"PK", b"\xd0\xcf\x11\xe0", b"%PDF"
_ENCRYPTED = 0x1
_UTF_8_NAME = 0x800


class Part(NamedTuple):
    """One file of a bill."""

    # as the archive names it, "" where there is no archive
    name: str
    file: IO[bytes]


class _Limited:
    """A file that may give so many bytes and no more."""

    def __init__(self, size: int) -> None:
        self._left = min(MAX_UNPACKED, max(FREE, size * MAX_RATIO))

    def count(self, block: bytes) -> bytes:
        """The block. Raises BillRefused for one too many."""
        self._left -= len(block)
        if self._left < 0:
            raise BillRefused(BillRefused.TOO_LARGE)
        return block


class _Counted:
    """Reads as a file does, and counts."""

    def __init__(self, file: IO[bytes], limit: _Limited) -> None:
        self._file, self._limit = file, limit

    def read(self, size: int = -1) -> bytes:
        try:
            return self._limit.count(self._file.read(size))
        except _TORN as error:
            raise BillRefused(BillRefused.TORN) from error

    def readline(self, size: int = -1) -> bytes:
        try:
            return self._limit.count(self._file.readline(size))
        except _TORN as error:
            raise BillRefused(BillRefused.TORN) from error


class _Gunzipped:
    """A gzip stream of one or several members. Raises BillRefused where it is torn."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._member = zlib.decompressobj(wbits=31)
        self._members = 1
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        wanted = size if size > 0 else _CHUNK
        while not self._ready and (packed := self._next_packed()):
            self._ready = self._inflate(packed, wanted)
        found, self._ready = self._ready[:wanted], self._ready[wanted:]
        return found

    def readline(self, size: int = -1) -> bytes:
        block = self.read(size)
        line, feed, rest = block.partition(b"\n")
        self._ready = rest + self._ready
        return line + feed

    def _next_packed(self) -> bytes:
        if self._member.unconsumed_tail and not self._member.eof:
            return self._member.unconsumed_tail
        if self._member.eof:
            rest = self._member.unused_data.lstrip(b"\0") or self._file.read(_CHUNK).lstrip(b"\0")
            if rest:
                self._begin_member()
            return rest
        packed = self._file.read(_CHUNK)
        if not packed:
            raise BillRefused(BillRefused.TORN)
        return packed

    def _begin_member(self) -> None:
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise BillRefused(BillRefused.TOO_LARGE)
        self._member = zlib.decompressobj(wbits=31)

    def _inflate(self, packed: bytes, size: int) -> bytes:
        try:
            return self._member.decompress(packed, size)
        except zlib.error as error:
            raise BillRefused(BillRefused.TORN) from error


# What zipfile raises for archives that are torn, or of a compression that is not known.
_TORN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, RuntimeError, LookupError,
)  # fmt: skip
# The others unpack a block to any size at once, and no platform uses them.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def open_parts(packed: IO[bytes]) -> Iterator[Part]:
    """The files of a bill: one, or those of a zip. Raises BillRefused with a text for people."""
    packed.seek(0)
    beginning = packed.read(8)
    size = packed.seek(0, 2)
    packed.seek(0)
    if beginning.startswith(_ZIP):
        yield from _open_zip(packed, _Limited(size))
    elif beginning.startswith((_OLD_OFFICE, _PDF)):
        raise BillRefused(BillRefused.SPREADSHEET)
    elif is_utf_16(beginning):
        raise BillRefused(BillRefused.UTF_16)
    else:
        source: object = _Gunzipped(packed) if beginning.startswith(_GZIP) else packed
        yield Part("", _Counted(source, _Limited(size)))  # type: ignore[arg-type]


def _open_zip(packed: IO[bytes], limit: _Limited) -> Iterator[Part]:
    with _reading_zip():
        archive = zipfile.ZipFile(packed)
        infos = [info for info in archive.infolist() if not info.is_dir()]
    _check_entries(infos)
    with archive:
        for info in infos:
            with _reading_zip():
                file = archive.open(info)
            with file:
                yield Part(_name(info), _Counted(file, limit))  # type: ignore[arg-type]


def _check_entries(infos: list[zipfile.ZipInfo]) -> None:
    names = [_name(info) for info in infos]
    if "[Content_Types].xml" in names:
        raise BillRefused(BillRefused.SPREADSHEET)
    if not infos or len(infos) > MAX_PARTS:
        raise BillRefused(BillRefused.NO_FILES)
    for info, name in zip(infos, names, strict=True):
        if info.flag_bits & _ENCRYPTED:
            raise BillRefused(BillRefused.ENCRYPTED)
        if info.compress_type not in _COMPRESSIONS:
            raise BillRefused(BillRefused.TORN)
        # Nothing is ever written under these names; an archive that has them was made to do harm.
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise BillRefused(BillRefused.UNSAFE)
        if name.lower().endswith((".zip", ".gz", ".7z", ".rar")):
            raise BillRefused(BillRefused.NESTED)
    if sum(info.file_size for info in infos) > MAX_UNPACKED:
        raise BillRefused(BillRefused.TOO_LARGE)


def _name(info: zipfile.ZipInfo) -> str:
    """Without the UTF-8 flag names are GBK, which zipfile reads as CP437."""
    if info.flag_bits & _UTF_8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030", "replace")
    except UnicodeEncodeError:
        return info.filename


@contextmanager
def _reading_zip() -> Iterator[None]:
    try:
        yield
    except _TORN as error:
        raise BillRefused(BillRefused.TORN) from error
