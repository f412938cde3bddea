"""Many requests become jobs beside the main thread: each once, written down before it is sent, whatever happens meanwhile."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.jobs.group import new_group
from groundtrack.jobs.job import State
from groundtrack.jobs.journal import Journal
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.errors import ConfigError
from groundtrack.providers.operation import Request
from qgis.PyQt.QtCore import QObject
from support.docks import choose, paste, wait

MANY = 300
LONG = 30_000  # ms
ACCOUNT = Account("sateais", "Elsewhere", {"url": "http://127.0.0.1:9"}, Secrets({"api_key": "sk_live_nobody"}))  # not signed in


def requests(count: int = MANY) -> list[Request]:
    values = {"date": "2026-05-04", "date_direction": "nearest"}
    return [Request("ship", values, from_bounds(3 + n * 0.01, 51.0, 3.005 + n * 0.01, 51.01)) for n in range(count)]


class Slow:
    """Making waits until it may go on; notes the threads it was done in."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from groundtrack.ui import job_making

        self.go_on, self.begun, self.threads = threading.Event(), threading.Event(), []
        made = job_making.Making.jobs

        def jobs(making: Any, provider: Any) -> Any:
            self.threads.append(threading.current_thread())
            self.begun.set()
            if threading.current_thread() is not threading.main_thread():
                self.go_on.wait(30)
            return made(making, provider)

        monkeypatch.setattr(job_making.Making, "jobs", jobs)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    made = Slow(monkeypatch)
    yield made
    made.go_on.set()


def written(folder: Path) -> list[Any]:
    journal = Journal(folder / "journal.sqlite")
    found = list(journal.jobs())
    journal.close()
    return found


def send(session: Any, owner: QObject, asked: list[Request], **more: Any) -> tuple[list[Any], list[Exception]]:
    made: list[Any] = []
    failed: list[Exception] = []
    session.send(owner, ACCOUNT, asked, made.append, failed.append, **more)
    return made, failed


def test_many_are_made_by_a_worker_and_are_as_those_made_at_once(session: Any, slow: Slow, qtbot: Any, tmp_path: Path) -> None:
    slow.go_on.set()
    group, owner = new_group("Harbours", 1.0, paused=True), QObject()
    known = [{"group": group.id, "member": str(number)} for number in range(MANY)]
    made, failed = send(session, owner, requests(), known=known, group=group)
    assert made == []
    wait(qtbot, lambda: made, LONG)
    assert slow.threads != []
    assert threading.main_thread() not in slow.threads
    (jobs,) = made
    assert (len(jobs), failed) == (MANY, [])
    assert all(session.jobs[job.id] is job for job in jobs)
    assert session.groups[group.id] == group
    assert {job.id for job in jobs} <= session.own
    provider = session.provider(ACCOUNT)
    assert [job.fingerprint for job in jobs] == [provider.fingerprint(request) for request in requests()]
    assert [(job.group, job.member, job.account, job.title) for job in jobs[:1]] == [(group.id, "0", "Elsewhere", "Ships")]
    wait(qtbot, lambda: len(written(tmp_path)) == MANY, LONG)
    assert {job.state for job in written(tmp_path)} == {State.DRAFT}


def test_a_few_are_known_when_the_call_returns(session: Any, slow: Slow) -> None:
    made, _ = send(session, QObject(), requests(3))
    assert [len(jobs) for jobs in made] == [3]
    assert set(session.jobs) == {job.id for job in made[0]}
    assert slow.threads == [threading.main_thread()]


def test_one_with_a_large_outline_is_made_by_a_worker(session: Any, slow: Slow, qtbot: Any) -> None:
    points = [(4 + 0.1 * math.cos(n / 3000), 52 + 0.1 * math.sin(n / 3000)) for n in range(20_000)]
    owner = QObject()
    made, _ = send(session, owner, [Request("ship", {}, Aoi((((*points, points[0]),),)))])
    assert made == []
    slow.go_on.set()
    wait(qtbot, lambda: made, LONG)
    assert threading.main_thread() not in slow.threads


def test_what_was_asked_for_goes_on_when_nobody_waits_for_it(session: Any, slow: Slow, qtbot: Any) -> None:
    from qgis.PyQt import sip

    owner = QObject()
    made, failed = send(session, owner, requests())
    sip.delete(owner)
    slow.go_on.set()
    wait(qtbot, lambda: len(session.jobs) == MANY, LONG)
    assert (made, failed) == ([], [])


def test_what_is_still_made_when_qgis_ends_is_written_down_once(session: Any, slow: Slow, tmp_path: Path) -> None:
    made, _ = send(session, QObject(), requests())
    assert slow.begun.wait(30)
    session.stop()
    slow.go_on.set()
    session.poller.wait(LONG)
    assert made == []
    fingerprints = [job.fingerprint for job in written(tmp_path)]
    assert (len(fingerprints), len(set(fingerprints))) == (MANY, MANY)


def test_what_cannot_be_made_is_told_and_leaves_nothing(session: Any, monkeypatch: pytest.MonkeyPatch, qtbot: Any) -> None:
    from groundtrack.providers.sateais import SateAIs

    def refuse(self: Any, request: Request) -> str:
        raise ConfigError("The address is missing.")

    monkeypatch.setattr(SateAIs, "fingerprint", refuse)
    owner = QObject()
    for count in (2, MANY):
        made, failed = send(session, owner, requests(count))
        wait(qtbot, lambda failed=failed: failed, LONG)
        assert ("The address is missing." in str(failed[0]), made) == (True, [])
    assert session.jobs == {}


# In the dock


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One job counts as many."""
    monkeypatch.setattr("groundtrack.ui.job_making.FEW", 0)


def test_a_second_click_while_jobs_are_made_sends_nothing_more(dock: Any, session: Any, slow: Slow, many: None, qtbot: Any) -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    paste(dock)
    page.form.input("date").set_value("2026-05-04")
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.run_button.click()
    assert not page.foot.run_button.isEnabled()
    assert "being prepared" in page.foot.reason.text()
    page.run()
    page.form.input("date").set_value("2026-05-05")  # another request, which may be run once the first one is sent
    wait(qtbot, page.foot.run_button.isEnabled)
    page.run()
    assert session.jobs == {}
    slow.go_on.set()
    wait(qtbot, lambda: session.jobs, LONG)
    assert dock.tabs.currentWidget() is dock.jobs_page
    dock.tabs.setCurrentIndex(0)
    assert [job.request["values"]["date"] for job in session.jobs.values()] == ["2026-05-04"]
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 2, LONG)


def test_a_series_is_sent_once_however_often_one_clicks(
    session: Any, sateais_account: str, slow: Slow, many: None, qtbot: Any
) -> None:  # fmt: skip
    from groundtrack.ui.series_dialog import Order, SeriesDialog

    info = session.store.find(sateais_account)
    operation = session.provider(session.store.account(info)).operation("ship")
    dialog = SeriesDialog(session, Order(info, operation, tuple(requests(1)), "g" * 32, "Ships"))
    ran: list[Any] = []
    dialog.ran.connect(ran.append)
    dialog.show()
    wait(qtbot, dialog.run_button.isEnabled)
    dialog.run_button.click()
    assert not dialog.run_button.isEnabled()
    dialog.accept()
    dialog.reject()
    assert dialog.isVisible()
    slow.go_on.set()
    wait(qtbot, lambda: ran, LONG)
    assert not dialog.isVisible()
    assert [job.group for job in session.jobs.values()] == ["g" * 32]
    dialog.deleteLater()
