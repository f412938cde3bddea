"""Repeating a job or a preset with new dates, and playing what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from qgis.core import QgsProject, QgsRectangle, QgsTemporalNavigationObject
from qgis.PyQt.QtCore import QDate
from simulator import Simulator
from support.docks import SQUARE, choose, paste, texts, wait
from support.presets import action, save, ships

LONG = 60_000  # ms


def run_ships(dock: Any, qtbot: Any, date: str = "2026-05-04") -> Any:
    paste(dock, SQUARE)
    ships(dock, date)
    wait(qtbot, dock.new_job.foot.run_button.isEnabled)
    dock.new_job.foot.run_button.click()
    return dock._session.jobs[next(reversed(dock._session.jobs))]


def dialog_of(dock: Any, job: Any) -> Any:
    from groundtrack.ui.series_dialog import SeriesDialog

    dock.show_jobs(job.id)
    dock.jobs_page._actions.actions["dates"].trigger()
    return next(item for item in dock.jobs_page.findChildren(SeriesDialog) if item.isVisible())


def between(dialog: Any, first: str, last: str, amount: int, unit: str) -> None:
    choose(dialog.mode, "From – To")
    dialog.first.setDate(QDate.fromString(first, "yyyy-MM-dd"))
    dialog.last.setDate(QDate.fromString(last, "yyyy-MM-dd"))
    dialog.amount.setValue(amount)
    choose(dialog.unit, unit)


def listed(dialog: Any) -> list[str]:
    return [dialog.list.item(row).text() for row in range(dialog.list.count())]


def in_tree() -> dict[str, list[str]]:
    groups = QgsProject.instance().layerTreeRoot().findGroups(True)
    return {group.name(): [node.layer().name().split(" (")[0] for node in group.findLayers()] for group in groups}


def seen_in(frame: Any) -> list[str]:
    """The days of the layers that QGIS draws in this time."""
    layers = [layer.temporalProperties() for layer in QgsProject.instance().mapLayers().values()]
    drawn = [properties for properties in layers if properties.isVisibleInTemporalRange(frame)]
    return [properties.fixedTemporalRange().begin().date().toString("yyyy-MM-dd") for properties in drawn]


def test_a_job_becomes_a_dated_series_in_one_group(dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    from groundtrack.jobs.job import State

    first = run_ships(dock, qtbot)
    wait(qtbot, lambda: session.jobs[first.id].state is State.LOADED, LONG)
    dialog = dialog_of(dock, first)
    wait(qtbot, lambda: dialog.plan.requests)
    assert listed(dialog) == ["2026-05-11"]
    between(dialog, "2026-05-04", "2026-05-25", 1, "Weeks")
    wait(qtbot, lambda: len(dialog.plan.requests) == 3)
    assert listed(dialog) == ["2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"]
    assert "3 jobs (1 was asked for before)" in dialog.number.text()
    wait(qtbot, lambda: "credits" in dialog.cost.text())
    assert dialog.run_button.text() == "Run 3 Jobs"
    dialog.run_button.click()
    wait(qtbot, lambda: all(job.state is State.LOADED for job in session.jobs.values()), LONG)
    assert len(session.jobs) == 4
    assert {job.member for job in session.jobs.values()} == {"2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"}
    assert len({job.group for job in session.jobs.values()}) == 1
    assert in_tree() == {"Ships · Port of X": [f"Ships 2026-05-{day}" for day in ("25", "18", "11", "04")]}
    layers = QgsProject.instance().mapLayers().values()
    days = {layer.temporalProperties().fixedTemporalRange().begin().date().toString("yyyy-MM-dd") for layer in layers}
    assert days == {"2026-05-04", "2026-05-11", "2026-05-18", "2026-05-25"}


def test_a_series_begun_on_the_31st_comes_back_to_it(dock: Any, session: Any, qtbot: Any) -> None:
    dialog = dialog_of(dock, run_ships(dock, qtbot, "2026-01-31"))
    between(dialog, "2026-01-31", "2026-02-28", 1, "Months")
    wait(qtbot, lambda: len(dialog.plan.requests) == 1)
    dialog.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 2 and all(job.group for job in session.jobs.values()), LONG)
    again = dialog_of(dock, next(job for job in session.jobs.values() if job.member == "2026-02-28"))
    choose(again.unit, "Months")
    wait(qtbot, lambda: listed(again) == ["2026-03-31"])
    choose(again.mode, "All Up to Today")
    choose(again.unit, "Months")
    wait(qtbot, lambda: listed(again)[:2] == ["2026-03-31", "2026-04-30"])
    again.reject()


def test_up_to_today_ends_today_and_asks_nothing_twice(dock: Any, session: Any, qtbot: Any) -> None:
    today = dt.datetime.now(dt.timezone.utc).date()
    first = run_ships(dock, qtbot, (today - dt.timedelta(days=30)).isoformat())
    dialog = dialog_of(dock, first)
    choose(dialog.mode, "All Up to Today")
    dialog.amount.setValue(10)
    choose(dialog.unit, "Days")
    wait(qtbot, lambda: len(dialog.plan.requests) == 3)
    assert listed(dialog)[-1] == today.isoformat()
    dialog.run_button.click()
    again = dialog_of(dock, session.jobs[first.id])
    choose(again.mode, "All Up to Today")
    again.amount.setValue(10)
    choose(again.unit, "Days")
    wait(qtbot, lambda: again.plan.there == 3)
    assert not again.run_button.isEnabled()
    again.again.setChecked(True)
    wait(qtbot, lambda: len(again.plan.requests) == 3)
    again.reject()


def test_what_would_be_refused_is_said_with_its_date(dock: Any, qtbot: Any) -> None:
    first = run_ships(dock, qtbot)
    dialog = dialog_of(dock, first)
    between(dialog, "2026-05-04", "2099-01-01", 1, "Years")
    wait(qtbot, lambda: "2027-05-04: " in dialog.complaint.text())
    assert not dialog.run_button.isEnabled()
    between(dialog, "2026-05-04", "2026-05-01", 1, "Days")
    wait(qtbot, lambda: "before the first" in dialog.complaint.text())
    between(dialog, "2000-01-01", "2026-05-01", 1, "Days")
    wait(qtbot, lambda: "at most 366" in dialog.complaint.text())
    dialog.reject()


def test_runs_of_a_preset_are_one_series(dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.series_dialog import SeriesDialog

    paste(dock, SQUARE)
    ships(dock, "2026-05-04")
    save(dock, "Port watch")
    row = dock.new_job.presets
    row.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 1)
    dock.tabs.setCurrentIndex(0)
    row.save_button.menu().aboutToShow.emit()
    action(row, "Run “Port watch” with New Dates").trigger()
    wait(qtbot, lambda: dock.new_job.findChildren(SeriesDialog))
    dialog = dock.new_job.findChildren(SeriesDialog)[0]
    assert dialog.name.text() == "Port watch"
    assert not dialog.name.isEnabled()
    wait(qtbot, lambda: dialog.run_button.isEnabled())
    dialog.run_button.click()
    wait(qtbot, lambda: len(session.jobs) == 2)
    assert {(job.group_title, job.member) for job in session.jobs.values()} == {("Port watch", "2026-05-04"), ("Port watch", "2026-05-11")}
    assert len({job.group for job in session.jobs.values()}) == 1


def test_running_anyway_stays_in_the_series(dock: Any, session: Any, qtbot: Any) -> None:
    paste(dock, SQUARE)
    ships(dock, "2026-05-04")
    save(dock, "Port watch")
    for _ in range(2):
        dock.tabs.setCurrentIndex(0)
        dock.new_job.presets.run_button.click()
        wait(qtbot, lambda: len(session.jobs) == 1)
        wait(qtbot, lambda: dock.new_job.checker.verdict is not None)
    wait(qtbot, lambda: "The same request was sent" in texts(dock.new_job))
    dock.new_job.foot.run_button.click()
    assert [job.group_title for job in session.jobs.values()] == ["Port watch", "Port watch"]


@pytest.mark.parametrize("with_controller", [True, False])
def test_a_series_is_played(dock: Any, session: Any, qgis_iface: Any, qtbot: Any, with_controller: bool) -> None:
    from groundtrack.jobs.job import State

    first = run_ships(dock, qtbot)
    dialog = dialog_of(dock, first)
    assert not dock.jobs_page._actions.actions["play"].isVisible()
    wait(qtbot, dialog.run_button.isEnabled)
    dialog.run_button.click()
    wait(qtbot, lambda: all(job.state is State.LOADED for job in session.jobs.values()), LONG)
    canvas = qgis_iface.mapCanvas()
    controller = QgsTemporalNavigationObject(canvas)
    if with_controller:
        canvas.setTemporalController(controller)
    dock.show_jobs(first.id)
    wait(qtbot, dock.jobs_page._actions.actions["play"].isVisible)
    canvas.setExtent(QgsRectangle(4.0, 51.99, 4.001, 51.991))  # where one of the ships may be
    dock.jobs_page._actions.actions["play"].trigger()
    assert all(canvas.extent().contains(layer.extent()) for layer in QgsProject.instance().mapLayers().values())
    whole = QgsProject.instance().timeSettings().temporalRange()
    assert whole.begin().date() == QDate(2026, 5, 4)
    assert whole.end().date() == QDate(2026, 5, 11)
    assert canvas.temporalRange().begin().date() == QDate(2026, 5, 4)
    if with_controller:
        assert controller.animationState() == QgsTemporalNavigationObject.AnimationState.Forward
        controller.pause()
        frames = [controller.dateTimeRangeForFrameNumber(number) for number in range(controller.totalFrameCount())]
        assert [seen_in(frame) for frame in frames] == [["2026-05-04"], ["2026-05-11"]]


def test_the_layer_knows_the_way_back_to_its_job(dock: Any, session: Any, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.jobs.job import State
    from groundtrack.ui.layer_menu import LayerMenu
    from groundtrack.ui.series_dialog import SeriesDialog

    menu = LayerMenu(session, qgis_iface)
    job = run_ships(dock, qtbot)
    wait(qtbot, lambda: session.jobs[job.id].state is State.LOADED, LONG)
    layer = next(iter(QgsProject.instance().mapLayers().values()))
    repeat, play = menu.actions
    assert qgis_iface.layer_actions[repeat] == [layer.id()]
    qgis_iface.setActiveLayer(layer)
    play.trigger()
    assert "nothing to play yet" in qgis_iface.messageBar().currentItem().text()
    repeat.trigger()
    dialog = next(item for item in qgis_iface.mainWindow().findChildren(SeriesDialog) if item.isVisible())
    wait(qtbot, dialog.run_button.isEnabled)
    dialog.run_button.click()
    assert len(session.jobs) == 2
    menu.close_down()
    assert qgis_iface.layer_actions == {}
