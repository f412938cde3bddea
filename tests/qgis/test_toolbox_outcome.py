"""How a run says why there is no result, in words that fit a place without a dock."""

from __future__ import annotations

from typing import Any

import pytest
from support.jobs import make_job


def refusal(**changes: Any) -> str:
    from groundtrack.toolbox.outcome import RunFailed, check_done

    job = make_job("one", **changes)
    with pytest.raises(RunFailed) as refused:
        check_done([job], {}, lambda job: job.title)
    return str(refused.value)


def test_a_job_that_is_no_longer_asked_for_says_so_and_how_to_go_on() -> None:
    text = refusal(state="running", word="pondering", remote_id="r")
    assert "has not finished the job for a long time" in text
    assert "“pondering”" in text
    assert "groundtrack:wait_for_job JOB_ID=" in text
    assert "failed" not in text


@pytest.mark.parametrize("state", ["unresolved", "cannot_read", "unconfirmed"])
def test_what_may_still_come_is_gone_on_with(state: str) -> None:
    assert "groundtrack:wait_for_job JOB_ID=" in refusal(state=state, message="Nothing was found.")


@pytest.mark.parametrize("state", ["lost", "unknown", "unconfirmed", "cancelled"])
def test_what_nobody_knows_of_is_named_so_and_can_be_looked_for_again(state: str) -> None:
    text = refusal(state=state, message="It does not show this job.", sent_at=1.0)
    assert text.startswith("It does not show this job. (outcome unknown)")
    assert "groundtrack:wait_for_job JOB_ID=" in text


def test_a_gesture_of_the_dock_becomes_the_algorithm_that_does_the_same() -> None:
    text = refusal(state="expired", message="The link has expired. Check Now asks for a new one.")
    assert text.startswith("The link has expired. groundtrack:fetch_results asks for a new one.")
    assert "expiry" in text


# What a run may cost


@pytest.mark.parametrize("estimates", [["2 credits", ""], ["2 credits", "-90 credits", "2 credits"], ["2 credits", "3 km²"]])
def test_a_budget_is_kept_only_with_prices_that_can_be_added_up(estimates: list[str]) -> None:
    from groundtrack.toolbox.allowance import RunFailed, within

    drafts = [make_job(str(number), state="draft", estimate=estimate) for number, estimate in enumerate(estimates)]
    with pytest.raises(RunFailed, match="a BUDGET cannot be kept"):
        within(50.0, drafts)


def test_a_budget_is_used_up_to_its_last_cent() -> None:
    from groundtrack.toolbox.allowance import within

    drafts = [make_job(str(number), state="draft", estimate="0.1 credits") for number in range(4)]
    assert [len(part) for part in within(0.3, drafts)] == [3, 1]
