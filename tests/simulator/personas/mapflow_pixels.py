"""Small pictures without any imaging library: striped PNG, grey JPEG."""

from __future__ import annotations

import struct
import zlib


def png(side: int, name: str) -> bytes:
    """A square PNG in colours that depend on a name."""
    red, green, blue = zlib.crc32(name.encode()).to_bytes(4, "big")[:3]
    one, other = bytes((red, green, blue)), bytes((red // 2, green // 2, blue // 2))
    rows = [b"\0" + (one if row // 16 % 2 else other) * side for row in range(side)]
    return (b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
            + _chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + _chunk(b"IEND", b""))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def jpeg(side: int) -> bytes:
    """A square grey baseline JPEG; sides in multiples of 8."""
    # one code word each for "same brightness as before" and "nothing finer": a block is two zero bits
    tables = b"".join(_segment(0xC4, bytes((kind, 1)) + bytes(15) + b"\0") for kind in (0x00, 0x10))
    frame = _segment(0xC0, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")
    start = _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    bits = (side // 8) ** 2 * 2
    return (b"\xff\xd8" + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + _segment(0xDB, b"\0" + b"\x10" * 64)
            + frame + tables + start + bytes(bits // 8) + b"\xff\xd9")


def _segment(kind: int, data: bytes) -> bytes:
    return bytes((0xFF, kind)) + struct.pack(">H", len(data) + 2) + data
