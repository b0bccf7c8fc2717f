"""Reads a QR code off the image that a pay page shows: undamaged, upright, drawn and not photographed.

What a phone's camera does with a picture is not needed here: no error is corrected. ISO/IEC 18004 has the rules; the
tables of block sizes are those of segno, which draws the pages' codes.
"""

import base64
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from segno import consts

Modules = list[list[int]]
_PNG = "data:image/png;base64,"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FORMAT_MASK = 0b101010000010010
# where the fifteen bits about mask and error level are, the highest first: row and column
_FORMAT_PLACES = (
    *((8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)),
    *((row, 8) for row in (7, 5, 4, 3, 2, 1, 0)),
)
_MASKS: tuple[Callable[[int, int], bool], ...] = (
    lambda i, j: (i + j) % 2 == 0,
    lambda i, _j: i % 2 == 0,
    lambda _i, j: j % 3 == 0,
    lambda i, j: (i + j) % 3 == 0,
    lambda i, j: (i // 2 + j // 3) % 2 == 0,
    lambda i, j: i * j % 2 + i * j % 3 == 0,
    lambda i, j: (i * j % 2 + i * j % 3) % 2 == 0,
    lambda i, j: ((i + j) % 2 + i * j % 3) % 2 == 0,
)


class UnreadableCode(ValueError):
    """An image holds no code that is read here."""


def read_code(data_uri: str) -> str:
    """The text in a PNG's data: address. Raises UnreadableCode."""
    try:
        modules = _crop(_read_png(base64.b64decode(data_uri.removeprefix(_PNG), validate=True)))
        return _decode_modules(modules)
    except (ValueError, IndexError, KeyError, struct.error, zlib.error) as error:
        raise UnreadableCode(f"the image holds no code: {error}") from error


def _read_png(image: bytes) -> Modules:
    """1 for each dark pixel of an image of two colours."""
    chunks = dict(_chunks(image))
    width, height, depth, color = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    if depth != 1 or color not in (0, 3):
        raise ValueError("not two colours")
    dark = 0
    if color == 3:
        palette = chunks[b"PLTE"]
        dark = min((0, 1), key=lambda index: sum(palette[3 * index : 3 * index + 3]))
    rows = _unfilter(zlib.decompress(chunks[b"IDAT"]), (width + 7) // 8, height)
    return [[int((row[x // 8] >> (7 - x % 8) & 1) == dark) for x in range(width)] for row in rows]


def _unfilter(raw: bytes, stride: int, height: int) -> Iterator[bytes]:
    """The rows of an image: as they are, or as differences to the row above."""
    above = bytes(stride)
    for start in range(0, height * (stride + 1), stride + 1):
        kind, row = raw[start], raw[start + 1 : start + 1 + stride]
        if kind not in (0, 2):
            raise ValueError("a filter that is not read here")
        above = bytes(a + b & 0xFF for a, b in zip(above, row, strict=True)) if kind == 2 else row
        yield above


def _chunks(image: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not image.startswith(_PNG_SIGNATURE):
        raise ValueError("not PNG")
    at = len(_PNG_SIGNATURE)
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        yield image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        at += length + 12


def _crop(pixels: Modules) -> Modules:
    """The code without its margin, one value for each of its squares."""
    top = next(number for number, row in enumerate(pixels) if any(row))
    left = pixels[top].index(1)
    right = len(pixels[top]) - pixels[top][::-1].index(1)
    # the corner's pattern is seven squares wide
    scale = pixels[top][left:].index(0) // 7
    size = (right - left) // scale
    return [
        [pixels[top + row * scale][left + column * scale] for column in range(size)] for row in range(size)
    ]


def _decode_modules(modules: Modules) -> str:
    version, rest = divmod(len(modules) - 17, 4)
    if version < 1 or rest:
        raise ValueError("of no known size")
    bits = 0
    for row, column in _FORMAT_PLACES:
        bits = bits << 1 | modules[row][column]
    level, mask = (bits ^ _FORMAT_MASK) >> 13, (bits ^ _FORMAT_MASK) >> 10 & 0b111
    stream = [modules[row][column] ^ _MASKS[mask](row, column) for row, column in _data_places(version)]
    words = [int("".join(map(str, stream[at : at + 8])), 2) for at in range(0, len(stream) - 7, 8)]
    return _read_text(_in_order(words, version, level), version)


def _data_places(version: int) -> Iterator[tuple[int, int]]:
    """Row and column of each square that carries data: up and down in pairs of columns, from the right."""
    size, up = 17 + 4 * version, True
    for right in (column for column in range(size - 1, 0, -1) if _is_right_of_pair(column)):
        for row in range(size - 1, -1, -1) if up else range(size):
            for column in (right, right - 1):
                if not _is_pattern(row, column, version):
                    yield row, column
        up = not up


def _is_right_of_pair(column: int) -> bool:
    # the pattern in column 6 belongs to no pair
    return column % 2 == 0 if column > 6 else column % 2 == 1


def _is_pattern(row: int, column: int, version: int) -> bool:
    """Whether a square belongs to what every code of this size shows."""
    size = 17 + 4 * version
    if row == 6 or column == 6 or (row < 9 and (column < 9 or column >= size - 8)):
        return True
    if row >= size - 8 and column < 9:
        return True
    if version >= 7 and min(row, column) < 6 and max(row, column) >= size - 11:
        return True
    places = consts.ALIGNMENT_POS[version - 2] if version > 1 else ()
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    near = [(x, y) for x in places for y in places if abs(x - row) <= 2 and abs(y - column) <= 2]
    return any(one not in corners for one in near)


def _in_order(words: list[int], version: int, level: int) -> bytes:
    """The data of all blocks one after another, which are woven into each other in the code."""
    table: Any = consts.ECC
    sizes: list[int] = [one.num_data for one in table[version][level] for _ in range(one.num_blocks)]
    blocks: list[list[int]] = [[] for _ in sizes]
    taken = iter(words)
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(taken))
    return bytes(word for block in blocks for word in block)


def _read_text(data: bytes, version: int) -> str:
    mode, width = data[0] >> 4, 8 if version < 10 else 16
    if mode != consts.MODE_BYTE:
        raise ValueError("not written in bytes")
    number = int.from_bytes(data)
    total = 8 * len(data)
    length = number >> (total - 4 - width) & ((1 << width) - 1)
    end = 4 + width + 8 * length
    if end > total:
        raise ValueError("cut short")
    return (number >> (total - end) & ((1 << 8 * length) - 1)).to_bytes(length).decode()
