"""What a person and the application want done with jobs, as commands on the planning thread."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence

from ..providers.base import Account, Can, Provider
from ..providers.errors import AuthError
from ..providers.scrub import Scrub
from .fetch import Stays
from .group import Group, to_try_again
from .job import Job, State, label_of_retry, new_job
from .planner import UNFORESEEN, Outlets, Planner
from .readers import Reads
from .steps import Step, looks_made

__all__ = ["Follower", "Outlets"]

_RUNS_AGAIN: Dict[str, Any] = {
    "back": True, "state": State.RUNNING, "tries": 0, "progress": -1.0, "warning": "", "message": "", "finished_at": 0.0,
    "files": (), "layers": (), "links": (),
}  # fmt: skip
_NEVER_SENT = "Cancelled before it was sent; nothing was charged."
_ELSEWHERE = "Another QGIS window or run is following this job; it can be changed there."


class Follower(Planner):
    """Follows the jobs of one journal, and does what is asked. A command that the journal refuses stays first in line."""

    def take_accounts(self, accounts: Mapping[str, Account]) -> None:
        """The accounts that may be used. A changed account gets another chance."""
        changed = self._services.take(accounts)
        self._journal.scrub = Scrub(value for account in accounts.values() for value in account.secrets.values())
        for job in self._jobs.values():
            if job.account_key in changed and self._schedule.rests(job.id):
                self._schedule.drop(job.id)
        for key in changed:
            self._crowded.pop(key, None)
        self._next_beat = 0.0

    def resume(self, key: str) -> None:
        """Try an account again that was not accepted."""
        self._services.allow(key)
        self._next_beat = 0.0

    def leave_in_place(self, stays: Stays) -> None:
        """Which files of a result are not downloaded from now on."""
        self._steps.stays = stays

    def read_along(self, reads: Reads) -> None:
        """Who reads results while they arrive from now on."""
        self._steps.reads = reads

    def add(self, jobs: Sequence[Job], group: Optional[Group] = None) -> None:
        """Write drafts down, with the group they belong to, then send them as slots become free."""
        self._journal.add_all(jobs, group)
        if group is not None:
            self._learn_groups()
        self._send(jobs)
        self._tell_stuck()

    def adopt(self, jobs: Sequence[Job]) -> None:
        """Write down jobs that were found at their service, and follow them like any other. What is here already stays as it is."""
        for job in jobs:
            known = self._journal.add_found(job)
            self._learn(known)
            if known.id == job.id:
                self._plan(known, 0.0)

    def change_group(self, identity: str, changes: Mapping[str, Any]) -> None:
        """Pause a group, let it go on, give it another budget …"""
        self._journal.change_group(identity, **changes)
        self._learn_groups()

    def cancel_rest(self, identity: str) -> None:
        """Drop the drafts of a group; what is at the service goes on."""
        drafts = [job.id for job in self._jobs.values() if job.group == identity and job.state is State.DRAFT]
        changes: Dict[str, Any] = {"state": State.CANCELLED, "message": _NEVER_SENT, "finished_at": time.time(), "next_at": 0.0}
        for job in self._journal.change_all(drafts, State.DRAFT, **changes):  # whoever follows them sends nothing then
            self._learn(job)

    def retry_failed(self, identity: str) -> None:
        """Send members again that have no result: a job that the service never took once more, any other as a new job.

        One in doubt stays as it is beside the new one: it may turn up, and counts in the budget.
        """
        failed = to_try_again(job for job in self._jobs.values() if job.group == identity)
        fresh: Dict[str, Any] = {"state": State.DRAFT, "message": "", "details": "", "word": "", "tries": 0, "sent_at": 0.0}
        unsent = self._journal.hold_all(job.id for job in failed if not job.remote_id and not job.in_doubt)
        again = [_once_more(job, time.time()) for job in failed if job.remote_id or job.in_doubt]
        self._journal.add_all(again)
        self._send([*self._journal.change_all(unsent, State.FAILED, back=True, finished_at=0.0, **fresh), *again])

    def check_now(self, identity: str) -> None:
        """Take the next step of a job at once, also of one that had been given up."""
        job = self._jobs.get(identity)
        if job is None or identity in self._busy or not self._is_ours(job):
            return
        self._learn(self._journal.change(identity, back=True, state=job.looked_at_again, tries=looks_made(job), warning=""))
        self._rounds.pop(job.account_key, None)
        self._crowded.pop(job.account_key, None)
        self._plan(self._jobs[identity], 0.0)

    def cancel_job(self, identity: str) -> None:
        """Drop a draft, break off a download, or ask the service to cancel where it can; else only stop following."""
        job = self._jobs.get(identity)
        if job is None or not job.state.followed or not self._is_ours(job):
            return
        if identity in self._downloads:
            self._downloads[identity].set()
        elif identity in self._busy:
            self._busy[identity].append(lambda: self.cancel_job(identity))
        elif job.state in (State.SUCCEEDED, State.FETCHING):
            self._schedule.rest(identity)
        elif job.remote_id and Can.CANCEL in self._can(job):
            self._call(identity, lambda provider, known: provider.stop(known.handle))
        else:
            farewell = _farewell(job, self._provider(job))
            self._learn(self._journal.change(identity, state=State.CANCELLED, message=farewell, finished_at=time.time()))

    def run_again(self, identity: str, changes: Mapping[str, Any]) -> None:
        """The service works on a job once more, that had ended: follow it again. What it brought before stays where it is."""
        job = self._jobs.get(identity)
        if job is not None and self._is_ours(job):
            self._learn(self._journal.change(identity, **{**_RUNS_AGAIN, **changes}))
            self._rounds.pop(job.account_key, None)
            self._plan(self._jobs[identity], 0.0)

    def _call(self, identity: str, call: Callable[[Provider, Job], None]) -> None:
        """Let a worker do something with a job at its service, then look at the job again."""
        job = self._jobs.get(identity)
        provider = self._provider(job)
        if job is None or provider is None or not self._is_ours(job):
            return
        if identity in self._busy:
            self._busy[identity].append(lambda: self._call(identity, call))
            return
        known = provider

        def take(jobs: List[Job]) -> List[Step]:
            try:
                call(known, jobs[0])
            except AuthError as problem:
                if problem.status != 403:
                    raise
                job = self._journal.change(identity, warning=str(problem))  # the account is fine, and may not do this
                return [Step(job, UNFORESEEN * self._pace)]
            return [Step(jobs[0], 0.0)]

        self._do([job], known, take)

    def forget(self, identity: str) -> None:
        """Remove a job here; the service's own record and the files stay."""
        if identity in self._downloads:
            self._downloads[identity].set()
        self._journal.forget(identity)
        self._learn_groups()
        self._drop(identity)
        self._outlets.forgotten((identity,))

    def note(self, identity: str, changes: Mapping[str, Any]) -> None:
        """Write a change of the application's own."""
        self._learn(self._journal.change(identity, **changes))

    def _send(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._learn(job)
            self._plan(job)

    def _is_ours(self, job: Job) -> bool:
        """Whether we may change it; if not, say why."""
        ours = self._journal.hold(job.id)
        if not ours:
            self._outbox.put(job.changed(warning=_ELSEWHERE))
        return ours

    def _can(self, job: Job) -> Can:
        provider = self._provider(job)
        return provider.can if provider else Can.NOTHING


def _once_more(job: Job, now: float) -> Job:
    """A draft that asks for the same, with a label of its own: always the same one, so that two QGIS do not try it again twice."""
    known = {"title": job.title, "fingerprint": job.fingerprint, "origin": job.origin, "project": job.project}
    own = {"group": job.group, "group_title": job.group_title, "member": job.member}
    now = max(now, job.created_at + 0.001)  # it is the newer one, also where a clock was put back
    return new_job(job.provider, job.account, job.asked(), now, label_of_retry(job.id), **known, **own)


def _farewell(job: Job, provider: Optional[Provider]) -> str:
    if job.state is State.DRAFT:
        return _NEVER_SENT
    if job.remote_id:
        return "No longer followed here. The service was not told to stop: the job goes on there and may be charged."
    look = f" Look at {provider.trace(job.asked())}." if provider else ""
    return f"No longer followed here. Whether the service has this job is not known.{look}"
