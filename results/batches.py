"""GeoJSON text that comes in blocks, as batches of cleaned features."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, Iterator, List, Set, Tuple

from .features import FeatureCleaner
from .ordinary import ordinary
from .scanner import FeatureScanner
from .tables import TableSpec

RECORD = b"\x1e"  # RFC 8142: features may span lines, and GDAL sees a sequence even when there is only one
MOST = 1000  # features in a batch


@dataclass
class Batch:
    """The cleaned features of one block. Lists of bytes only: Python's collector would look at other objects again and again.

    `flat`: all are as `ordinary` describes, and `attributes`, `geometries` and `single` (no multipolygon) hold the parts of each.
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

    @property
    def flat(self) -> bool:
        return len(self.geometries) == len(self.texts)


def batches(blocks: Iterable[bytes], spec: TableSpec) -> Iterator[Batch]:
    """Raises ResultError for what is not GeoJSON."""
    scanner = FeatureScanner()
    read = 0
    for block in blocks:
        read += len(block)
        found = scanner.feed(block)
        for start in range(0, len(found), MOST):
            yield _batch(found[start : start + MOST], spec, read)
    rest = scanner.finish()
    if rest:
        yield _batch(rest, spec, read)


def _batch(features: List[bytes], spec: TableSpec, read: int) -> Batch:
    cleaner, batch = FeatureCleaner(spec), Batch(read=read)
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
    batch.kinds, batch.lists, batch.shapeless = cleaner.geometries, cleaner.lists, cleaner.shapeless
    return batch
