"""Switching watches on and off: what is shown first, what is asked, what is kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QMessageBox
from support.docks import SQUARE, paste, texts, wait
from support.presets import action, entries, save, ships

LONG = 30_000  # ms


@pytest.fixture(autouse=True)
def no_watches(session: Any) -> Iterator[None]:
    from groundtrack.network import home
    from groundtrack.ui.watcher import watcher_of

    path = home() / "watches.sqlite"
    path.unlink(missing_ok=True)
    looking = watcher_of(session)
    yield
    wait_for = looking._busy
    assert not wait_for
    looking.close_down()
    path.unlink(missing_ok=True)
    shutil.rmtree(home() / "presets", ignore_errors=True)


@pytest.fixture
def row(dock: Any) -> Any:
    paste(dock, SQUARE)
    ships(dock, "today - 3 days")
    save(dock, "Port watch")
    return dock.new_job.presets


def ask(row: Any, dock: Any, qtbot: Any) -> Any:
    from groundtrack.ui.watch_dialog import WatchDialog

    row.save_button.menu().aboutToShow.emit()
    action(row, "Watch “").trigger()
    wait(qtbot, lambda: dock.new_job.findChildren(WatchDialog), LONG)
    dialog = dock.new_job.findChildren(WatchDialog)[0]
    wait(qtbot, lambda: "Each run costs about" in dialog.price.text(), LONG)
    return dialog


def test_the_cost_is_shown_and_agreed_to_before_anything_runs(row: Any, dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.watcher import watcher_of

    dialog = ask(row, dock, qtbot)
    assert "a month (about 30 runs)" in dialog.price.text()
    assert not dialog.on_button.isEnabled()
    one = dialog.watch().price
    assert dialog.cap.value() == pytest.approx(30 * one, abs=0.01)
    dialog.period.setCurrentIndex(dialog.period.findData("hour"))
    assert "(about 720 runs)" in dialog.price.text()
    dialog.window_box.setChecked(True)
    assert "(about 300 runs)" in dialog.price.text()
    dialog.consent.setChecked(True)
    assert dialog.on_button.isEnabled()
    dialog.cap.setValue(0)
    assert not dialog.on_button.isEnabled()
    dialog.reject()
    assert watcher_of(session).states == ()
    assert session.jobs == {}


def test_a_watch_is_no_part_of_the_project(row: Any, dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.watcher import watcher_of

    before = entries()
    QgsProject.instance().setDirty(False)
    dialog = ask(row, dock, qtbot)
    dialog.consent.setChecked(True)
    dialog.on_button.click()
    looking = watcher_of(session)
    wait(qtbot, lambda: session.jobs and not looking._busy and looking.states[0].last_at, LONG)
    assert not QgsProject.instance().isDirty()
    assert entries() == before
    watch = looking.states[0].watch
    assert watch.preset.values["date"] == "today - 3 days"
    assert watch.preset.area.shapes[0].bounds == (3.9, 51.95, 4.2, 52.1)
    assert watch.group == f"preset-{row.kept().identity}"
    assert next(iter(session.jobs.values())).group_title == "Port watch"


def test_a_watch_that_its_cap_ended_says_so_in_the_list(row: Any, dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.watcher import watcher_of
    from support.watches import watch

    looking = watcher_of(session)
    looking.store.put(watch(on=False, cap=0.5, price=0.6))
    dialog = row.show_watches()
    wait(qtbot, lambda: dialog.tree.topLevelItemCount(), LONG)
    assert "another run would pass its cap of 0.5 credits" in dialog.outcome.text()
    looking.store.put(watch(on=False, cap=5.0, price=0.6))
    looking.look()
    wait(qtbot, lambda: "cap" not in dialog.outcome.text(), LONG)
    dialog.accept()


def test_fixed_dates_are_pointed_out(dock: Any, qtbot: Any) -> None:
    paste(dock, SQUARE)
    ships(dock, "2026-05-04")
    save(dock, "Old")
    dialog = ask(dock.new_job.presets, dock, qtbot)
    assert "only the first run has something to ask for" in dialog.fixed.text()
    dialog.reject()


def test_the_list_shows_and_switches(
    row: Any, dock: Any, session: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groundtrack.ui.watch_dialog import WatchDialog
    from groundtrack.ui.watcher import watcher_of

    looking = watcher_of(session)
    empty = row.show_watches()
    assert "No watches yet" in texts(empty)
    dialog = ask(row, dock, qtbot)
    dialog.consent.setChecked(True)
    dialog.accept()
    wait(qtbot, lambda: session.jobs and not looking._busy and looking.states[0].last_at, LONG)
    wait(qtbot, lambda: empty.outcome.text() == "1 job was sent.", LONG)
    item = empty.tree.topLevelItem(0)
    assert item.text(0) == "Port watch"
    assert "Every day" in item.text(1)
    assert item.text(2).startswith("today ")
    assert item.text(3).startswith("tomorrow ")
    assert " of " in item.text(4)
    assert empty.switch_button.text() == "Switch Off"
    empty.switch_button.click()
    wait(qtbot, lambda: empty.tree.topLevelItem(0).text(3) == "off", LONG)
    empty.switch_button.click()
    again = empty.findChild(WatchDialog)
    wait(qtbot, lambda: "Each run costs" in again.price.text(), LONG)
    assert not again.on_button.isEnabled()
    again.reject()
    empty.run_button.click()
    wait(qtbot, lambda: "the same was asked for before. Run the preset itself" in empty.outcome.text(), LONG)
    wait(qtbot, lambda: empty.notice.text() == "", LONG)  # said once
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    empty.remove_button.click()
    wait(qtbot, lambda: not empty.tree.topLevelItemCount(), LONG)
    empty.accept()


def test_a_preset_of_a_project_brings_no_watch(make_dock: Any, session: Any, sateais_account: str, qtbot: Any) -> None:
    from groundtrack.ui.watcher import watcher_of
    from support.presets import ship_preset, write_entry

    write_entry(ship_preset(watch={"on": True, "every": 1, "period": "hour"}, on=True))
    dock = make_dock()
    dock.new_job.presets.shelf._stores["project"]._load()
    assert dock.new_job.presets.kept().preset.unknown == ("watch", "on")
    looking = watcher_of(session)
    with qtbot.waitSignal(looking.changed, timeout=LONG):
        looking.look()
    assert looking.states == ()
    assert session.jobs == {}
