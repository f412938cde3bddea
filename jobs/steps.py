"""The steps of a job, each a short piece of network and journal work that a worker thread does.

The poller (in QGIS) and the toolbox (without a window) run the same steps. A step writes what it learned into the journal and
returns the job with the seconds until its next step, None when there is none.
"""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from ..providers.base import Handle, Phase, Provider, Status
from ..providers.cancel import Cancel
from ..providers.errors import (
    AmbiguousSubmit,
    AuthError,
    Cancelled,
    ConfigError,
    Gone,
    NotFound,
    ProtocolError,
    QuotaError,
    ServiceError,
    ServiceProblem,
    TransportError,
    ended,
)
from ..providers.operation import Pace
from ..providers.replies import seconds
from .downloads import LinkExpired, settle
from .fetch import NoResult, Stays, bring, nothing_stays
from .group import HeldBack
from .job import Job, State
from .journal import Journal, JournalError, UnknownJob
from .pricing import priced
from .readers import Reads, nobody_reads

LOOKS = (2.0, 10.0, 30.0, 60.0, 120.0, 120.0)  # s between looks for a job that may exist, until it surely would be seen
SLOWLY = 60.0  # s until the next one when a look failed
BACK_OFF = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)  # s after the n-th failed try in a row
SUBMIT_TRIES = 4
CROWDED = 60.0  # s until the next try when the service runs too many jobs
HELD = 2.0  # s until a draft looks again whether its group lets it go
YOUNG = 120.0  # s of age in which a service may not know its own job yet
SECOND_LOOK = 30.0  # s until a job that the service does not know is looked for once more
UNKNOWN_PACE = Pace(first=60.0)  # of an operation that is not declared, or not known yet

POLLED = frozenset((State.QUEUED, State.RUNNING))
DECIDE = "It was not sent again by itself. Look at {}, and run it again only if it is not there."
MISSING = "not found"  # a job's word after a first look that did not find it

