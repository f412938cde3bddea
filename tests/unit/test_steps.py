"""Sending a job and finding a lost one again: what each step writes down, and when the next one is due."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.job import Job, State
from groundtrack.jobs.journal import Journal, JournalError
from groundtrack.jobs.steps import BACK_OFF, CROWDED, LOOKS, SLOWLY, SUBMIT_TRIES, Step, looks_made
from groundtrack.providers import errors
from groundtrack.providers.service_clock import ServiceClock
from support.service import CONTENT, PACE, Fake
from support.steps import Case

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


def test_when_it_is_tried_again_is_written_down(case: Case) -> None:
    case.world.script["submit"] = [errors.QuotaError("Too many jobs", waits=True, retry_after=30.0), errors.TransportError("No connection")]
    step = case.submit(case.new())
    assert (step.job.state, step.job.next_at, step.delay) == (State.DRAFT, case.now + 30.0, 30.0)
    assert step.job.message == "Too many jobs. Add credits or wait, then run the job again."
    step = case.submit(step.job)
    assert (step.job.next_at, step.delay) == (case.now + BACK_OFF[0], BACK_OFF[0])
    step = case.submit(step.job)
    assert (step.job.state, step.job.next_at) == (State.QUEUED, 0.0)


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


def looked_for(case: Case, job: Job) -> tuple[Step, list[float | None]]:
    """The last step of looking for a job, and the delays on the way."""
    step, delays = Step(job, 0.0), []
    while step.delay is not None and len(delays) < 20:
        step = case.recover(step.job)
        delays.append(step.delay)
    return step, delays


def test_a_job_that_the_service_surely_does_not_show_is_lost(case: Case) -> None:
    step, delays = looked_for(case, case.at(State.SUBMITTING))
    assert delays == [*LOOKS[1:], None]
    assert (step.job.state, step.job.finished_at, step.job.in_doubt) == (State.LOST, case.now, True)
    for words in ("Outcome unknown: ", "most likely never arrived", "not sent again by itself", "own list of jobs"):
        assert words in step.job.message
    assert case.world.jobs == {}  # nothing was sent


def test_a_list_that_may_tell_later_is_looked_at_again(case: Case) -> None:
    doubt = errors.AmbiguousSubmit("It does not say what a job is for.", later=True)
    case.world.script["recover"] = [doubt]
    job = case.at(State.UNCONFIRMED)
    case.world.create(job.asked())
    step = case.recover(job)
    assert (step.job.state, step.delay) == (State.UNCONFIRMED, LOOKS[1])
    assert step.job.message == "Outcome unknown: It does not say what a job is for."
    assert case.recover(step.job).job.remote_id == "remote-1"
    case.world.script["recover"] = [doubt] * len(LOOKS)
    step, delays = looked_for(case, case.at(State.UNCONFIRMED))
    assert (step.job.state, delays) == (State.UNKNOWN, [*LOOKS[1:], None])
    assert step.job.message.startswith("Outcome unknown: It does not say what a job is for. It was not sent again by itself.")


def test_the_services_own_time_is_written_down_before_the_request_leaves(case: Case) -> None:
    seen: list[float] = []
    clock = ServiceClock(lambda: 5.0)
    clock.learn({"date": formatdate(case.now - 900, usegmt=True)})
    case.provider.transport.clock = clock
    case.world.script["submit"] = [lambda provider, request: seen.append(case.journal.get(request.tag).sent_there)]
    job = case.submit(case.new()).job
    assert (seen, job.sent_at) == ([case.now - 900], case.now)


@pytest.mark.parametrize("state", [State.LOST, State.UNKNOWN])
def test_one_more_look_adopts_what_turned_up_late(case: Case, state: State) -> None:
    job = case.at(State.UNCONFIRMED)
    job = case.journal.change(job.id, state=state, remote_id="")
    again = case.journal.change(job.id, back=True, state=job.looked_at_again, tries=looks_made(job))
    step = case.recover(again)
    assert (again.state, step.job.state, step.delay) == (State.UNCONFIRMED, State.LOST, None)  # one look, and not all
    case.world.create(job.asked())
    step = case.recover(step.job)
    assert (step.job.state, step.job.remote_id, step.job.finished_at) == (State.QUEUED, "remote-1", 0.0)
    assert not step.job.in_doubt


def test_a_restart_looks_no_sooner_and_a_clock_put_back_not_much_later(case: Case) -> None:
    job = case.recover(case.at(State.UNCONFIRMED)).job
    assert case.steps.first_delay(job, case.provider) == LOOKS[1]
    case.now += 4.0
    assert case.steps.first_delay(job, case.provider) == LOOKS[1] - 4.0
    case.now -= 86_400.0
    assert case.steps.first_delay(job, case.provider) == LOOKS[-1]


@pytest.mark.parametrize("problem", [errors.TransportError("No network."), errors.ServiceError("Down."), errors.ProtocolError("No JSON.")])
def test_a_look_that_failed_neither_counts_nor_gives_up(case: Case, problem: errors.ServiceProblem) -> None:
    step = Step(case.at(State.UNCONFIRMED, message="No answer."), 0.0)
    for _ in range(3 * len(LOOKS)):
        case.world.script["recover"] = [problem]
        step = case.recover(step.job)
        assert step.delay == SLOWLY
    assert (step.job.state, step.job.tries, step.job.message) == (State.UNCONFIRMED, 0, "No answer.")
    assert step.job.warning == f"The last look failed: {problem.message}"
    assert case.recover(step.job).job.warning == ""


def test_a_service_that_cannot_tell_leaves_it_to_the_person(case: Case) -> None:
    case.world.script["recover"] = [errors.AmbiguousSubmit("It keeps no list.")]
    step = case.recover(case.at(State.SUBMITTING))
    assert (step.job.state, step.delay, step.job.in_doubt) == (State.UNKNOWN, None, True)
    assert step.job.message.startswith("Outcome unknown: It keeps no list. It was not sent again by itself.")
