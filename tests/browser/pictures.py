"""Small pictures made by hand, from the formats' documents."""

import math
import struct
import zlib
from collections.abc import Callable


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


Color = tuple[int, int, int]


def _png(width: int, height: int, pixel: Callable[[int, int], Color]) -> bytes:
    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def png(width: int, height: int) -> bytes:
    """A plain surface."""
    return _png(width, height, lambda x, y: (138, 21, 56))


def flower(side: int) -> bytes:
    """A camellia: five petals and a yellow heart."""

    def pixel(x: int, y: int) -> Color:
        across, down = (x - side / 2) / side, (y - side / 2) / side
        far, turn = math.hypot(across, down), math.atan2(down, across) + math.pi / 10
        if far < 0.11:
            return (246, 196, 60)
        if far < 0.2 + 0.2 * abs(math.cos(2.5 * turn)):
            return (200, 40, 82) if abs(math.cos(2.5 * turn)) > 0.25 else (168, 26, 64)
        return (253, 240, 243)

    return _png(side, side, pixel)


def jpeg(width: int, height: int) -> bytes:
    """The segments up to a frame header: JFIF, a table whose marker lies among the frames', then the frame."""
    return (
        b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
        b"\xff\xc4\x00\x05\0\0\0"
        b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, height, width, 3) + bytes(9)
    )


def webp(kind: bytes, width: int, height: int) -> bytes:
    """The head of a lossy ("VP8 "), lossless ("VP8L") or extended ("VP8X") picture."""
    if kind == b"VP8 ":
        body = b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height)
    elif kind == b"VP8L":
        body = b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14)
    else:
        body = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    size = struct.pack("<I", len(body))
    return b"RIFF" + struct.pack("<I", len(body) + 12) + b"WEBP" + kind + size + body
