"""Watching a job: what each look writes down, and when the next one is due."""

from __future__ import annotations

import pytest
from groundtrack.jobs.job import State
from groundtrack.jobs.steps import BACK_OFF, SECOND_LOOK, YOUNG, Step
from groundtrack.providers import errors
from groundtrack.providers.base import Cost, Phase
from support.service import PACE
from support.steps import Case, status


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
