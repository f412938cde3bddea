"""Jobs as values, and the order of their states."""

from __future__ import annotations

import json
from typing import Any

import pytest
from groundtrack.jobs.job import Job, State
from support.service import draft


def test_a_job_survives_json_whole() -> None:
    job = draft(title="Ships", project="/maps/port.qgz").changed(
        state=State.FETCHED, remote_id="r-1", extra={"operation": "work"}, files=("/a/b.geojson",), progress=1.0, finished_at=12.5
    )
    assert Job.from_dict(json.loads(json.dumps(job.to_dict()))) == job


def test_members_of_a_newer_version_are_ignored() -> None:
    assert Job.from_dict({**draft(now=1.0).to_dict(), "mood": "bright"}).created_at == 1.0


def test_the_tag_of_a_request_is_the_id_of_its_job() -> None:
    one, other = draft(), draft()
    assert one.asked().tag == one.id != other.id
    assert one.asked().values == {"n": 1}


def test_states_are_ordered_along_the_way_of_a_job() -> None:
    way = ["draft", "submitting", "unconfirmed", "queued", "running", "succeeded", "fetching", "fetched", "loaded"]
    ranks = [State(word).rank for word in way]
    assert ranks == sorted(set(ranks))
    assert all(state.rank > State.RUNNING.rank for state in State if state.failed)


def test_every_state_is_followed_or_has_ended() -> None:
    assert {state for state in State if state.followed and state.failed} == set()
    ended = {state for state in State if not state.followed and not state.failed}
    assert ended == {State.FETCHED, State.LOADED}
    assert {state for state in State if state.at_work} == {State.SUBMITTING, State.UNCONFIRMED, State.QUEUED, State.RUNNING}


@pytest.mark.parametrize(
    ("known", "in_doubt", "counts"),
    [
        ({"state": State.DRAFT}, False, True),
        ({"state": State.SUBMITTING, "sent_at": 1.0}, True, True),
        ({"state": State.UNCONFIRMED, "sent_at": 1.0}, True, True),
        ({"state": State.LOST, "sent_at": 1.0}, True, True),
        ({"state": State.UNKNOWN, "sent_at": 1.0}, True, True),
        ({"state": State.CANCELLED, "sent_at": 1.0}, True, True),
        ({"state": State.CANCELLED}, False, False),
        ({"state": State.FAILED, "sent_at": 1.0}, False, False),
        ({"state": State.LOST, "sent_at": 1.0, "remote_id": "r"}, False, False),
        ({"state": State.RUNNING, "sent_at": 1.0, "remote_id": "r"}, False, True),
    ],
)
def test_what_may_have_been_paid_for_unseen(known: dict[str, Any], in_doubt: bool, counts: bool) -> None:
    job = draft().changed(**known)
    assert (job.in_doubt, job.counts) == (in_doubt, counts)


def test_one_more_look_goes_where_there_is_something_to_see() -> None:
    lost = draft().changed(state=State.LOST, sent_at=1.0)
    assert lost.looked_at_again is State.UNCONFIRMED
    assert lost.changed(remote_id="r").looked_at_again is State.RUNNING
    assert draft().changed(state=State.FAILED, sent_at=1.0).looked_at_again is State.FAILED
    assert draft().changed(state=State.UNCONFIRMED, sent_at=1.0).looked_at_again is State.UNCONFIRMED


def test_the_account_key_names_service_and_account() -> None:
    assert draft(account="Harbour").account_key == "fake/Harbour"
