"""The work behind a search for scenes, done off the main thread: asking, coverage, outlines."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Optional, Sequence, Tuple

from ..aoi import Aoi, AoiError, crosses_antimeridian, cut_at_antimeridian, to_shapely
from ..providers.base import Provider
from ..providers.cancel import Cancel
from ..providers.scenes import Scene, SceneQuery, coverages, in_time_order


@dataclass(frozen=True)
class Found:
    """A scene of an answer: `share` of the area that it covers in percent (None: not known), its outline as WKB in EPSG:4326."""

    scene: Scene
    share: Optional[float] = None
    outline: bytes = b""


@dataclass(frozen=True)
class FoundPage:
    """An answer ready for the table. `more` is the query of the next page."""

    rows: Tuple[Found, ...]
    warnings: Tuple[str, ...] = ()
    more: Optional[SceneQuery] = None


def look(provider: Provider, query: SceneQuery, area: Aoi, cancel: Cancel) -> FoundPage:
    """Ask a service for scenes; `area` is what coverage is measured against. Raises ServiceProblem, AoiError."""
    page = cancellable(provider, cancel).search_scenes(query)
    cancel.check()
    return found_page(page.scenes, page.warnings, page.more, area)


def found_page(scenes: Sequence[Scene], warnings: Sequence[str], more: Optional[SceneQuery], area: Aoi) -> FoundPage:
    """Measure scenes against an area."""
    shares = coverages(scenes, area)
    return FoundPage(tuple(Found(scene, share, _outline(scene)) for scene, share in zip(scenes, shares)), tuple(warnings), more)


def cancellable(provider: Provider, cancel: Cancel) -> Provider:
    """The same provider for one call that can be broken off; it shares connections and budget with the other one."""
    own = copy.copy(provider)
    own.cancel = cancel
    return own


def one_area(pieces: Sequence[Aoi]) -> Aoi:
    """All pieces as one area. Raises AoiError when there are none."""
    polygons = tuple(polygon for piece in pieces for polygon in piece.polygons)
    if not polygons:
        raise AoiError("There is no area to search in yet. Draw one, or take the map view.")
    return Aoi(polygons)


def in_order(scenes: Sequence[Scene]) -> Tuple[str, ...]:
    """The ids of scenes, earliest first."""
    if all(scene.taken for scene in scenes):
        return tuple(scene.id for scene in sorted(scenes, key=lambda scene: scene.taken))
    return in_time_order([scene.id for scene in scenes])


def _outline(scene: Scene) -> bytes:
    if scene.footprint is None:
        return b""
    whole = cut_at_antimeridian(scene.footprint) if crosses_antimeridian(scene.footprint) else scene.footprint
    return bytes(to_shapely(whole).wkb)
