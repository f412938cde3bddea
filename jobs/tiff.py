"""Whether a TIFF is whole: every tile and strip that its directories name has to lie inside the file.

The directories of a cloud-optimised GeoTIFF stand at its beginning, so a file that was cut off opens without complaint.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, Tuple

_OFFSETS = {324: 325, 273: 279}  # tags of tiles and strips: where they lie, and how long they are
_SIZES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}  # types of whole numbers that matter here
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MOST_DIRECTORIES = 100

Entry = Tuple[int, int, bytes]  # type, number of values, place of the values or the values themselves


def is_whole(path: Path) -> bool:
    """False when a part of the pixels, or of the directories, lies beyond the end of the file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            return all(end <= size for directory in _directories(file) for end in _ends(file, directory))
        except (struct.error, EOFError):
            return False


def _directories(file: BinaryIO) -> Iterator[Tuple[str, bool, Dict[int, Entry]]]:
    """Byte order, whether it is a BigTIFF, and the entries of each directory by tag."""
    head = file.read(16)
    order, big = ("<" if head[:2] == b"II" else ">"), head[2:4] in (b"+\0", b"\0+")
    (place,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
    for _ in range(_MOST_DIRECTORIES):
        if not place:
            return
        file.seek(place)
        (count,) = _read(file, order + ("Q" if big else "H"))
        rows = [_read(file, order + ("HHQ8s" if big else "HHI4s")) for _ in range(min(count, 4096))]
        yield order, big, {tag: (kind, number, value) for tag, kind, number, value in rows}
        (place,) = _read(file, order + ("Q" if big else "I"))


def _ends(file: BinaryIO, directory: Tuple[str, bool, Dict[int, Entry]]) -> Iterator[int]:
    """Where each tile or strip ends; those of no length were never written."""
    order, big, entries = directory
    here = file.tell()
    for offsets, lengths in _OFFSETS.items():
        if offsets in entries and lengths in entries:
            starts, sizes = (_numbers(file, order, big, entries[tag]) for tag in (offsets, lengths))
            yield from (start + length for start, length in zip(starts, sizes) if length)
    file.seek(here)


def _numbers(file: BinaryIO, order: str, big: bool, entry: Entry) -> Tuple[int, ...]:
    kind, count, value = entry
    if kind not in _SIZES:
        return ()
    wanted = count * _BYTES[kind]
    if wanted > len(value):
        (place,) = struct.unpack(order + ("Q" if big else "I"), value)
        file.seek(place)
        value = file.read(wanted)
    return struct.unpack(f"{order}{count}{_SIZES[kind]}", value[:wanted])


def _read(file: BinaryIO, form: str) -> Tuple[Any, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))
