"""Corners of an area that are moved, added and taken away, each step of which can be undone."""

from __future__ import annotations

from typing import Callable, Iterator, List, Optional, Tuple

from ..aoi import Aoi, Point, Ring, close

Pieces = Tuple[Aoi, ...]
Corner = Tuple[int, int, int, int]  # piece, polygon, ring, place in the ring


class OutlineEdit:
    """The areas as they are now, in EPSG:4326, and what they were before. Rings stay closed."""

    def __init__(self, pieces: Pieces) -> None:
        self._now: Pieces = tuple(close(piece) for piece in pieces)
        self._before: List[Pieces] = []
        self._undone: List[Pieces] = []

    @property
    def pieces(self) -> Pieces:
        return self._now

    def corners(self) -> Iterator[Tuple[Corner, Point, Point]]:
        """Each corner with its place and the place of the next one."""
        for p, piece in enumerate(self._now):
            for q, polygon in enumerate(piece.polygons):
                for r, ring in enumerate(polygon):
                    yield from (((p, q, r, i), here, there) for i, (here, there) in enumerate(zip(ring, ring[1:])))

    def moved(self, corner: Corner, point: Point) -> Pieces:
        """What the areas would be with a corner elsewhere."""
        return self._with_ring(corner, lambda open_ring, at: (*open_ring[:at], point, *open_ring[at + 1 :]))

    def move(self, corner: Corner, point: Point) -> None:
        self._step(self.moved(corner, point))

    def insert(self, after: Corner, point: Point) -> Corner:
        """A new corner on the edge that begins at `after`; returns where it is."""
        self._step(self._with_ring(after, lambda open_ring, at: (*open_ring[: at + 1], point, *open_ring[at + 1 :])))
        return (*after[:3], after[3] + 1)

    def remove(self, corner: Corner) -> bool:
        """Take a corner away; a hole with three corners goes as a whole, an outline with three stays: False."""
        piece, polygon, ring, _ = corner
        if len(self._now[piece].polygons[polygon][ring]) > 4:
            self._step(self._with_ring(corner, lambda open_ring, at: (*open_ring[:at], *open_ring[at + 1 :])))
        elif ring > 0:
            self._step(self._with_ring(corner, None))
        else:
            return False
        return True

    def undo(self) -> bool:
        """Go one step back; False when there is none."""
        return self._go(self._before, self._undone)

    def redo(self) -> bool:
        """Take the last undone step again; False when there is none."""
        return self._go(self._undone, self._before)

    def _go(self, source: List[Pieces], target: List[Pieces]) -> bool:
        if not source:
            return False
        target.append(self._now)
        self._now = source.pop()
        return True

    def _step(self, pieces: Pieces) -> None:
        self._before.append(self._now)
        self._undone.clear()
        self._now = pieces

    def _with_ring(self, corner: Corner, change: Optional[Callable[[Ring, int], Ring]]) -> Pieces:
        """The areas with one ring changed, or left out."""
        p, q, r, at = corner
        piece, polygon = self._now[p], self._now[p].polygons[q]
        rings: Tuple[Ring, ...] = ()
        if change is not None:
            opened = change(polygon[r][:-1], at)
            rings = ((*opened, opened[0]),)
        polygon = (*polygon[:r], *rings, *polygon[r + 1 :])
        changed = Aoi((*piece.polygons[:q], polygon, *piece.polygons[q + 1 :]))
        return (*self._now[:p], changed, *self._now[p + 1 :])
