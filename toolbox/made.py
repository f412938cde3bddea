"""What the layers of a run are made of: the files as they were delivered, or what was asked for instead."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Sequence, Set, Tuple

from ..jobs.job import Job, State
from .outcome import make_layers, rasters, told_of
from .parameters import WISHES
from .report import Report

DELIVERED, _, COG = WISHES

Prepared = Any  # results.prepare.Prepared, which is imported only when there are results


class Made:
    """`layers` holds what was made by job id (of tiles that were put together: of the first), `broken` what is wrong with a result.

    `wish`: delivered leaves every raster as it is; vrt puts the tiles of one area together; cog does so and turns all into COGs.
    """

    def __init__(self, wish: str, report: Report, keep: Callable[..., Job]) -> None:
        self.layers: Dict[str, Tuple[Prepared, ...]] = {}
        self.broken: Dict[str, str] = {}
        self._wish = wish
        self._report = report
        self._keep = keep  # changes a job in the journal

    def make(self, jobs: Sequence[Job]) -> List[Job]:
        """Make the layers of all jobs that have their files. Raises Cancelled."""
        found = {job.id: job for job in jobs}
        for group in self._groups(jobs):
            for job in self._whole(group) if len(group) > 1 else [self._single(group[0])]:
                found[job.id] = job
        return list(found.values())

    def _groups(self, jobs: Sequence[Job]) -> Iterable[Tuple[Job, ...]]:
        """Tiles of one area, all of which are here; every other job by itself."""
        from ..results.tiles import is_here, tiles_of

        here = [job for job in jobs if job.state in (State.FETCHED, State.LOADED)]
        done: Set[str] = set()
        for job in here:
            tiles = tiles_of(job, jobs) if self._wish != DELIVERED and job.id not in done else ()
            group = tiles if tiles and all(map(is_here, tiles)) else (job,)
            if not done & {item.id for item in group}:
                yield group
            done.update(item.id for item in group)

    def _single(self, job: Job) -> Job:
        from ..results.errors import ResultError

        try:
            made = make_layers(job, self._report, self._wish == COG)
        except ResultError as error:
            self.broken[job.id] = error.message
            return job
        self.layers[job.id] = made
        self._report.done(job)
        paths = [str(item.path) for item in made]
        return self._keep(job.id, layers=tuple(dict.fromkeys(paths if self._wish == COG and made else (*paths, *rasters(job)))))

    def _whole(self, tiles: Tuple[Job, ...]) -> List[Job]:
        from ..results.cogs import Cogs
        from ..results.errors import ResultError
        from ..results.tiles import prepare_whole

        try:
            made = prepare_whole(tiles, Cogs.ALWAYS if self._wish == COG else Cogs.NEVER, self._report.feedback.isCanceled)
        except ResultError as error:
            self.broken.update((job.id, error.message) for job in tiles)
            return list(tiles)
        self.layers[tiles[0].id] = made
        told_of(tiles[0], made, self._report)
        for job in tiles:
            self._report.done(job)
        return [self._keep(job.id, layers=tuple(str(item.path) for item in made)) for job in tiles]
