"""A whole run without Processing: refuse what would be refused, send, follow, fetch, convert, and say how it ended."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from ..accounts import ENVIRONMENT, variable_name
from ..jobs.job import Job, State, new_job
from ..jobs.steps import Steps
from ..providers.base import Provider, Request, Severity
from ..providers.cancel import Cancel
from ..providers.connect import Connector
from ..providers.errors import AuthError, Cancelled, ServiceProblem
from ..providers.operation import AoiRule, Operation
from ..providers.scrub import Scrub
from .allowance import left_out_text, within
from .made import DELIVERED, Made
from .manage import Manage, folder_name
from .outcome import RunFailed, check_done, check_sent, kept_text, pick_up
from .report import Feedback, Report
from .runner import Runner, close
from .shared_journal import open_journal
from .sign_in import SignedIn
from .texts import problem_text, tr
from .watch import Watch

RECENT = 3600.0  # s
DEFAULT_MINUTES = 10.0  # expected run time where the operation does not say


@dataclass(frozen=True)
class Order:
    """One job to be: its request, and which feature it stands for, in words."""

    request: Request
    label: str = ""


@dataclass(frozen=True)
class Terms:
    """`folder`: where result files go, None for the profile's; `timeout` in s, None waits as long as it takes; `rasters`: see Made;
    `budget`: the most that all jobs may cost, in the service's unit, None without one.
    """

    folder: Optional[Path] = None
    wait: bool = True
    timeout: Optional[float] = None
    rasters: str = DELIVERED
    budget: Optional[float] = None


class Run:
    """One run with one account. Each method is a whole run and raises RunFailed with all that the person needs to know."""

    def __init__(self, signed: SignedIn, feedback: Feedback, terms: Terms) -> None:
        self.made: Dict[str, Tuple[Any, ...]] = {}  # what the layers were made of, by job id
        self._signed = signed
        self._feedback = feedback
        self._terms = terms
        self._scrub = Scrub(signed.account.secrets.values())
        self._journal = open_journal()
        self._journal.scrub = self._scrub
        self._cancel = Cancel()
        self._connect = Connector(signed.network)
        self._provider = self._connect(signed.account, self._cancel)

    def rule(self, operation: Operation) -> AoiRule:
        """What the account lets be sent as area; the service may have to be asked."""
        with self._bounded(), Watch(self._journal, tuple, self._cancel, self._feedback.isCanceled, None):
            self._provider.learn()
            return self._provider.operation(operation.key).aoi

    def send(self, operation: Operation, orders: Sequence[Order]) -> List[Job]:
        """Submit requests and follow them as far as the terms say. Nobody is called when a request would be refused."""
        with self._bounded():
            report = self._report(operation, {})
            orders = _split(self._provider, orders)
            for warning in self._refuse(orders):
                report.warning(warning)
            if not self._terms.wait and not self._provider.runs_elsewhere:
                self._terms = replace(self._terms, wait=True)
                report.info(tr("What this computer computes would end with the run, so its result is waited for."))
            with Watch(self._journal, tuple, self._cancel, self._feedback.isCanceled, None):
                drafts = [self._draft(operation, order, report) for order in orders]
            labels = {job.id: order.label for job, order in zip(drafts, orders)}
            drafts, left_out = self._affordable(drafts, labels)
            if left_out:
                report.info(tr("The BUDGET allows {} of {} jobs.").format(len(drafts), len(orders)))
            self._journal.add_all(drafts)
            jobs = self._follow(operation, drafts, labels)
            if left_out:
                raise RunFailed(f"{left_out} {kept_text(jobs) or pick_up(jobs)}")
            return jobs

    def _affordable(self, drafts: List[Job], labels: Dict[str, str]) -> Tuple[List[Job], str]:
        """The drafts that the budget allows, and the sentence about the others, "" when there are none."""
        if self._terms.budget is None:
            return drafts, ""
        sent, left = within(self._terms.budget, drafts)
        return sent, left_out_text(self._terms.budget, left, len(drafts), labels) if left else ""

    def resume(self, operation: Optional[Operation], jobs: Sequence[Job]) -> List[Job]:
        """Follow jobs of the journal to their end."""
        with self._bounded():
            manage = self._manage()
            return self._follow(operation, manage.placed(manage.awakened(jobs), self._terms.folder), {})

    def fetch(self, operation: Optional[Operation], jobs: Sequence[Job]) -> List[Job]:
        """Bring the results of jobs that are finished."""
        with self._bounded():
            manage = self._manage()
            return self._follow(operation, manage.finished(manage.placed(manage.awakened(jobs), self._terms.folder)), {})

    def cancel(self, jobs: Sequence[Job]) -> List[Job]:
        """Have the service cancel."""
        with self._bounded():
            return self._manage().cancelled(jobs)

    def _follow(self, operation: Optional[Operation], jobs: List[Job], labels: Dict[str, str]) -> List[Job]:
        report = self._report(operation, {job.id: labels.get(job.id, "") for job in jobs})
        pace, timeout = self._signed.network.pace, self._terms.timeout
        runner = Runner(self._journal, self._connect, self._signed.account, report, self._folder, timeout=timeout, pace=pace)
        runner.follow(jobs, _is_over if self._terms.wait else _is_sent)
        jobs = [runner.jobs[job.id] for job in jobs]
        going_on = [job for job in jobs if job.state.followed]
        if runner.stopped:
            raise RunFailed(_stopped(going_on))
        made = Made(self._terms.rasters, report, self._journal.change)
        jobs = made.make(jobs)
        self.made = made.layers
        if runner.problem:
            raise RunFailed(" ".join([runner.problem, pick_up(going_on)] if going_on else [runner.problem]))
        if runner.late and going_on:
            raise RunFailed(_late(going_on, timeout or 0.0, report, self._provider.runs_elsewhere))
        if self._terms.wait:
            check_done(jobs, made.broken, report.name)
        else:
            check_sent(jobs, report.name)
        return jobs

    def _draft(self, operation: Operation, order: Order, report: Report) -> Job:
        account = self._signed.account
        job = new_job(
            account.provider, account.name, order.request, time.time(), title=operation.title, origin="toolbox",
            fingerprint=self._provider.fingerprint(order.request), estimate=_estimate(self._provider, order, report),
        )  # fmt: skip
        if self._journal.similar(job.fingerprint, time.time() - RECENT):
            report.warning(tr("The same request was sent less than an hour ago; this one may be charged again."))
        return job.changed(folder=str(self._terms.folder / folder_name(job))) if self._terms.folder else job

    def _folder(self, job: Job) -> Path:
        if job.folder:
            return Path(job.folder)
        from ..results.loader import results_folder

        return results_folder()(job)

    def _report(self, operation: Optional[Operation], labels: Dict[str, str]) -> Report:
        minutes = operation.minutes if operation and operation.minutes else (DEFAULT_MINUTES, DEFAULT_MINUTES)
        return Report(self._feedback, self._scrub, labels, sum(minutes) / 2 * 60 * self._signed.network.pace)

    def _manage(self) -> Manage:
        return Manage(self._journal, Steps(self._journal, pace=self._signed.network.pace), self._provider)

    def _refuse(self, orders: Sequence[Order]) -> List[str]:
        """Raises RunFailed for what would be refused; returns the warnings. Calls nobody."""
        texts: Dict[Severity, Dict[str, None]] = {severity: {} for severity in Severity}
        for order in orders:
            for problem in self._provider.problems(order.request):
                text = problem.message + self._variables(problem.settings)
                texts[problem.severity][f"{order.label}: {text}" if order.label else text] = None
        if texts[Severity.ERROR]:
            raise RunFailed(tr("{} Nothing was sent.").format(" ".join(texts[Severity.ERROR])))
        return list(texts[Severity.WARNING])

    def _variables(self, settings: Sequence[str]) -> str:
        """The environment variables in which an account is missing something, as a sentence to follow another one."""
        account = self._signed.account
        if not settings or account.name != ENVIRONMENT:
            return ""
        return tr(" Not set: {}.").format(", ".join(variable_name(account.provider, name) for name in settings))

    @contextmanager
    def _bounded(self) -> Iterator[None]:
        """Whatever leaves is free of secrets; a service's problem is a failed run; nothing stays open."""
        try:
            yield
        except Cancelled:
            raise RunFailed(tr("Stopped.")) from None
        except ServiceProblem as problem:
            raise RunFailed(self._scrub(problem_text(problem) + self._variables(getattr(problem, "settings", ())))) from None
        except RunFailed as failed:
            raise RunFailed(self._scrub(str(failed))) from None
        finally:
            self._journal.close()
            close(self._provider)


