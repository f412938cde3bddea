"""What became of a job that the service no longer knows: its files, its error report, or neither, by what lies in the bucket."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, Mapping, Optional, Tuple

from .. import replies
from ..errors import Cancelled, ConfigError, NotFound, ServiceProblem
from ..object_storage import NoBucket, Place, StorageRefused, Store, Stored

ERROR = "error.json"
GRACE = 15 * 60.0  # s at our pace from the first 404 until a job without files counts as unresolved
UNREADABLE = 120.0  # s at our pace in which storage that refuses is asked again
SETTLED = 5.0  # s at our pace between the two looks that have to agree
_MOST_COPY = 4 * 1024 * 1024
_FAMILIES = {"tif": ("tif", "tiff"), "png": ("png",), "jpg": ("jpg", "jpeg"), "json": ("json",)}
_SIGNS = {"tif": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",)}
_COST = re.compile(r"pu|processing.?units?|cost", re.IGNORECASE)


@dataclass(frozen=True)
class Look:
    """What lies in a job's folder. `found` by expected name; `others` are neither results nor error reports; `problem` refused the look."""

    found: Mapping[str, Stored] = field(default_factory=dict)
    missing: Tuple[str, ...] = ()
    error: Optional[str] = None
    others: Tuple[Stored, ...] = ()
    problem: Optional[ServiceProblem] = None

    @property
    def complete(self) -> bool:
        return not self.missing and all(item.size > 0 for item in self.found.values())

    def same(self, other: Look) -> bool:
        """Whether the results are the same, to the byte as far as a listing tells."""
        return {name: (item.size, item.mark) for name, item in self.found.items()} == {
            name: (item.size, item.mark) for name, item in other.found.items()
        }

    @property
    def finished_at(self) -> str:
        return max((item.modified for item in self.found.values()), default="")


def look(store: Store, folder: Place, expected: Tuple[str, ...]) -> Look:
    """One look into a job's folder. Raises Cancelled only; what else goes wrong is the look's problem."""
    try:
        return _listed(store, folder, expected)
    except StorageRefused as problem:
        if problem.fatal:
            return Look(missing=expected, problem=problem)
        return _asked_one_by_one(store, folder, expected, problem)
    except Cancelled:
        raise
    except ServiceProblem as problem:
        return Look(missing=expected, problem=problem)


def is_fatal(problem: ServiceProblem) -> bool:
    """Whether asking again does not help."""
    return isinstance(problem, (NoBucket, ConfigError)) or (isinstance(problem, StorageRefused) and problem.fatal)


def wrong_content(store: Store, seen: Look, size: Tuple[int, int]) -> str:
    """Why the files are not what was asked for, "" when they are. Reads a few kilobytes. Raises what reading raises."""
    for name, item in seen.found.items():
        kind = name.rpartition(".")[2]
        head = store.read(item.key, 0, 16 * 1024 if kind != "json" else _MOST_COPY)
        if kind == "json":
            try:
                json.loads(head)
            except ValueError:
                return f"{name} is not valid JSON."
        elif not head.startswith(_SIGNS[kind]):
            return f"{name} is no {kind.upper()} file."
        elif kind == "tif" and size[0]:
            found = _tiff_size(store, item.key, head)
            if found != size:
                told = "cannot be read" if found is None else f"has {found[0]} × {found[1]} pixels"
                return f"{name} {told}; {size[0]} × {size[1]} were asked for."
    return ""


def reported_cost(store: Store, seen: Look) -> Optional[float]:
    """The cost that the service wrote into its copy of the request, when exactly one number is one.

    The copy may hold the storage's secrets, so it goes no further than this.
    """
    copies = [item for item in seen.others if item.key.endswith(".json") and item.size <= _MOST_COPY]
    numbers = [number for item in copies for number in _costs(_copy(store, item))]
    return numbers[0] if len(numbers) == 1 else None


def _copy(store: Store, item: Stored) -> Any:
    try:
        return json.loads(store.read(item.key, 0, _MOST_COPY))
    except (ValueError, NotFound, StorageRefused):
        return None


def said(text: bytes) -> str:
    """The message of an error report, whatever its shape."""
    plain = text.decode("utf-8", "replace").strip()
    try:
        told: Any = json.loads(plain)
    except ValueError:
        told = None
    inner = told.get("error") if isinstance(told, Mapping) else None
    report = inner if isinstance(inner, Mapping) else told
    if isinstance(report, Mapping):
        for name in ("message", "description", "reason"):
            if replies.words(report.get(name), 2000):
                return replies.words(report.get(name), 2000)
    return replies.words(inner, 2000) or replies.words(plain, 2000) or "The service gives no reason."


