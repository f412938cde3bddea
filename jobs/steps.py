"""The steps of a job, each a short piece of network and journal work that a worker thread does.

The poller (in QGIS) and the toolbox (without a window) run the same steps. A step writes what it learned into the journal and
returns the job with the seconds until its next step, None when there is none.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

from ..providers.base import Asset, Handle, Phase, Provider, Status
from ..providers.cancel import Cancel
from ..providers.errors import (
    AmbiguousSubmit,
    AuthError,
    Cancelled,
    Gone,
    NotFound,
    ProtocolError,
    QuotaError,
    ServiceProblem,
    TransportError,
)
from ..providers.operation import Pace
from .downloads import LinkExpired, download
from .job import Job, State
from .journal import Journal

LOOKS = (2.0, 10.0, 30.0, 60.0, 120.0)  # s between looks for a job that may exist
BACK_OFF = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)  # s after the n-th failed try in a row
SUBMIT_TRIES = 4
CROWDED = 60.0  # s until the next try when the service runs too many jobs

_PHASES = {
    Phase.QUEUED: State.QUEUED,
    Phase.RUNNING: State.RUNNING,
    Phase.SUCCEEDED: State.SUCCEEDED,
    Phase.FAILED: State.FAILED,
    Phase.CANCELLED: State.CANCELLED,
    Phase.EXPIRED: State.EXPIRED,
    Phase.UNRESOLVED: State.UNRESOLVED,
    Phase.CANNOT_READ: State.CANNOT_READ,
}


@dataclass(frozen=True)
class Step:
    """A job after a step, and the seconds until the next one (None: nothing more to do without a person)."""

    job: Job
    delay: Optional[float]


class Steps:
    """Steps over one journal. `pace` (greater than 0) scales every wait that is ours to choose."""

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time, pace: float = 1.0) -> None:
        self.journal = journal
        self.pace = pace
        self._clock = clock

    def first_delay(self, job: Job, provider: Provider) -> Optional[float]:
        """Seconds until the next step of a job that was just read from the journal."""
        if not job.state.followed:
            return None
        if job.state in (State.QUEUED, State.RUNNING):
            due = job.sent_at + self._pace_of(job, provider).first * self.pace
            return max(0.0, due - self._clock())
        return 0.0

    def submit(self, job: Job, provider: Provider) -> Step:
        """Send a draft. The intent is durable before the request leaves."""
        if job.state is not State.DRAFT:
            return Step(job, 0.0)
        job = self._set(job, state=State.SUBMITTING, sent_at=self._clock(), message="")
        try:
            handle = provider.submit(job.asked())
        except AmbiguousSubmit as problem:
            return Step(self._set(job, state=State.UNCONFIRMED, tries=0, **_told(problem)), LOOKS[0] * self.pace)
        except QuotaError as problem:
            if not problem.retryable:
                return self._failed(job, problem)
            return Step(self._back_to_draft(job, problem), self._wait(problem, CROWDED))
        except Cancelled as problem:
            return Step(self._back_to_draft(job, problem), None)
        except TransportError as problem:
            if job.tries + 1 >= SUBMIT_TRIES:
                return self._failed(job, problem)
            job = self._back_to_draft(job, problem)
            return Step(self._set(job, tries=job.tries + 1), self._wait(problem, BACK_OFF[job.tries]))
        except ServiceProblem as problem:
            return self._failed(job, problem)
        return self._accepted(job, provider, handle)

    def recover(self, job: Job, provider: Provider) -> Step:
        """Look for a job whose submission got no answer, or was cut off by a crash."""
        if job.state is State.SUBMITTING:
            text = "QGIS ended while this was being sent, so it is not known whether the service has it."
            job = self._set(job, state=State.UNCONFIRMED, message=text, tries=0)
        try:
            handle = provider.recover(job.asked(), job.sent_at, self.journal.remote_ids(job.provider))
        except Cancelled:
            return Step(job, None)
        except AuthError:
            raise
        except AmbiguousSubmit as problem:
            return Step(self._set(job, **_told(problem)), None)
        except ServiceProblem as problem:
            return self._look_again(job, problem.message, self._wait(problem, 0.0))
        if handle is not None:
            return self._accepted(job, provider, handle)
        return self._look_again(job, "Outcome unknown: the service’s list does not show this job so far.", 0.0)

    def poll(self, jobs: Sequence[Job], provider: Provider) -> List[Step]:
        """Ask for the state of several jobs of one account. Raises AuthError: then the account has to wait for its person."""
        try:
            answers: Dict[str, Union[Status, ServiceProblem]] = provider.statuses([job.handle for job in jobs])
        except AuthError:
            raise
        except ServiceProblem as problem:
            answers = {job.remote_id: problem for job in jobs}
        return [self._seen(job, provider, answers.get(job.remote_id)) for job in jobs]

    def fetch(self, job: Job, provider: Provider, folder: Path, cancel: Cancel, tell: Callable[[Job], None]) -> Step:
        """Bring the files of a finished job to `folder`."""
        job = self._set(job, state=State.FETCHING, folder=str(folder), progress=-1.0, message="")
        try:
            paths = self._bring(job, provider, folder, cancel, tell)
        except Cancelled:
            return Step(self._set(job, back=True, state=State.SUCCEEDED), None)
        except AuthError:
            self._set(job, back=True, state=State.SUCCEEDED)
            raise
        except (Gone, LinkExpired) as problem:
            return Step(self._set(job, state=State.EXPIRED, **_told(problem)), None)
        except ServiceProblem as problem:
            return self._not_brought(job, provider, problem)
        return Step(self._set(job, state=State.FETCHED, files=tuple(map(str, paths)), progress=1.0, tries=0, message=""), None)

    def _bring(self, job: Job, provider: Provider, folder: Path, cancel: Cancel, tell: Callable[[Job], None]) -> List[Path]:
        paths = []
        assets = provider.assets(job.handle)
        if not assets:
            raise ProtocolError("The service says the job is finished but names no result.", advice="Ask the service’s support.")
        for number, asset in enumerate(assets):
            share = _Share(job, number, len(assets), tell)
            try:
                paths.append(self._download(provider, asset, folder, share, cancel))
            except LinkExpired:
                fresh = {item.name: item for item in provider.assets(job.handle)}
                paths.append(self._download(provider, fresh.get(asset.name, asset), folder, share, cancel))
        return paths

    def _download(self, provider: Provider, asset: Asset, folder: Path, share: _Share, cancel: Cancel) -> Path:
        return download(provider, asset, folder, progress=share, cancel=cancel, pause=lambda tries: tries * self.pace)

    def _not_brought(self, job: Job, provider: Provider, problem: ServiceProblem) -> Step:
        """A download that failed: tried again later where that helps, else it waits for a person with the reason."""
        job = self._set(job, back=True, state=State.SUCCEEDED, tries=job.tries + 1, **_told(problem))
        if not problem.retryable or job.tries >= len(BACK_OFF):
            return Step(self._set(job, state=State.CANNOT_READ), None)
        pace = self._pace_of(job, provider).steps[0][1] * self.pace
        return Step(job, max(pace, self._wait(problem, BACK_OFF[job.tries - 1])))

    def _accepted(self, job: Job, provider: Provider, handle: Handle) -> Step:
        job = self._set(
            job, state=State.QUEUED, remote_id=handle.remote_id, extra=dict(handle.extra), message="", details="", tries=0, seen_at=self._clock()
        )
        return Step(job, self.first_delay(job, provider))

    def _look_again(self, job: Job, message: str, at_least: float) -> Step:
        job = self._set(job, message=message, tries=job.tries + 1)
        if job.tries >= len(LOOKS):
            text = f"Outcome unknown: {message} Look at the service’s own job list before you run this again."
            return Step(self._set(job, message=text), None)
        return Step(job, max(at_least, LOOKS[job.tries] * self.pace))

    def _seen(self, job: Job, provider: Provider, answer: Union[Status, ServiceProblem, None]) -> Step:
        if isinstance(answer, Status):
            return self._stands(job, provider, answer)
        if isinstance(answer, Gone):
            return Step(self._set(job, state=State.EXPIRED, **_told(answer)), None)
        if isinstance(answer, NotFound) and job.tries >= 1 and job.word == "not found":
            return Step(self._set(job, state=State.LOST, **_told(answer)), None)
        problem = answer or ProtocolError("The service did not mention this job.")
        word = "not found" if isinstance(problem, NotFound) else job.word
        job = self._set(job, tries=job.tries + 1, word=word, warning=f"The last look failed: {problem.message}", details=problem.details)
        return Step(job, self._next(job, provider, self._wait(problem, 0.0)))

    def _stands(self, job: Job, provider: Provider, status: Status) -> Step:
        state = _PHASES[status.phase]
        changes: Dict[str, Any] = {
            "state": state, "word": status.word, "message": status.message, "details": status.code, "warning": status.warning,
            "tries": 0, "seen_at": self._clock(),
        }  # fmt: skip
        if status.progress is not None:
            changes["progress"] = max(job.progress, status.progress)
        if status.cost is not None and str(status.cost):
            changes["cost"] = str(status.cost)
        changes["finished_at"] = _unix(status.finished_at) or job.finished_at
        changes["expires_at"] = _unix(status.expires_at) or job.expires_at
        job = self._set(job, **changes)
        if job.state in (State.QUEUED, State.RUNNING):
            return Step(job, self._next(job, provider, 0.0))
        return Step(job, 0.0 if job.state is State.SUCCEEDED else None)

    def _next(self, job: Job, provider: Provider, at_least: float) -> Optional[float]:
        """Seconds to the next look, by the operation's pace and the job's age; None when patience is at its end."""
        pace, age = self._pace_of(job, provider), (self._clock() - job.sent_at) / self.pace
        if age > pace.patience:
            text = "The service has not finished this job for a long time. It is no longer asked by itself; use Check Now."
            self._set(job, warning=text)
            return None
        failed = BACK_OFF[min(job.tries, len(BACK_OFF)) - 1] if job.tries else 0.0
        spread = 1 + pace.jitter * secrets.randbelow(1001) / 1000
        return max(at_least, failed * self.pace, pace.interval(age) * spread * self.pace)

    def _wait(self, problem: ServiceProblem, otherwise: float) -> float:
        """A service's Retry-After as it said, our own waits scaled."""
        return problem.retry_after if problem.retry_after is not None else otherwise * self.pace

    def _pace_of(self, job: Job, provider: Provider) -> Pace:
        try:
            return provider.operation(job.operation).pace
        except ServiceProblem:
            return Pace(first=60.0)

    def _failed(self, job: Job, problem: ServiceProblem) -> Step:
        return Step(self._set(job, state=State.FAILED, finished_at=self._clock(), **_told(problem)), None)

    def _back_to_draft(self, job: Job, problem: ServiceProblem) -> Job:
        return self._set(job, back=True, state=State.DRAFT, sent_at=0.0, **_told(problem))

    def _set(self, job: Job, *, back: bool = False, **changes: Any) -> Job:
        return self.journal.change(job.id, back=back, **changes)


class _Share:
    """Progress of one file of several, told as progress of the job."""

    def __init__(self, job: Job, number: int, count: int, tell: Callable[[Job], None]) -> None:
        self._job, self._number, self._count, self._tell = job, number, count, tell

    def __call__(self, done: int, total: Optional[int]) -> None:
        if total:
            self._tell(self._job.changed(progress=(self._number + min(1.0, done / total)) / self._count))


def _told(problem: ServiceProblem) -> Dict[str, str]:
    return {"message": str(problem), "details": problem.details}


def _unix(stamp: str) -> float:
    """ISO 8601 to Unix seconds; naive stamps are UTC; 0 when there is none or it cannot be read."""
    text = stamp.strip().replace("Z", "+00:00")
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)).timestamp()
