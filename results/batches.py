"""GeoJSON text that comes in blocks, as batches of cleaned features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, List, Optional, Set, Tuple

from .features import LARGEST_VALUE, FeatureCleaner
from .ordinary import ordinary
from .regular import Pattern, Regular, Values, values_of
from .scanner import FeatureScanner
from .tables import TableSpec

RECORD = b"\x1e"  # RFC 8142: features may span lines, and GDAL sees a sequence even when there is only one
MOST = 1000  # features in a batch


@dataclass
class Batch:
    """The cleaned features of one block. Lists of bytes where it is to be kept: Python's collector would look at other objects again.

    `flat`: all are as `ordinary` describes, and `attributes`, `geometries` and `single` (no multipolygon) hold the parts of each; or
    `values`, where all are written alike, the attributes as they are read.
    `side` has what does not belong into a table, by the feature's number in the batch, from 1. `kinds` are the types of the shapes,
    `lists` attributes that came as arrays, `shapeless` counts features that were left out, `read` the bytes of text up to here.
    """

    texts: List[bytes] = field(default_factory=list)
    attributes: List[bytes] = field(default_factory=list)
    geometries: List[bytes] = field(default_factory=list)
    single: List[bool] = field(default_factory=list)
    side: List[Tuple[int, bytes]] = field(default_factory=list)
    kinds: Set[str] = field(default_factory=set)
    lists: Set[str] = field(default_factory=set)
    shapeless: int = 0
    read: int = 0
    values: Optional[List[Values]] = None

    @property
    def flat(self) -> bool:
        return len(self.geometries) == len(self.texts)

    def read_values(self) -> List[Values]:
        """The attributes of each feature of a flat batch. Raises ValueError."""
        return values_of(self.attributes) if self.values is None else self.values


def batches(blocks: Iterable[bytes], spec: TableSpec) -> Iterator[Batch]:
    """Raises ResultError for what is not GeoJSON."""
    scanner, pattern = FeatureScanner(), Pattern()
    read = 0
    for block in blocks:
        read += len(block)
        found = scanner.feed(block)
        for start in range(0, len(found), MOST):
            yield _batch(found[start : start + MOST], spec, read, pattern)
    rest = scanner.finish()
    if rest:
        yield _batch(rest, spec, read, pattern)


def _batch(features: List[bytes], spec: TableSpec, read: int, pattern: Pattern) -> Batch:
    regular = None if spec.side else pattern.parts(features, LARGEST_VALUE)
    return _taken_apart(features, spec, read, pattern) if regular is None else _alike(features, regular, read)


def _alike(features: List[bytes], parts: Regular, read: int) -> Batch:
    single = [parts.kind == b"Polygon"] * len(features)
    return Batch(features, [], parts.geometries, single, kinds={parts.kind.decode()}, read=read, values=parts.values)


def _taken_apart(features: List[bytes], spec: TableSpec, read: int, pattern: Pattern) -> Batch:
    cleaner, batch = FeatureCleaner(spec), Batch(read=read)
    match = None
    for feature in features:
        cleaned = cleaner.clean(feature)
        if cleaned is None:
            continue
        text, side, match = cleaned
        batch.texts.append(text)
        if side:
            batch.side.append((len(batch.texts), side))
        match = match or ordinary(text)
        if match is not None:
            begin, end = match.span("properties")
            batch.attributes.append(text[begin - 1 : end + 1] if begin > 0 else b"{}")
            batch.geometries.append(match["geometry"])
            batch.single.append(match["kind"] == b"Polygon")
    if match is not None:
        pattern.learn(match)
    batch.kinds, batch.lists, batch.shapeless = cleaner.geometries, cleaner.lists, cleaner.shapeless
    return batch
