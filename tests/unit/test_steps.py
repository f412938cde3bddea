"""Each step of a job: what it writes down, and when the next one is due."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal, JournalError, UnknownJob
from groundtrack.jobs.steps import BACK_OFF, CROWDED, LOOKS, SECOND_LOOK, SUBMIT_TRIES, YOUNG, Step, Steps
from groundtrack.providers import errors
from groundtrack.providers.base import Cost, Handle, Phase, Status
from groundtrack.providers.cancel import Cancel
from support.service import ACCOUNT, CONTENT, PACE, Fake, World, draft


class Case:
    """One journal, one service, a clock that stands still until it is moved."""

    def __init__(self, folder: Path, pace: float = 1.0) -> None:
        self.now = 1_000_000.0
        self.folder = folder
        self.journal = Journal(folder / "journal.sqlite", lambda: self.now, "test")
        self.steps = Steps(self.journal, clock=lambda: self.now, pace=pace)
        self.world = World()
        self.provider = Fake(self.world, ACCOUNT, Cancel())
        self.cancel = Cancel()
        self.told: list[Job] = []

    def new(self, **known: Any) -> Job:
        return self.journal.add(draft(now=self.now, **known))

    def at(self, state: State, **changes: Any) -> Job:
        """A job that came to this state just now."""
        job = self.new(operation=changes.pop("operation", "work"), origin=changes.pop("origin", "dock"))
        remote = self.world.create(job.asked()) if state.rank >= State.QUEUED.rank else ""
        return self.journal.change(job.id, **{"state": state, "remote_id": remote, "sent_at": self.now, **changes})

    def submit(self, job: Job) -> Step:
        return self.steps.submit(job, self.provider)

    def recover(self, job: Job) -> Step:
        return self.steps.recover(job, self.provider)

    def poll(self, job: Job, answer: Any = None) -> Step:
        if answer is not None:
            self.world.script["statuses"] = [answer]
        return self.steps.poll([job], self.provider)[0]

    def fetch(self, job: Job) -> Step:
        return self.steps.fetch(job, self.provider, self.folder / "results", self.cancel, self.told.append)

    def states(self, job: Job) -> list[str]:
        return [state.value for _, state, _ in self.journal.events(job.id)]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path)
    yield made
    made.journal.close()


def status(phase: Phase, **known: Any) -> Any:
    def give(provider: Fake, ids: tuple[str, ...]) -> None:
        provider._status = lambda remote: Status(phase, **{"word": phase.value, **known})

    return give


# The whole way


def test_the_way_of_a_job(case: Case) -> None:
    job = case.new()
    step = case.submit(job)
    assert (step.job.state, step.job.remote_id, step.delay) == (State.QUEUED, "remote-1", PACE.first)
    step = case.poll(step.job)
    assert step.job.state is State.RUNNING
    step = case.poll(step.job)
    assert (step.job.state, step.delay) == (State.SUCCEEDED, 0.0)
    step = case.fetch(step.job)
    assert (step.job.state, step.delay, step.job.progress) == (State.FETCHED, None, 1.0)
    assert [Path(name).read_bytes() for name in step.job.files] == [CONTENT]
    assert case.states(job) == ["draft", "submitting", "queued", "running", "succeeded", "fetching", "fetched"]
    assert [entry.name for entry in (case.folder / "results").iterdir()] == ["result.geojson"]


# Sending


def test_the_intent_is_durable_before_the_request_leaves(case: Case) -> None:
    seen: list[Job] = []

    def look(provider: Fake, request: Any) -> None:
        other = Journal(case.folder / "journal.sqlite", holder="other")
        seen.extend(other.jobs())
        other.close()

    case.world.script["submit"] = [look]
    case.submit(case.new())
    assert [(job.state, job.sent_at) for job in seen] == [(State.SUBMITTING, case.now)]


def test_an_old_snapshot_of_a_draft_is_not_sent_again(case: Case) -> None:
    job = case.new()
    case.submit(job)
    step = case.submit(job)
    assert step.job.state is State.QUEUED
    assert len(case.world.jobs) == 1


def test_without_a_journal_nothing_is_sent(case: Case) -> None:
    job = case.new()
    case.journal._db().execute("PRAGMA query_only = 1")
    with pytest.raises(JournalError):
        case.submit(job)
    assert case.world.submits == []
    assert case.journal.get(job.id).state is State.DRAFT


def test_an_answer_that_could_not_be_written_down_is_kept(case: Case) -> None:
    """The disk fills up between the request and the answer."""
    job = case.new()
    case.world.script["submit"] = [lambda *_: case.journal._db().execute("PRAGMA query_only = 1")]
    with pytest.raises(JournalError):
        case.submit(job)
    case.journal._db().execute("PRAGMA query_only = 0")
    step = case.recover(case.journal.get(job.id))
    assert (step.job.state, step.job.remote_id) == (State.QUEUED, "remote-1")
    assert case.world.recovers == []


@pytest.mark.parametrize(("problem", "state", "delay"), [
    (errors.QuotaError("Too many.", waits=True), State.DRAFT, CROWDED),
    (errors.QuotaError("Too many.", waits=True, retry_after=7.0), State.DRAFT, 7.0),
    (errors.QuotaError("No credits."), State.FAILED, None),
    (errors.InvalidRequest("Too large."), State.FAILED, None),
    (errors.ConfigError("No address."), State.FAILED, None),
    (errors.ProtocolError("Not JSON."), State.FAILED, None),
    (errors.AuthError("Not in the plan.", status=403), State.FAILED, None),
    (errors.TransportError("No network."), State.DRAFT, BACK_OFF[0]),
    (errors.ServiceError("Down."), State.DRAFT, BACK_OFF[0]),
    (errors.ServiceError("Down.", retry_after=3.0), State.DRAFT, 3.0),
    (errors.AmbiguousSubmit("No answer."), State.UNCONFIRMED, LOOKS[0]),
    (errors.Cancelled("Stopped."), State.DRAFT, None),
], ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "")  # fmt: skip
def test_what_a_refusal_makes_of_a_draft(case: Case, problem: Exception, state: State, delay: float | None) -> None:
    case.world.script["submit"] = [problem]
    step = case.submit(case.new())
    assert (step.job.state, step.delay) == (state, delay)
    assert problem.message in step.job.message
    assert case.world.jobs == {}


def test_waits_of_ours_are_scaled_and_those_of_the_service_are_not(tmp_path: Path) -> None:
    case = Case(tmp_path, pace=0.1)
    case.world.script["submit"] = [errors.QuotaError("x", waits=True), errors.QuotaError("x", waits=True, retry_after=7.0)]
    assert case.submit(case.new()).delay == pytest.approx(CROWDED / 10)
    assert case.submit(case.new()).delay == 7.0
    assert case.submit(case.new()).delay == pytest.approx(PACE.first / 10)
    case.journal.close()


def test_a_key_that_is_not_accepted_leaves_the_draft(case: Case) -> None:
    job = case.new()
    case.world.script["submit"] = [errors.AuthError("Key revoked.", status=401)]
    with pytest.raises(errors.AuthError):
        case.submit(job)
    assert case.journal.get(job.id).state is State.DRAFT
    case.world.script["submit"] = [errors.AuthError("Key revoked.", status=401)]
    assert case.submit(case.new(origin="toolbox")).job.state is State.FAILED  # nobody is there to mend it


@pytest.mark.parametrize(("origin", "problem", "ends"), [
    ("dock", errors.TransportError("No network."), False), ("toolbox", errors.TransportError("No network."), True),
    ("dock", errors.ServiceError("Down."), True),
])  # fmt: skip
def test_only_the_dock_waits_for_the_network_without_end(case: Case, origin: str, problem: Exception, ends: bool) -> None:
    step = Step(case.new(origin=origin), 0.0)
    delays = []
    while step.delay is not None and len(delays) < 20:
        case.world.script["submit"] = [problem]
        step = case.submit(step.job)
        delays.append(step.delay)
    assert (step.job.state is State.FAILED) == ends
    assert len(delays) == (SUBMIT_TRIES if ends else 20)
    assert case.world.jobs == {}


# Recovering


def test_a_job_that_turns_up_is_adopted(case: Case) -> None:
    def lose(provider: Fake, request: Any) -> None:
        provider.world.create(request)
        raise errors.AmbiguousSubmit("No answer.")

    case.world.script["submit"] = [lose]
    step = case.submit(case.new())
    assert step.job.state is State.UNCONFIRMED
    step = case.recover(step.job)
    assert (step.job.state, step.job.remote_id, step.job.message) == (State.QUEUED, "remote-1", "")
    assert len(case.world.submits) == 1


def test_two_jobs_never_adopt_the_same_one(case: Case) -> None:
    """Both look at the same moment, so neither is known when the other asks."""
    one, other = (case.at(State.UNCONFIRMED) for _ in range(2))
    case.world.create(one.asked())
    case.world.script["recover"] = [lambda *_: case.recover(other)]
    step = case.recover(one)
    assert (step.job.state, step.job.remote_id) == (State.UNCONFIRMED, "")
    assert case.journal.get(other.id).remote_id == "remote-1"
    case.world.create(one.asked())
    assert case.recover(step.job).job.remote_id == "remote-2"


def test_looking_ends_after_some_looks_and_check_now_may_begin_again(case: Case) -> None:
    step, delays = Step(case.at(State.SUBMITTING), 0.0), []
    while step.delay is not None:
        step = case.recover(step.job)
        delays.append(step.delay)
    assert delays == [*LOOKS[1:], None]
    assert step.job.state is State.UNCONFIRMED
    assert step.job.message.startswith("Outcome unknown: ")
    assert "before you run this again" in step.job.message
    case.world.create(step.job.asked())
    assert case.recover(case.journal.change(step.job.id, tries=0)).job.state is State.QUEUED


def test_without_network_looking_neither_counts_nor_gives_up(case: Case) -> None:
    step = Step(case.at(State.UNCONFIRMED, message="No answer."), 0.0)
    for _ in range(3 * len(LOOKS)):
        case.world.script["recover"] = [errors.TransportError("No network.")]
        step = case.recover(step.job)
        assert step.delay == 60.0
    assert (step.job.tries, step.job.message) == (0, "No answer.")
    assert step.job.warning == "The last look failed: No network."


def test_a_service_that_cannot_tell_leaves_it_to_the_person(case: Case) -> None:
    case.world.script["recover"] = [errors.AmbiguousSubmit("It keeps no list.")]
    step = case.recover(case.at(State.SUBMITTING))
    assert (step.job.state, step.delay) == (State.UNCONFIRMED, None)
    assert "It keeps no list." in step.job.message


def test_a_broken_list_is_looked_at_a_limited_number_of_times(case: Case) -> None:
    step, looks = Step(case.at(State.UNCONFIRMED), 0.0), 0
    while step.delay is not None:
        case.world.script["recover"] = [errors.ServiceError("Down.")]
        step, looks = case.recover(step.job), looks + 1
    assert looks == len(LOOKS)


# Watching


def test_the_pace_of_the_operation_with_one_jitter_for_a_round(case: Case) -> None:
    jobs = [case.at(State.QUEUED) for _ in range(5)]
    case.world.phases = (Phase.RUNNING,)
    steps = case.steps.poll(jobs, case.provider)
    assert len({step.delay for step in steps}) == 1
    assert 10.0 <= steps[0].delay <= 11.0
    case.now += 700
    assert 60.0 <= case.poll(steps[0].job).delay <= 66.0
    assert len(case.world.rounds) == 2


def test_patience_ends_with_a_word(case: Case) -> None:
    case.world.phases = (Phase.RUNNING,)
    job = case.at(State.QUEUED)
    case.now += PACE.patience + 1
    step = case.poll(job)
    assert (step.job.state, step.delay) == (State.RUNNING, None)
    assert "use Check Now" in step.job.warning


def test_a_clock_that_went_back_makes_a_job_young_and_nothing_else(case: Case) -> None:
    case.world.phases = (Phase.RUNNING,)
    job = case.at(State.QUEUED)
    case.now -= 86400
    assert 10.0 <= case.poll(job).delay <= 11.0
    assert case.steps.first_delay(job, case.provider) == PACE.first


@pytest.mark.parametrize(("elapsed", "delay"), [(0.0, 5.0), (2.0, 3.0), (5.0, 0.0), (90.0, 0.0), (-30.0, 5.0)])
def test_after_a_restart_a_look_is_due_when_it_would_have_been(case: Case, elapsed: float, delay: float) -> None:
    job = case.at(State.RUNNING)
    case.now += elapsed
    assert case.steps.first_delay(job, case.provider) == pytest.approx(delay)


def test_after_a_restart_each_state_is_gone_on_with(case: Case) -> None:
    delays = {state: case.steps.first_delay(case.at(state), case.provider) for state in State}
    assert {state for state, delay in delays.items() if delay is not None} == {state for state in State if state.followed}
    assert delays[State.FETCHING] == delays[State.SUBMITTING] == 0.0


def test_planning_never_calls_the_service_for_its_operations(case: Case) -> None:
    job = case.at(State.RUNNING, operation="model-7")
    case.provider.operations = lambda: pytest.fail("called the service")
    assert case.steps.first_delay(job, case.provider) == 60.0


def test_an_operation_that_nobody_knows_is_polled_all_the_same(case: Case) -> None:
    case.world.phases = (Phase.RUNNING,)
    assert 60.0 <= case.poll(case.at(State.RUNNING, operation="model-7")).delay <= 66.0


def test_a_failed_look_keeps_the_state_and_backs_off(case: Case) -> None:
    step, delays = Step(case.at(State.RUNNING, word="processing"), 0.0), []
    for _ in range(8):
        step = case.poll(step.job, errors.TransportError("No network."))
        delays.append(step.delay)
    assert (step.job.state, step.job.word) == (State.RUNNING, "processing")
    assert step.job.warning == "The last look failed: No network."
    assert delays[1] >= BACK_OFF[1]
    assert delays[-1] == BACK_OFF[-1]
    case.world.phases = (Phase.RUNNING,)
    step = case.poll(step.job)
    assert (step.job.tries, step.job.warning) == (0, "")


def test_retry_after_is_obeyed_to_the_second_and_never_shortens_a_wait(case: Case) -> None:
    job = case.at(State.RUNNING)
    assert case.poll(job, errors.QuotaError("Slow down.", waits=True, retry_after=123.0)).delay == 123.0
    assert case.poll(job, errors.QuotaError("Slow down.", waits=True, retry_after=1.0)).delay >= 10.0


def test_a_job_that_one_answer_lacks_is_kept(case: Case) -> None:
    job = case.at(State.RUNNING)
    case.provider.statuses = lambda handles: {}
    for _ in range(5):
        step = case.steps.poll([job], case.provider)[0]
        assert step.job.state is State.RUNNING
        assert step.delay is not None


def test_a_job_is_lost_only_after_a_second_look(case: Case) -> None:
    job = case.at(State.RUNNING)
    case.world.jobs.clear()
    case.now += YOUNG + 1
    step = case.poll(job)
    assert step.job.state is State.RUNNING
    assert step.delay >= SECOND_LOOK
    step = case.poll(step.job, errors.TransportError("No network."))
    assert step.job.state is State.RUNNING
    assert case.poll(step.job).job.state is State.LOST


def test_a_job_that_is_found_again_has_to_be_missed_twice_again(case: Case) -> None:
    job = case.at(State.RUNNING)
    kept = dict(case.world.jobs)
    case.world.phases = (Phase.RUNNING,)
    case.now += YOUNG + 1
    for _ in range(3):
        case.world.jobs.clear()
        assert case.poll(job).job.state is State.RUNNING
        case.world.jobs.update(kept)
        job = case.poll(case.journal.get(job.id)).job
        assert (job.state, job.word, job.warning) == (State.RUNNING, "running", "")


def test_a_young_job_may_be_unknown_for_a_while(case: Case) -> None:
    job = case.at(State.QUEUED)
    case.world.jobs.clear()
    for _ in range(4):
        case.now += YOUNG / 5
        job = case.poll(job).job
    assert job.state is State.QUEUED


def test_an_unknown_word_keeps_a_job_running_with_a_warning(case: Case) -> None:
    step = case.poll(case.at(State.QUEUED), status(Phase.RUNNING, word="reviewing", warning="SateAIs says “reviewing”."))
    assert (step.job.state, step.job.word) == (State.RUNNING, "reviewing")
    assert step.job.warning == "SateAIs says “reviewing”."


def test_neither_state_nor_progress_goes_back(case: Case) -> None:
    step = case.poll(case.at(State.QUEUED), status(Phase.RUNNING, progress=0.7))
    step = case.poll(step.job, status(Phase.QUEUED, progress=0.2))
    assert (step.job.state, step.job.progress) == (State.RUNNING, 0.7)
    step = case.poll(step.job, status(Phase.RUNNING, progress=float("nan")))
    assert step.job.progress == 0.7
    assert case.poll(step.job, status(Phase.RUNNING, progress=7.0)).job.progress == 1.0


@pytest.mark.parametrize(("phase", "state"), [
    (Phase.FAILED, State.FAILED), (Phase.CANCELLED, State.CANCELLED), (Phase.EXPIRED, State.EXPIRED),
    (Phase.UNRESOLVED, State.UNRESOLVED), (Phase.CANNOT_READ, State.CANNOT_READ),
])  # fmt: skip
def test_how_a_service_ends_a_job(case: Case, phase: Phase, state: State) -> None:
    known = {"message": "No scene.", "code": "E7", "cost": Cost(3.5, "credits"), "finished_at": "1970-01-12T14:00:00Z"}
    step = case.poll(case.at(State.RUNNING), status(phase, **known))
    assert (step.job.state, step.delay) == (state, None)
    assert (step.job.message, step.job.details, step.job.cost, step.job.finished_at) == ("No scene.", "E7", "3.5 credits", 1_000_800.0)
    assert case.poll(case.at(State.RUNNING), status(phase)).job.finished_at == case.now


def test_an_account_that_is_refused_is_raised_and_no_job_changes(case: Case) -> None:
    jobs = [case.at(State.RUNNING) for _ in range(2)]
    revoked = errors.AuthError("Revoked.")
    for answer in (revoked, lambda provider, ids: setattr(provider, "_status", lambda remote: revoked)):
        case.world.script["statuses"] = [answer]
        with pytest.raises(errors.AuthError):
            case.steps.poll(jobs, case.provider)
    assert [case.journal.get(job.id) for job in jobs] == jobs


def test_one_job_that_is_refused_does_not_stop_the_account(case: Case) -> None:
    jobs = [case.at(State.RUNNING) for _ in range(2)]
    look = case.provider._status
    case.provider._status = lambda remote: errors.AuthError("Not yours.") if remote == jobs[0].remote_id else look(remote)
    steps = case.steps.poll(jobs, case.provider)
    assert [step.job.warning for step in steps] == ["The last look failed: Not yours.", ""]


def test_a_job_forgotten_meanwhile_does_not_disturb_its_round(case: Case) -> None:
    jobs = [case.at(State.RUNNING) for _ in range(3)]
    case.world.script["statuses"] = [lambda *_: case.journal.forget(jobs[1].id)]
    assert [step.job.id for step in case.steps.poll(jobs, case.provider)] == [jobs[0].id, jobs[2].id]


def test_stop_while_polling_writes_nothing(case: Case) -> None:
    job = case.at(State.RUNNING)
    step = case.poll(job, errors.Cancelled("Stopped."))
    assert (step.job, case.journal.get(job.id)) == (job, job)


def test_a_result_that_is_gone_is_expired(case: Case) -> None:
    case.provider._status = lambda remote: errors.Gone("Kept for 30 days.")
    step = case.poll(case.at(State.RUNNING))
    assert (step.job.state, step.delay) == (State.EXPIRED, None)
    assert "Kept for 30 days." in step.job.message


# Fetching


def open_fails(case: Case, *problems: Any) -> None:
    case.world.script["open"] = list(problems)


def test_an_expired_link_is_asked_for_again_once(case: Case) -> None:
    from groundtrack.jobs.downloads import LinkExpired

    open_fails(case, LinkExpired("Expired."))
    assert case.fetch(case.at(State.SUCCEEDED)).job.state is State.FETCHED
    open_fails(case, LinkExpired("Expired."), LinkExpired("Expired."))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.EXPIRED, None)
    assert case.world.script["open"] == []


def test_a_result_that_is_gone_while_fetching_is_expired(case: Case) -> None:
    open_fails(case, errors.Gone("Kept for 30 days.", status=410))
    assert case.fetch(case.at(State.SUCCEEDED)).job.state is State.EXPIRED


def test_not_ready_after_all_is_asked_again_at_the_usual_pace_as_long_as_it_takes(case: Case) -> None:
    step = Step(case.at(State.SUCCEEDED), 0.0)
    for _ in range(20):
        open_fails(case, errors.ServiceError("Not ready.", status=409))
        step = case.fetch(step.job)
        assert step.job.state is State.SUCCEEDED
        assert 10.0 <= step.delay <= 11.0
    assert case.fetch(step.job).job.state is State.FETCHED


@pytest.mark.parametrize(("problem", "origin", "ends"), [
    (errors.TransportError("No network."), "dock", None), (errors.TransportError("No network."), "toolbox", State.CANNOT_READ),
    (errors.ServiceError("Down.", status=500), "dock", State.CANNOT_READ), (errors.NotFound("Unknown."), "dock", State.UNRESOLVED),
    (errors.QuotaError("Slow down.", waits=True, retry_after=3.0), "dock", State.CANNOT_READ),
])  # fmt: skip
def test_how_long_a_download_is_tried(case: Case, problem: Exception, origin: str, ends: State | None) -> None:
    step, tries = Step(case.at(State.SUCCEEDED, origin=origin), 0.0), 0
    while step.delay is not None and tries < 12:
        open_fails(case, *[problem] * 6)
        case.provider.cancel = case.cancel
        step, tries = case.steps.fetch(step.job, case.provider, case.folder / "r", _NoWait(), case.told.append), tries + 1
    assert (step.job.state if step.delay is None else None) == ends
    assert tries == (1 if isinstance(problem, errors.NotFound) else 12 if ends is None else len(BACK_OFF))
    if isinstance(problem, errors.QuotaError):
        assert step.job.tries == len(BACK_OFF)


class _NoWait(Cancel):
    def wait(self, seconds: float) -> None:
        """Time flies in this test."""


def test_a_finished_job_without_a_result_is_unresolved_in_the_end(case: Case) -> None:
    case.provider.assets = lambda handle: ()
    step = Step(case.at(State.SUCCEEDED), 0.0)
    while step.delay is not None:
        step = case.fetch(step.job)
    assert step.job.state is State.UNRESOLVED
    assert "names no result" in step.job.message


def test_what_groundtrack_cannot_read_waits_for_a_person_with_the_reason(case: Case) -> None:
    case.world.content = b"PK\x03\x04 and more"
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.CANNOT_READ, None)
    assert "not GeoJSON but a ZIP archive" in step.job.message


def test_a_full_disk_leaves_the_job_finished_and_says_what_to_do(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    from groundtrack.jobs import downloads

    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 5}))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.SUCCEEDED, None)
    assert "are free in" in step.job.message
    monkeypatch.undo()
    assert case.fetch(step.job).job.state is State.FETCHED


def test_a_download_that_is_stopped_says_how_to_go_on(case: Case) -> None:
    case.cancel.set()
    open_fails(case, errors.Cancelled("Stopped."))
    step = case.fetch(case.at(State.SUCCEEDED))
    assert (step.job.state, step.delay) == (State.SUCCEEDED, None)
    assert "Check Now" in step.job.message
    case.provider.cancel.set()
    open_fails(case, errors.Cancelled("Stopped."))
    assert case.fetch(step.job).job.message == ""  # QGIS ends: nothing to say


def test_a_key_that_was_revoked_meanwhile_keeps_the_job_finished(case: Case) -> None:
    job = case.at(State.SUCCEEDED)
    case.world.script["assets"] = [errors.AuthError("Revoked.")]
    with pytest.raises(errors.AuthError):
        case.fetch(job)
    assert case.journal.get(job.id).state is State.SUCCEEDED


def test_several_files_share_the_progress_and_equal_names_are_kept_apart(case: Case) -> None:
    asset = case.provider.assets(Handle("x"))[0]
    case.provider.assets = lambda handle: (asset, asset)
    job = case.at(State.SUCCEEDED)
    step = case.fetch(job)
    assert [Path(name).name for name in step.job.files] == ["result.geojson", "result_2.geojson"]
    shares = [told.progress for told in case.told]
    assert shares == sorted(shares)
    assert shares[0] == 0.5
    again = case.fetch(case.journal.change(job.id, back=True, state=State.SUCCEEDED))
    assert again.job.files == step.job.files
    assert len(list((case.folder / "results").iterdir())) == 2


def test_a_crash_after_the_download_is_made_good_without_a_second_one(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    job = case.at(State.SUCCEEDED)
    change = case.journal.change

    def crash(identity: str, **known: Any) -> Job:
        if known.get("state") is State.FETCHED:
            raise SystemExit
        return change(identity, **known)

    monkeypatch.setattr(case.journal, "change", crash)
    with pytest.raises(SystemExit):
        case.fetch(job)
    monkeypatch.undo()
    open_fails(case, AssertionError("downloaded twice"))
    assert case.fetch(case.journal.get(job.id)).job.state is State.FETCHED


def test_a_forgotten_job_ends_its_step(case: Case) -> None:
    job = case.at(State.SUCCEEDED)
    case.journal.forget(job.id)
    with pytest.raises(UnknownJob):
        case.fetch(job)


def test_no_secret_reaches_the_journal(case: Case) -> None:
    step = case.submit(case.new())
    case.fetch(case.poll(case.poll(step.job).job).job)
    with sqlite3.connect(case.folder / "journal.sqlite") as db:
        assert "one" not in {word for row in db.execute("SELECT body FROM jobs") for word in row[0].split('"')}
    db.close()