STATES = {
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
    """A job after a step, and the seconds until the next one (None: nothing more to do without a person).

    `held`: only the jobs of its group wait, not those of its account.
    """

    job: Job
    delay: Optional[float]
    held: bool = False


class Steps:
    """Steps over one journal. `pace` (greater than 0) scales every wait that is ours to choose; `stays` says which
    results are not downloaded, `reads` who reads them while they arrive.

    A step raises AuthError when the account has to wait for its person, JournalError, and UnknownJob when the job was forgotten
    meanwhile.
    """

    def __init__(self, journal: Journal, *, clock: Callable[[], float] = time.time, pace: float = 1.0) -> None:
        self.journal = journal
        self.pace = pace
        self.stays: Stays = nothing_stays
        self.reads: Reads = nobody_reads
        self._clock = clock
        self._paces: Dict[Tuple[str, str], Pace] = {}
        self._unwritten: Dict[str, Handle] = {}  # what the service answered while the journal could not be written

    def first_delay(self, job: Job, provider: Provider) -> Optional[float]:
        """Seconds until the next step of a job that was just read from the journal. Never calls the service."""
        if not job.state.followed:
            return None
        if job.state is State.UNCONFIRMED:  # a restart is no reason to look sooner; nor does a clock that was put back make it later
            return min(max(0.0, job.next_at - self._clock()), LOOKS[-1] * self.pace)
        if job.state not in POLLED:
            return 0.0
        first = self._known_pace(job, provider).first
        return max(0.0, first - self._age(job)) * self.pace

    # Sending -----------------------------------------------------------------------------------------------------------------------

    def submit(self, job: Job, provider: Provider) -> Step:
        """Send a draft. The intent is durable before the request leaves; where a group has a budget, the price is asked for first."""
        request = job.asked()
        try:
            job = priced(self.journal, job, provider)
            begun = self.journal.begin(job.id, self._clock(), provider.time_there())
            if begun is None:
                return Step(self.journal.get(job.id), 0.0)
            job = begun
            handle = provider.submit(request)
        except HeldBack:
            return self._held(self.journal.get(job.id))
        except AmbiguousSubmit as problem:
            return Step(self._set(job, state=State.UNCONFIRMED, tries=0, **_told(problem)), LOOKS[0] * self.pace)
        except Cancelled as problem:
            return Step(self._back_to_draft(job, problem), None)
        except AuthError as problem:
            # 403: the account is fine, and may not do this
            if problem.status == 403 or job.origin != "dock":
                return self._failed(job, problem)
            self._back_to_draft(job, problem)
            raise
        except (QuotaError, ServiceError, TransportError) as problem:
            return self._not_sent(job, problem)
        except ServiceProblem as problem:
            return self._failed(job, problem)
        return self._accepted(job, provider, handle)

    def _not_sent(self, job: Job, problem: ServiceProblem) -> Step:
        """The service has it not. It stays a draft where waiting helps."""
        if isinstance(problem, QuotaError) and problem.retryable:
            return self._again(self._back_to_draft(job, problem), self._wait(problem, CROWDED))
        if isinstance(problem, QuotaError) and self.journal.change_group(job.group, paused=True, note=str(problem)) is not None:
            return self._held(self._back_to_draft(job, problem))  # or all the others would be refused one after another
        job = self._back_to_draft(job, problem, tries=job.tries + 1)
        if job.state is not State.DRAFT:
            return Step(job, None)
        if self._gives_up(job, problem, SUBMIT_TRIES):
            return self._failed(job, problem)
        return self._again(job, self._wait(problem, _back_off(job)))

    def _held(self, job: Job) -> Step:
        return Step(job, HELD * self.pace, held=True)

    def recover(self, job: Job, provider: Provider) -> Step:
        """Look for a job whose submission got no answer, or was cut off by a crash."""
        if job.id in self._unwritten:
            return self._accepted(job, provider, self._unwritten[job.id])
        if job.state is State.SUBMITTING:
            text = "QGIS ended while this was being sent, so it is not known whether the service has it."
            job = self._set(job, state=State.UNCONFIRMED, message=text, tries=0)
        try:
            handle = provider.recover(job.asked(), job.sent_at, self.journal.remote_ids(job.provider), job.sent_there)
        except Cancelled:
            return Step(job, None)
        except AmbiguousSubmit as problem:
            return self._look_again(job, provider, problem)
        except AuthError:
            raise
        except ServiceProblem as problem:  # what cannot be read says nothing about the job: it is looked at until it can
            return self._again(self._set(job, warning=_failed_look(problem)), self._wait(problem, SLOWLY))
        adopted = self.journal.adopt(job.id, handle.remote_id, **self._sent(handle)) if handle else None
        if adopted is not None:
            return Step(adopted, self.first_delay(adopted, provider))
        return self._look_again(job, provider)

    def _look_again(self, job: Job, provider: Provider, doubt: Optional[AmbiguousSubmit] = None) -> Step:
        """The service does not show the job, or cannot tell (`doubt`): once more, until it surely would, unless it never can."""
        last, unseen = job.tries + 1 >= len(LOOKS), provider.unseen.format(provider.title)
        if doubt is not None and (last or not doubt.retryable):
            return self._not_found(job, State.UNKNOWN, _in_doubt(doubt, provider.trace(job.asked())))
        if last:
            text = f"Outcome unknown: {unseen}, so {provider.absence}. {DECIDE.format(provider.trace(job.asked()))}"
            return self._not_found(job, State.LOST, text)
        text = f"Outcome unknown: {doubt.message if doubt else f'{unseen} so far.'}"
        job = self._set(job, message=text, warning="", tries=job.tries + 1)
        return self._again(job, LOOKS[job.tries] * self.pace)

    def _not_found(self, job: Job, state: State, text: str) -> Step:
        last: Dict[str, Any] = {"message": text, "warning": "", "tries": 0, "next_at": 0.0, "finished_at": self._clock()}
        return Step(self._set(job, state=state, **last), None)

    def _accepted(self, job: Job, provider: Provider, handle: Handle) -> Step:
        try:
            job = self._set(job, remote_id=handle.remote_id, **self._sent(handle))
        except JournalError:
            self._unwritten[job.id] = handle
            raise
        self._unwritten.pop(job.id, None)
        return Step(job, self.first_delay(job, provider))

    def _sent(self, handle: Handle) -> Dict[str, Any]:
        return {
            "state": State.QUEUED, "extra": dict(handle.extra), "message": "", "details": "", "warning": "", "tries": 0,
            "seen_at": self._clock(), "next_at": 0.0, "finished_at": 0.0,
        }  # fmt: skip

    # Watching ----------------------------------------------------------------------------------------------------------------------

    def poll(self, jobs: Sequence[Job], provider: Provider) -> List[Step]:
        """Ask for the state of several jobs of one account. Jobs that were forgotten meanwhile are left out."""
        try:
            answers: Dict[str, Union[Status, ServiceProblem]] = provider.statuses([job.handle for job in jobs])
        except AuthError:
            raise
        except Cancelled:
            return [Step(job, None) for job in jobs]
        except ServiceProblem as problem:
            answers = {job.remote_id: problem for job in jobs}
        refused = [answer for answer in answers.values() if isinstance(answer, AuthError)]
        if refused and len(refused) == len(answers):
            raise refused[0]
        steps, chance = [], secrets.randbelow(1001) / 1000  # one for all, so that they are due together again
        for job in jobs:
            with suppress(UnknownJob):
                steps.append(self._seen(job, provider, answers.get(job.remote_id), chance))
        return steps

    def _seen(self, job: Job, provider: Provider, answer: Union[Status, ServiceProblem, None], chance: float) -> Step:
        if isinstance(answer, Status):
            return self._stands(job, provider, answer, chance)
        if isinstance(answer, Gone):
            return self._ended(job, State.EXPIRED, answer)
        problem = answer or ProtocolError("The service did not mention this job.")
        changes: Dict[str, Any] = {"tries": job.tries + 1, "warning": _failed_look(problem), "details": problem.details}
        at_least = self._wait(problem, 0.0)
        if isinstance(problem, NotFound) and self._age(job) >= YOUNG:
            if job.word == MISSING and job.tries:
                return self._ended(job, State.LOST, problem)
            changes["word"] = MISSING
            at_least = max(at_least, SECOND_LOOK * self.pace)
        return self._next(self._set(job, **changes), provider, at_least, chance)

    def _stands(self, job: Job, provider: Provider, status: Status, chance: float) -> Step:
        changes: Dict[str, Any] = {
            "state": STATES[status.phase], "word": status.word, "message": status.message, "details": status.code,
            "warning": status.warning, "tries": 0, "seen_at": self._clock(), "next_at": 0.0,
        }  # fmt: skip
        if status.progress is not None:
            changes["progress"] = min(1.0, max(job.progress, status.progress))
        if status.cost is not None and str(status.cost):
            changes["cost"] = str(status.cost)
        ended = 0.0 if changes["state"] in POLLED else self._clock()
        if status.extra:
            changes["extra"] = {**job.extra, **status.extra}
        changes["finished_at"] = seconds(status.finished_at, job.finished_at or ended)
        changes["expires_at"] = seconds(status.expires_at, job.expires_at)
        job = self._set(job, **changes)
        if job.state in POLLED and status.again is not None:
            return Step(job, status.again * self.pace)
        if job.state in POLLED:
            return self._next(job, provider, 0.0, chance)
        return Step(job, 0.0 if job.state is State.SUCCEEDED else None)

    def _next(self, job: Job, provider: Provider, at_least: float, chance: float = 0.0) -> Step:
        """The next look, by the operation's pace, the job's age and chance (0…1); none when patience is at its end."""
        pace, age = self._pace_of(job, provider), self._age(job)
        if age > pace.patience:
            text = "The service has not finished this job for a long time. It is no longer asked by itself; use Check Now."
            return Step(self._set(job, warning=text, next_at=0.0), None)
        failed = _back_off(job) if job.tries else 0.0
        interval = pace.interval(age) * (1 + pace.jitter * chance)
        wait = max(at_least, failed * self.pace, interval * self.pace)
        return self._again(job, wait) if job.tries else Step(job, wait)

    # Fetching ----------------------------------------------------------------------------------------------------------------------

    def fetch(self, job: Job, provider: Provider, folder: Path, cancel: Cancel, tell: Callable[[Job], None]) -> Step:
        """Bring the files of a finished job to `folder`. `tell` gets snapshots with the progress so far."""
        job = self._set(job, state=State.FETCHING, folder=str(folder), progress=-1.0, message="", details="", warning="", next_at=0.0)
        try:
            brought = bring(
                job, provider, folder, cancel=cancel, tell=tell, pause=lambda tries: tries * self.pace, stays=self.stays, reads=self.reads
            )  # fmt: skip
        except Cancelled:
            text = "" if provider.cancel.is_set() else "The download was stopped. Check Now goes on with it."
            return Step(self._set(job, back=True, state=State.SUCCEEDED, message=text), None)
        except AuthError:
            self._set(job, back=True, state=State.SUCCEEDED)
            raise
        except (Gone, LinkExpired) as problem:
            return self._ended(job, State.EXPIRED, problem)
        except ServiceProblem as problem:
            return self._not_brought(job, provider, problem)
        job = self._set(job, state=State.FETCHED, files=tuple(map(str, brought.paths)), links=brought.links, progress=1.0, tries=0)
        settle(brought.paths)
        return Step(job, None)

    def _not_brought(self, job: Job, provider: Provider, problem: ServiceProblem) -> Step:
        """A download that failed: tried again later where that helps, else it waits for a person with the reason."""
        if problem.status == 409:  # not ready after all: it is asked again like a job that runs
            job = self._set(job, back=True, state=State.SUCCEEDED, **_told(problem))
            return self._next(job, provider, self._wait(problem, 0.0))
        job = self._set(job, back=True, state=State.SUCCEEDED, tries=job.tries + 1, **_told(problem))
        if isinstance(problem, ConfigError):
            return Step(job, None)
        if self._gives_up(job, problem, len(BACK_OFF)):
            return self._ended(job, State.UNRESOLVED if isinstance(problem, (NotFound, NoResult)) else State.CANNOT_READ, problem)
        return self._again(job, self._wait(problem, _back_off(job)))

    # Waits and words ---------------------------------------------------------------------------------------------------------------

    def _gives_up(self, job: Job, problem: ServiceProblem, most: int) -> bool:
        """Whether trying again is over. Jobs of the dock wait for the network as long as it takes."""
        if isinstance(problem, TransportError) and job.origin == "dock":
            return False
        return not problem.retryable or job.tries >= most

    def _again(self, job: Job, wait: float) -> Step:
        """The next try after `wait` seconds, written down for the person who wonders."""
        return Step(self._set(job, next_at=self._clock() + wait), wait)

    def _wait(self, problem: ServiceProblem, otherwise: float) -> float:
        """A service's Retry-After as it said, our own waits scaled."""
        return problem.retry_after if problem.retry_after is not None else otherwise * self.pace

    def _age(self, job: Job) -> float:
        """Seconds since it was sent, in the job's own pace; a clock that went back makes it young."""
        return max(0.0, self._clock() - job.sent_at) / self.pace

    def _known_pace(self, job: Job, provider: Provider) -> Pace:
        fixed = next((item.pace for item in provider.fixed_operations if item.key == job.operation), None)
        return fixed or self._paces.get((job.account_key, job.operation), UNKNOWN_PACE)

    def _pace_of(self, job: Job, provider: Provider) -> Pace:
        """The same, asking the service where it makes its operations known only when asked."""
        pace = self._known_pace(job, provider)
        if pace is UNKNOWN_PACE:
            with suppress(ServiceProblem):
                pace = self._paces[job.account_key, job.operation] = provider.operation(job.operation).pace
        return pace

    def _failed(self, job: Job, problem: ServiceProblem) -> Step:
        return self._ended(job, State.FAILED, problem)

    def _ended(self, job: Job, state: State, problem: ServiceProblem) -> Step:
        finished = job.finished_at or self._clock()
        return Step(self._set(job, state=state, finished_at=finished, warning="", next_at=0.0, **_told(problem)), None)

    def _back_to_draft(self, job: Job, problem: ServiceProblem, **changes: Any) -> Job:
        """A draft again, unless somebody cancelled it while its price was asked for."""
        changes = {"state": State.DRAFT, "sent_at": 0.0, **_told(problem), **changes}
        written = self.journal.change_all([job.id], job.state, back=True, **changes)
        return written[0] if written else self.journal.get(job.id)

    def _set(self, job: Job, *, back: bool = False, **changes: Any) -> Job:
        return self.journal.change(job.id, back=back, **changes)


def looks_made(job: Job) -> int:
    """The tries to begin with when a person wants another look: one that was looked for to the end is looked for just once more."""
    return len(LOOKS) - 1 if job.in_doubt and not job.state.followed else 0


def _back_off(job: Job) -> float:
    return BACK_OFF[min(max(job.tries, 1), len(BACK_OFF)) - 1]


def _told(problem: ServiceProblem) -> Dict[str, Any]:
    return {"message": str(problem), "details": problem.details}


def _in_doubt(problem: AmbiguousSubmit, trace: str) -> str:
    """What the service cannot tell, and what to do; the service's own advice comes first."""
    said = problem.message if problem.message.startswith("Outcome unknown") else f"Outcome unknown: {problem.message}"
    own = problem.advice != AmbiguousSubmit.advice
    return f"{ended(said)} {problem.advice if own else DECIDE.format(trace)}"


def _failed_look(problem: ServiceProblem) -> str:
    return f"The last look failed: {problem.message}"
