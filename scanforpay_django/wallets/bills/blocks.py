"""A file's bytes as lines of text, in blocks: split at the line feed alone, as others are part of a title."""

import codecs
from collections.abc import Iterator
from typing import IO

BLOCK = 1 << 18
#: a longer one is not kept
MAX_LINE = 1 << 16
_BOM = "\ufeff"
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Before a line that was too long: no shape reads it.
_TOO_LONG = "\0"


class TextBlocks:
    """The lines of one file. Memory does not grow with the file, nor with a line that never ends."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._encoding = ""
        self.first = 1
        #: whether the last byte was a line feed; known when all blocks have been read
        self.ends_with_line = False

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        """(number of the first line, lines) block by block. What stands behind the last line feed is a line too."""
        rest = b""
        while block := self._file.read(BLOCK):
            whole, feed, rest = (rest + block).rpartition(b"\n")
            self.ends_with_line = not rest
            if feed:
                yield self._decode(whole)
            elif len(rest) > MAX_LINE:
                yield from self._skip(rest)
                rest = b""
        if rest:
            yield self._decode(rest)

    def _skip(self, beginning: bytes) -> Iterator[tuple[int, list[str]]]:
        """A line that is too long: its beginning stands for it."""
        kept = _TOO_LONG.encode() + beginning[:MAX_LINE]
        while part := self._file.readline(BLOCK):
            if part.endswith(b"\n"):
                self.ends_with_line = True
                break
        yield self._decode(kept)

    def _decode(self, raw: bytes) -> tuple[int, list[str]]:
        if not self._encoding:
            self._encoding = _find_encoding(raw)
        try:
            lines = raw.decode(self._encoding).replace("\r\n", "\n").split("\n")
        except UnicodeDecodeError:
            # Line by line, so that one wrong byte costs one line.
            lines = [_decode_line(line, self._encoding) for line in raw.split(b"\n")]
        lines[-1] = lines[-1].removesuffix("\r")
        if self.first == 1:
            lines[0] = lines[0].removeprefix(_BOM)
        first = self.first
        self.first += len(lines)
        return first, lines


def _find_encoding(beginning: bytes) -> str:
    """The one in which fewer lines do not read."""
    lines = beginning.split(b"\n")
    return min(("utf-8", "gb18030"), key=lambda encoding: sum(not _reads(line, encoding) for line in lines))


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decode_line(raw: bytes, encoding: str) -> str:
    return raw.removesuffix(b"\r").decode(encoding, "backslashreplace")


def is_utf_16(beginning: bytes) -> bool:
    """Spreadsheets save "Unicode text" so."""
    return beginning.startswith(_UTF_16)
