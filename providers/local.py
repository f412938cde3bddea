"""This computer as a service: band indices and change detection with GDAL and numpy, without an account.

Jobs run on a thread of this process (`rasters.engine`) and end with it. A job's id is its request's tag, so that a job is found again, or
known to be gone, whatever happened in between.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import uuid
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import urlsplit
from urllib.request import url2pathname

from ..rasters.engine import ENGINE, Progress, Run, Stage
from .base import Asset, Can, Cost, Greeting, Handle, Phase, Problem, Provider, Repair, Severity, Status
from .checks import check_request
from .errors import Gone, InvalidRequest, NotFound, ServiceError, ServiceProblem
from .fields import Guess, parse_all
from .http import HttpCall, Reply
from .local_tasks import OPERATIONS, ROLES, TITLE
from .operation import Operation, Request

GONE = "QGIS was closed while this was computed. Run it again."

_PHASES = {
    Stage.WAITING: Phase.QUEUED,
    Stage.RUNNING: Phase.RUNNING,
    Stage.DONE: Phase.SUCCEEDED,
    Stage.FAILED: Phase.FAILED,
    Stage.STOPPED: Phase.CANCELLED,
}


class Local(Provider):
    """Computes on this machine. What it reads from the network is what a person names; looking for problems reads files only."""

    key = "local"
    title = TITLE
    can = Can.CANCEL
    runs_elsewhere = False
    most_running = 2
    requests_per_second = 20.0
    round_seconds = 0.5
    fixed_operations = OPERATIONS

    def check(self) -> Greeting:
        return Greeting(self.title)

    def problems(self, request: Request) -> Tuple[Problem, ...]:
        operation = self.operation(request.operation)
        found = check_request(operation, request)
        values, wrong = parse_all(operation.fields, request.values)
        if wrong or any(problem.severity is Severity.ERROR for problem in found):
            return found
        return (*found, *_look(operation, request, values))

    def guesses(self, request: Request) -> Mapping[str, Guess]:
        from ..rasters.sources import RasterProblem

        operation = self.operation(request.operation)
        values, _ = parse_all(operation.fields, request.values)
        try:
            return _guesses(operation.key, values)
        except RasterProblem as problem:
            guessed = [field.name for field in operation.fields if field.guessed_from]
            return {name: Guess(note=str(problem) if name == guessed[0] else "") for name in guessed}

    def estimate(self, request: Request) -> Optional[Cost]:
        return Cost(None, "", "", "Free: it is computed here")

    def build(self, request: Request) -> HttpCall:
        values, _ = parse_all(self.operation(request.operation).fields, request.values)
        area = {} if request.aoi is None else {"area": request.aoi.geojson()}
        return HttpCall("RUN", f"local:{request.operation}", {**values, **area}, signature="")

    def submit(self, request: Request) -> Handle:
        errors = [problem for problem in self.problems(request) if problem.severity is Severity.ERROR]
        if errors:
            raise InvalidRequest(errors[0].message, problems=tuple(problem.message for problem in errors))
        operation = self.operation(request.operation)
        values, _ = parse_all(operation.fields, request.values)

        def work(folder: Path, progress: Progress) -> Path:
            from ..rasters import compute, inputs

            target = folder / f"{operation.key}.tif"
            compute.run(inputs.task_of(operation.key, operation.title, values, request.aoi), target, progress)
            return target

        name = request.tag or uuid.uuid4().hex
        ENGINE.start(name, work)
        return Handle(name)

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        return Handle(request.tag)  # whether it was started or not: `statuses` knows what runs here

    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, ServiceProblem]]:
        return {handle.remote_id: _status(ENGINE.look(handle.remote_id)) for handle in handles}

    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        run = ENGINE.look(handle.remote_id)
        if run is None or run.result is None:
            raise Gone("The result is no longer where it was computed.", advice="Run it again.")
        size = run.result.stat().st_size if run.result.exists() else None
        return (Asset(run.result.name, run.result.as_uri(), "image/tiff", size),)

    def bring(self, asset: Asset, target: Path) -> bool:
        source = Path(url2pathname(urlsplit(asset.url).path))
        if not source.exists():
            raise Gone("The result is no longer where it was computed.", advice="Run it again.")
        for path in sorted(source.parent.iterdir(), key=lambda path: path == source):  # the result itself last
            _move(path, target.with_name(target.name + path.name[len(source.name) :]))
        shutil.rmtree(source.parent, ignore_errors=True)
        return True

    def stop(self, handle: Handle) -> None:
        if ENGINE.look(handle.remote_id) is None:
            raise NotFound(GONE)
        ENGINE.stop(handle.remote_id)

    def problem_of(self, reply: Reply) -> ServiceProblem:
        return ServiceError(f"{self.title} has no server to answer {reply.url}.")


def _look(operation: Operation, request: Request, values: Dict[str, Any]) -> Tuple[Problem, ...]:
    """What opening the files tells; nothing as long as a server would have to be asked."""
    from ..rasters import inputs
    from ..rasters.sources import AREA, RasterProblem

    try:
        if inputs.uses_network(values):
            return ()
        inputs.task_of(operation.key, operation.title, values, request.aoi).common_grid()
        if operation.key == "change_detection":
            return tuple(
                Problem("untold", f"“{name}” cannot be told from the bands of these images.", Severity.WARNING, "bands")
                for name in inputs.untold_changes(values)
            )
        guesses = inputs.guesses(operation.key, values)
    except RasterProblem as problem:
        field = "" if problem.field == AREA else problem.field or inputs.meant(values, str(problem))
        return (Problem("input", str(problem), field=field),)
    if not guesses:
        return ()
    text = ", ".join(f"{ROLES[role].lower()} is {band.label}" for role, (_, band) in guesses.items())
    numbers = {f"{role}_band": number for role, (number, _) in guesses.items()}
    repair = Repair(
        "Write the Band Numbers Down", lambda asked: (Request(asked.operation, {**asked.values, **numbers}, asked.aoi, asked.tag),)
    )
    return (Problem("guessed_bands", f"By names and metadata, {text}.", Severity.WARNING, next(iter(numbers)), repair),)


def _guesses(operation: str, values: Mapping[str, Any]) -> Dict[str, Guess]:
    from ..rasters import guesses

    if operation == "change_detection":
        return {"bands": Guess(guesses.of_change(values["before"], values["after"]))} if {"before", "after"} <= values.keys() else {}
    if not values.get("image"):
        return {}
    if operation == "formula":
        return {"expression": Guess(note=f"Bands: {guesses.of_formula(values['image'])}")}
    return {f"{role}_band": Guess(number, options) for role, (number, options) in guesses.of_index(operation, values["image"]).items()}


def _status(run: Optional[Run]) -> Status:
    if run is None:
        return Status(Phase.FAILED, "gone", message=GONE)
    finished = dt.datetime.fromtimestamp(run.finished_at, dt.timezone.utc).isoformat() if run.finished_at else ""
    return Status(_PHASES[run.stage], run.stage.value, round(run.progress, 3), run.problem, finished_at=finished)


def _move(source: Path, target: Path) -> None:
    """Rename, or copy where another disk is meant; the target is there whole or not at all."""
    try:
        os.replace(source, target)
    except OSError:
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        os.replace(part, target)
        source.unlink()