def _split(provider: Provider, orders: Sequence[Order]) -> List[Order]:
    """One order for each job that the requests ask for."""
    found: List[Order] = []
    for order in orders:
        parts = provider.split(order.request)
        labels = [tr("tile {} of {}").format(number, len(parts)) for number in range(1, len(parts) + 1)] if len(parts) > 1 else [""]
        found += [Order(part, ", ".join(text for text in (order.label, label) if text)) for part, label in zip(parts, labels)]
    return found


def _estimate(provider: Provider, order: Order, report: Report) -> str:
    """What the job will cost, "" when nobody knows. Only a refused sign-in ends the run: all else the submission will tell."""
    try:
        cost = provider.estimate(order.request)
    except (AuthError, Cancelled):
        raise
    except ServiceProblem as problem:
        report.warning(tr("The cost could not be estimated: {}").format(problem.message))
        return ""
    if cost is None:
        return ""
    text = f"{cost} ({cost.basis})" if str(cost) else ""
    parts = [tr("Cost: {}.").format(text) if text else "", cost.note]
    if any(parts):
        report.info(" ".join(part for part in (f"{order.label}:" if order.label else "", *parts) if part))
    return str(cost)


def _is_over(job: Job) -> bool:
    return not job.state.followed


def _is_sent(job: Job) -> bool:
    return bool(job.remote_id) or not job.state.followed


def _stopped(going_on: Sequence[Job]) -> str:
    if not going_on:
        return tr("Stopped.")
    if any(job.state in (State.SUBMITTING, State.UNCONFIRMED) for job in going_on):
        text = tr("Stopped while a request was on its way: outcome unknown. A job may exist at the service and may be charged. {}")
        return text.format(pick_up(going_on))
    return tr("Stopped waiting. What was sent goes on at the service and may be charged. {}").format(pick_up(going_on))


def _late(going_on: Sequence[Job], timeout: float, report: Report, elsewhere: bool) -> str:
    states = "; ".join(f"{report.name(job)}: {job.state.value}" for job in going_on)
    text = tr("The wait of {:g} minutes is over, the job is not ({}). {}{}")
    if not elsewhere:
        return text.format(timeout / 60, states, tr("It ends with this run: run it again and give it more time."), "")
    goes_on = tr("It goes on at the service. ") if any(job.remote_id for job in going_on) else ""
    return text.format(timeout / 60, states, goes_on, pick_up(going_on))
