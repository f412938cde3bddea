"""What a run gives back: result layers, ids, state and cost, or one exception that says what went wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Sequence, Tuple

from ..jobs.job import Job, State
from ..providers.operation import Result
from .costs import cost_of, total_cost
from .failures import failure_text
from .report import Report
from .texts import tr

_RASTERS = (".tif", ".tiff", ".jp2", ".png", ".jpg", ".jpeg", ".vrt")
_GOES_ON = (State.UNCONFIRMED, State.QUEUED, State.RUNNING, State.CANNOT_READ, State.UNRESOLVED, State.SUCCEEDED)

Prepared = Any  # results.prepare.Prepared, which is imported only when there are results


class RunFailed(Exception):
    """One sentence or a few for the person; free of secrets once it went through the report's scrubbing."""


def make_layers(job: Job, report: Report, as_cogs: bool = False) -> Tuple[Prepared, ...]:
    """Turn delivered vector files into GeoPackages; rasters are only looked into, unless COGs are wanted. Raises ResultError, Cancelled."""
    from ..results.cogs import Cogs
    from ..results.facts import operation_of, table_of
    from ..results.prepare import prepare
    from ..results.rasters import ENDINGS

    operation = operation_of(job)
    if operation is not None and operation.result is Result.RASTER and not any(name.lower().endswith(ENDINGS) for name in job.files):
        return ()
    wish = Cogs.ALWAYS if as_cogs else Cogs.NEVER
    made = prepare(job, table_of(job), progress=lambda share: None, cancelled=report.feedback.isCanceled, cogs=wish)
    told_of(job, made, report)
    return made


def told_of(job: Job, made: Sequence[Prepared], report: Report) -> None:
    """Tell what came of a job."""
    for item in made:
        found = tr("nothing was found") if not item.features else tr("{} features").format(item.features)
        if item.raster:
            found = tr("{} × {} pixels").format(item.raster.width, item.raster.height)
        report.info(f"{report.name(job)}: {found}, {item.path}")
        for warning in item.warnings:
            report.warning(f"{report.name(job)}: {warning}")


def rasters(job: Job) -> Tuple[str, ...]:
    """Delivered rasters, as delivered; tables and the like beside them are no layers."""
    return tuple(name for name in job.files if Path(name).suffix.lower() in _RASTERS)


def results_of(jobs: Sequence[Job]) -> Dict[str, Any]:
    """The outputs of an algorithm. Several jobs: comma-separated in the same order, the cost summed."""
    states = list(dict.fromkeys(job.state.value.upper() for job in jobs))
    return {
        "JOB_ID": ",".join(job.id for job in jobs),
        "REMOTE_ID": ",".join(job.remote_id for job in jobs),
        "STATE": ",".join(states),
        "OUTPUTS": json.dumps(list(dict.fromkeys(path for job in jobs for path in job.layers)), ensure_ascii=False),
        "COST": total_cost([cost_of(job) for job in jobs]),
    }


def check_sent(jobs: Sequence[Job], name: Callable[[Job], str]) -> None:
    """After a submission alone: raises RunFailed unless every job was accepted."""
    _raise_for([job for job in jobs if not job.remote_id or job.state.failed], jobs, {}, name)


def check_done(jobs: Sequence[Job], broken: Mapping[str, str], name: Callable[[Job], str]) -> None:
    """After following to the end: raises RunFailed unless every job is on this disk. `broken`: results that cannot be read, by job id."""
    _raise_for([job for job in jobs if job.state not in (State.FETCHED, State.LOADED) or job.id in broken], jobs, broken, name)


def _raise_for(bad: List[Job], jobs: Sequence[Job], broken: Mapping[str, str], name: Callable[[Job], str]) -> None:
    if not bad:
        return
    texts = [broken.get(job.id) or failure_text(job) for job in bad]
    hint = _hint([job for job in bad if job.state in _GOES_ON or job.in_doubt or job.id in broken])
    if len(jobs) == 1:
        raise RunFailed(f"{texts[0]}{hint}")
    named = " ".join(f"{text} [{name(job)}, JOB_ID={job.id}]" for text, job in zip(texts, bad))
    kept = kept_text([job for job in jobs if job not in bad])
    counted = tr("{} of {} jobs have no result.").format(len(bad), len(jobs))
    raise RunFailed(" ".join(part for part in (named, counted, kept) if part) + hint)


def kept_text(jobs: Sequence[Job]) -> str:
    """Where the results of jobs that went well are, "" when there are none."""
    good = [path for job in jobs for path in job.layers]
    return tr("The results of the others are {}.").format(", ".join(good)) if good else ""


def _hint(jobs: Sequence[Job]) -> str:
    return " " + pick_up(jobs) if jobs else ""


def pick_up(jobs: Sequence[Job]) -> str:
    """How to go on with jobs that are not finished."""
    return tr("Go on with groundtrack:wait_for_job JOB_ID={}").format(",".join(job.id for job in jobs))
