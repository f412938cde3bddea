"""GeoJSON text that comes in blocks, as batches of cleaned features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, List, Set, Tuple

from .features import Cleaned, FeatureCleaner
from .scanner import FeatureScanner
from .tables import TableSpec

RECORD = b"\x1e"  # RFC 8142: features may span lines, and GDAL sees a sequence even when there is only one
_SIZE = 4 << 20  # bytes of text; GDAL needs a fraction of a second for them


@dataclass
class Batch:
    """Cleaned features; `side` has what does not belong into a table, by the feature's number in the batch, from 1.

    `kinds` are the types of the shapes, `lists` attributes that came as arrays, `shapeless` counts features that were left out, `read`
    the bytes of text up to here.
    """

    features: List[Cleaned] = field(default_factory=list)
    kinds: Set[str] = field(default_factory=set)
    lists: Set[str] = field(default_factory=set)
    side: List[Tuple[int, bytes]] = field(default_factory=list)
    shapeless: int = 0
    read: int = 0


def batches(blocks: Iterable[bytes], spec: TableSpec) -> Iterator[Batch]:
    """Raises ResultError for what is not GeoJSON."""
    scanner = FeatureScanner()
    read = 0
    waiting: List[bytes] = []
    size = 0
    for block in blocks:
        read += len(block)
        found = scanner.feed(block)
        waiting += found
        size += sum(map(len, found))
        if size >= _SIZE:
            yield _batch(waiting, spec, read)
            waiting, size = [], 0
    waiting += scanner.finish()
    if waiting:
        yield _batch(waiting, spec, read)


def _batch(features: List[bytes], spec: TableSpec, read: int) -> Batch:
    cleaner, batch = FeatureCleaner(spec), Batch(read=read)
    for feature in features:
        cleaned = cleaner.clean(feature)
        if cleaned is None:
            continue
        batch.features.append(cleaned)
        if cleaned.side:
            batch.side.append((len(batch.features), cleaned.side))
    batch.kinds, batch.lists, batch.shapeless = cleaner.geometries, cleaner.lists, cleaner.shapeless
    return batch