def _listed(store: Store, folder: Place, expected: Tuple[str, ...]) -> Look:
    objects = {item.key[len(folder.key) + 1 :]: item for item in store.list(folder.key + "/")}
    found = {name: item for name in expected for item in [_match(name, objects)] if item is not None}
    for name in expected:
        if name not in found and not objects.get(ERROR):
            item = _unlisted(store, folder, name) or _only_other(name, objects, found)
            if item is not None:
                found[name] = item
    taken = {item.key for item in found.values()}
    others = tuple(item for name, item in objects.items() if item.key not in taken and name != ERROR)
    report = said(store.read(objects[ERROR].key, 0, 65536)) if ERROR in objects else None
    return Look(found, tuple(name for name in expected if name not in found), report, others)


def _match(name: str, objects: Mapping[str, Stored]) -> Optional[Stored]:
    """The object of an output by its stem and kind, in any case."""
    stem, _, kind = name.rpartition(".")
    wanted = {f"{stem}.{ending}".lower() for ending in _FAMILIES[kind]}
    return next((item for key, item in objects.items() if key.lower() in wanted), None)


def _unlisted(store: Store, folder: Place, name: str) -> Optional[Stored]:
    """An object that the listing does not show yet."""
    try:
        return store.head(folder.under(name).key)
    except StorageRefused:
        return None


def _only_other(name: str, objects: Mapping[str, Stored], found: Mapping[str, Stored]) -> Optional[Stored]:
    """The one object of the right kind under a name that nobody expects."""
    kind = name.rpartition(".")[2]
    taken = {item.key for item in found.values()}
    others = [item for key, item in objects.items() if item.key not in taken and key.rpartition(".")[2].lower() in _FAMILIES[kind]]
    return others[0] if kind != "json" and len(others) == 1 else None


def _asked_one_by_one(store: Store, folder: Place, expected: Tuple[str, ...], refused: StorageRefused) -> Look:
    """Without permission to list, absent objects are refused too: only what is there can be told."""
    found: Dict[str, Stored] = {}
    report: Optional[str] = None
    try:
        report = _report(store, folder)
        for name in expected:
            item = next(_seen(store, folder, name), None)
            if item is not None:
                found[name] = item
    except Cancelled:
        raise
    except ServiceProblem as problem:
        return Look(missing=expected, problem=problem)
    missing = tuple(name for name in expected if name not in found)
    return Look(found, missing, report, (), refused if missing and report is None else None)


def _report(store: Store, folder: Place) -> Optional[str]:
    try:
        return said(store.read(folder.under(ERROR).key, 0, 65536))
    except NotFound:
        return None
    except StorageRefused as problem:
        if problem.fatal:
            raise
        return None


def _seen(store: Store, folder: Place, name: str) -> Iterator[Stored]:
    stem, _, kind = name.rpartition(".")
    for ending in _FAMILIES[kind]:
        item = _unlisted(store, folder, f"{stem}.{ending}")
        if item is not None:
            yield item


def _costs(copy: Any) -> Iterator[float]:
    members = copy.items() if isinstance(copy, Mapping) else enumerate(copy) if isinstance(copy, list) else ()
    for name, value in members:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if isinstance(name, str) and _COST.search(name):
                yield float(value)
        else:
            yield from _costs(value)


def _tiff_size(store: Store, key: str, head: bytes) -> Optional[Tuple[int, int]]:
    """Width and height by the first directory, wherever it lies in the file."""
    order, big = "<" if head[:2] == b"II" else ">", head[2:4] in (b"+\0", b"\0+")
    try:
        (place,) = struct.unpack_from(order + ("Q" if big else "I"), head, 8 if big else 4)
        table = head[place:] if place + 4096 <= len(head) else store.read(key, place, 4096)
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), table)
        step, start = (20, 8) if big else (12, 2)
        sizes: Dict[int, int] = {}
        for number in range(min(count, 100)):
            tag, kind = struct.unpack_from(order + "HH", table, start + step * number)
            if tag in (256, 257):
                form = {3: "H", 4: "I", 16: "Q"}[kind]
                (sizes[tag],) = struct.unpack_from(order + form, table, start + step * number + (12 if big else 8))
        return sizes[256], sizes[257]
    except (struct.error, KeyError):
        return None
