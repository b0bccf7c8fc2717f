"""Small pictures made by hand, from the formats' documents."""

import struct
import zlib


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, color: tuple[int, int, int] = (138, 21, 56)) -> bytes:
    """A round spot of one colour on white."""

    def pixel(x: int, y: int) -> bytes:
        inside = (2 * x - width) ** 2 + (2 * y - height) ** 2 < (0.8 * min(width, height)) ** 2
        return bytes(color if inside else (255, 255, 255))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(rows))
        + _chunk(b"IEND", b"")
    )


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
