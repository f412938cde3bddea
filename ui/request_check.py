"""From the form to a verdict: what would be sent and what is wrong with it. Always off the main thread."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from qgis.core import QgsGeometry
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..aoi import Aoi, AoiError
from ..providers.base import Problem, Provider, Severity
from ..providers.operation import Operation, Request
from ..results.tiles import TILE
from .area_reading import Reading, outline
from .batch_check import Batch, members_of, told_once
from .session import Session
from .words import translate

PAUSE = 150  # ms without a change before checking


@dataclass(frozen=True)
class Draft:
    """What is on the form. `reading` None: the task takes no area as things stand; `batch`: one request for each feature."""

    provider: Provider
    operation: Operation
    values: Mapping[str, Any]
    reading: Optional[Reading] = None
    batch: Optional[Batch] = None


@dataclass(frozen=True)
class Finding:
    """A problem, and the requests it was found in."""

    problem: Problem
    places: Tuple[int, ...]


@dataclass(frozen=True)
class Verdict:
    """What came out of a draft. `fingerprints` are those of the calls, empty while there are errors.

    `members` are the names of the requests in a batch, empty when it is none.
    """

    requests: Tuple[Request, ...] = ()
    findings: Tuple[Finding, ...] = ()
    pieces: Tuple[Aoi, ...] = ()
    km2: float = 0.0
    fingerprints: Tuple[str, ...] = ()
    shape: QgsGeometry = field(default_factory=QgsGeometry)
    members: Tuple[str, ...] = ()

    @property
    def errors(self) -> Tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.problem.severity is Severity.ERROR)

    @property
    def tiled(self) -> bool:
        """Whether the requests are tiles of one area, whose results become one layer."""
        return len(self.pieces) == 1 < len(self.requests) and all(request.values.get(TILE) for request in self.requests)

    def about_area(self) -> Tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.problem.field)


def examine(draft: Draft) -> Verdict:
    """Read the area, make the requests and find their problems. For a worker; makes no network call."""
    names, pieces, complaint = _read(draft)
    operation, values = draft.operation.key, draft.values
    asked = [Request(operation, values, piece) for piece in pieces] or [Request(operation, values)]
    named = members_of(draft.provider, zip(names or repeat(""), asked), draft.batch.cures if draft.batch else ())
    requests = tuple(request for _, request in named)
    members = tuple(name for name, _ in named) if names else ()
    findings = _findings(draft.provider, requests, members)
    if complaint:
        findings = (Finding(Problem("area", complaint), ()), *(item for item in findings if item.problem.code != "no_area"))
    verdict = Verdict(requests, findings, pieces, sum(_km2(piece) for piece in pieces), (), outline(pieces), members)
    if verdict.errors:
        return verdict
    return replace(verdict, fingerprints=tuple(draft.provider.fingerprint(request) for request in requests))


def repaired(verdict: Verdict, code: str, which: int = 0) -> Tuple[Request, ...]:
    """The requests after a cure of a problem, wherever it was found. For a worker."""
    found = [item for item in verdict.findings if item.problem.code == code and which < len(item.problem.repairs())]
    cures = {place: item.problem.repairs()[which] for item in found for place in item.places}
    cured: List[Request] = []
    for index, request in enumerate(verdict.requests):
        cure = cures.get(index)
        cured += cure.apply(request) if cure else (request,)
    return _untiled(cured) if len(verdict.requests) > len(verdict.pieces) else tuple(cured)


class RequestChecker(QObject):
    """Checks the form a moment after its last change. Signals: `began`, `checked` Verdict."""

    began = pyqtSignal()
    checked = pyqtSignal(object)

    def __init__(self, session: Session, draft: Callable[[], Optional[Draft]], parent: QObject) -> None:
        """`draft` takes the form's state, None while there is no task to check."""
        super().__init__(parent)
        self._session = session
        self._draft = draft
        self._ticket = 0
        self.verdict: Optional[Verdict] = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._check)

    def check_soon(self) -> None:
        """Something has changed: forget what was known, look again when the changes pause."""
        self._session.drop(self._ticket)
        self.verdict = None
        self.began.emit()
        self._pause.start()

    def stop(self) -> None:
        """Look no more."""
        self._pause.stop()
        self._session.drop(self._ticket)

    def _check(self) -> None:
        draft = self._draft()
        if draft is not None:
            self._ticket = self._session.work(self, lambda: examine(draft), self._take, self._failed)

    def _take(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.checked.emit(verdict)

    def _failed(self, error: Exception) -> None:
        text = translate("Groundtrack", "The request cannot be checked: {}").format(error)
        self._take(Verdict(findings=(Finding(Problem("check", text), ()),)))


def _findings(provider: Provider, requests: Tuple[Request, ...], members: Tuple[str, ...]) -> Tuple[Finding, ...]:
    """Problems of all requests, the same one told once, and of features those of one kind."""
    alike: Dict[Tuple[str, ...], List[Tuple[int, Problem]]] = {}
    for index, request in enumerate(requests):
        for problem in provider.problems(request):
            key = (problem.code, problem.field, *(() if members else (problem.message,)))
            alike.setdefault(key, []).append((index, problem))
    return tuple(Finding(problem, places) for problem, places in told_once(alike, members))


def _untiled(requests: List[Request]) -> Tuple[Request, ...]:
    """What the tiles are made from: the form holds the whole area once, and the service cuts it anew."""
    whole = [replace(request, values={name: value for name, value in request.values.items() if name != TILE}) for request in requests]
    return tuple(request for number, request in enumerate(whole) if request not in whole[:number])


def _read(draft: Draft) -> Tuple[Tuple[str, ...], Tuple[Aoi, ...], str]:
    """The areas, in a batch with their names, or a sentence that says why there is none."""
    try:
        if draft.batch is not None:
            features = draft.batch.read()
            return tuple(name for name, _ in features), tuple(aoi for _, aoi in features), ""
        return (), draft.reading() if draft.reading else (), ""
    except AoiError as error:
        return (), (), str(error)


def _km2(piece: Aoi) -> float:
    try:
        return piece.area_km2
    except (ArithmeticError, ValueError):  # coordinates that are not degrees have no area
        return 0.0
