"""Projects at a service: listed, made, renamed, deleted; with a simulated Mapflow."""

from __future__ import annotations

from typing import Any

import pytest
from groundtrack.jobs.job import State
from groundtrack.ui.confirm_dialog import ConfirmDialog
from groundtrack.ui.name_dialog import NameDialog
from groundtrack.ui.projects_dialog import ProjectsDialog
from support.docks import choose, paste, wait
from support.kept import KEY, adopt, made_elsewhere, mapflow_account, service

LONG = 30_000  # ms
NAME = "Häfen 🏠 & <b>Kais</b>"


@pytest.fixture
def dialog(session: Any, simulator: Any, qgis_iface: Any, qtbot: Any) -> Any:
    mapflow_account(session, simulator)
    made = ProjectsDialog(session, KEY, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.show()
    wait(qtbot, lambda: rows(made), LONG)
    return made


def rows(dialog: Any) -> list[list[str]]:
    items = [dialog.tree.topLevelItem(row) for row in range(dialog.tree.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items if not item.isHidden()]


def names(dialog: Any) -> list[str]:
    return [row[0] for row in rows(dialog)]


def made(dialog: Any, qtbot: Any, name: str) -> None:
    dialog.create_button.click()
    asked = dialog.findChildren(NameDialog)[-1]
    asked.name.setText(name)
    asked.accept()
    wait(qtbot, lambda: name in names(dialog), LONG)


def test_the_default_project_is_marked_and_stays(dialog: Any) -> None:
    assert names(dialog) == ["Default (default)"]
    dialog.select("Default")
    assert dialog.rename_button.isEnabled()
    assert not dialog.delete_button.isEnabled()
    assert "cannot be deleted" in dialog.delete_button.toolTip()


def test_a_project_is_made_once_under_a_name_of_its_own(dialog: Any, simulator: Any, qtbot: Any) -> None:
    made(dialog, qtbot, NAME)
    assert dialog.chosen().name == NAME
    assert NAME in dialog.notice.text()
    dialog.create_button.click()
    asked = dialog.findChildren(NameDialog)[-1]
    asked.name.setText(f" {NAME.upper()} ")
    assert not asked.yes.isEnabled()
    assert "taken" in asked.complaint.text()
    asked.reject()
    assert len(simulator.mapflow.projects) == 2


def test_counts_and_shares_are_shown(dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    made(dialog, qtbot, "Harbour")
    place = dialog.chosen().id
    simulator.mapflow.projects[place].shared["guest@example.org"] = "contributor"
    for handle in made_elsewhere(session, "a", "b", "c-fail", project="Harbour"):
        simulator.mapflow.finish(handle.remote_id)
    dialog.refresh_button.click()
    wait(qtbot, lambda: ["Harbour", "2", "1", "with 1 person"] in [row[:4] for row in rows(dialog)], LONG)
    dialog.select("Harbour")
    assert "guest@example.org – contributor" in dialog.tree.selectedItems()[0].toolTip(0)


def test_a_project_is_renamed_and_described(dialog: Any, simulator: Any, qtbot: Any) -> None:
    made(dialog, qtbot, "Harbour")
    place = dialog.chosen().id
    with qtbot.waitSignal(dialog.renamed, timeout=LONG) as told:
        dialog.rename_button.click()
        asked = dialog.findChildren(NameDialog)[-1]
        asked.name.setText("Quays")
        asked.description.setPlainText("Roofs near the quay")
        asked.accept()
    assert told.args == ["Harbour", "Quays"]
    assert (simulator.mapflow.projects[place].name, simulator.mapflow.projects[place].description) == ("Quays", "Roofs near the quay")


def test_deleting_names_what_goes_and_wants_to_be_agreed_to(dialog: Any, session: Any, simulator: Any, qtbot: Any) -> None:
    made(dialog, qtbot, "Harbour")
    place = dialog.chosen().id
    simulator.mapflow.next_job(2, run_time=1e9)
    handles = made_elsewhere(session, "a", "b", project="Harbour")
    simulator.mapflow.finish(handles[0].remote_id)
    job = adopt(qtbot, session, handles[1])
    dialog.refresh_button.click()
    wait(qtbot, lambda: ["Harbour", "1", "0"] in [row[:3] for row in rows(dialog)], LONG)
    dialog.select("Harbour")
    dialog.delete_button.click()
    asked = dialog.findChildren(ConfirmDialog)[-1]
    assert all(part in asked.text.text() for part in ("“Harbour”", "1 finished job", "results", "1 of its jobs is in your list"))
    assert not asked.yes.isEnabled()
    asked.reject()
    assert place in simulator.mapflow.projects
    dialog.delete_button.click()
    asked = dialog.findChildren(ConfirmDialog)[-1]
    asked.box.setChecked(True)
    asked.yes.click()
    wait(qtbot, lambda: "Harbour" not in names(dialog), LONG)
    assert place not in simulator.mapflow.projects
    wait(qtbot, lambda: session.jobs[job.id].state is State.LOST, LONG)


@pytest.mark.parametrize(("status", "words"), [(403, "role or plan"), (404, "moved"), (409, "moved"), (500, "moved")])
def test_a_refusal_is_told_and_the_list_stays_true(dialog: Any, simulator: Any, qtbot: Any, status: int, words: str) -> None:
    made(dialog, qtbot, "Harbour")
    simulator.faults.add("status", method="PUT", path="/rest/projects/*", times=0, status=status, body={"message": "It moved."})
    dialog._rename(dialog.chosen(), "Quays", "")
    wait(qtbot, lambda: words in dialog.notice.text(), LONG)
    assert "Harbour" in names(dialog)
    assert dialog.create_button.isEnabled()


@pytest.mark.parametrize("kind", ["drop_after", "empty", "garbage"])
def test_a_lost_answer_is_cleared_up_by_the_list(dialog: Any, simulator: Any, qtbot: Any, kind: str) -> None:
    made(dialog, qtbot, "Harbour")
    project = dialog.chosen()
    simulator.faults.add(kind, method="DELETE", path="/rest/projects/*")
    dialog._delete(project)
    wait(qtbot, lambda: "was deleted" in dialog.notice.text(), LONG)
    simulator.faults.add("drop_before", method="POST", path="/rest/projects", times=0)
    dialog._create("Piers", "")
    wait(qtbot, lambda: "gave no answer" in dialog.notice.text(), LONG)
    assert "Piers" not in names(dialog)


@pytest.mark.parametrize("kind", ["garbage", "html", "status"])
def test_a_list_that_cannot_be_read_is_told(dialog: Any, simulator: Any, qtbot: Any, kind: str) -> None:
    simulator.faults.add(kind, path="/rest/projects/page", times=0)
    dialog.refresh_button.click()
    wait(qtbot, lambda: dialog.notice.level() == "failed", LONG)
    assert rows(dialog) == []


def test_a_guest_may_look_and_not_touch(session: Any, simulator: Any, qgis_iface: Any, qtbot: Any) -> None:
    simulator.mapflow.default_project().shared["guest@example.org"] = "readonly"
    mapflow_account(session, simulator, "readonly")
    dialog = ProjectsDialog(session, KEY, qgis_iface.mainWindow())
    qtbot.addWidget(dialog)
    dialog.show()
    wait(qtbot, lambda: rows(dialog), LONG)
    assert "yours as readonly" in rows(dialog)[0][3]
    dialog.select("Default")
    assert not dialog.rename_button.isEnabled()


def test_projects_are_searched(dialog: Any, qtbot: Any) -> None:
    for name in ("Harbour", "North pier", "South pier"):
        made(dialog, qtbot, name)
    dialog.search.setText("pier")
    assert names(dialog) == ["North pier", "South pier"]
    dialog.select("South pier")
    dialog.search.setText("north")
    assert not dialog.delete_button.isEnabled()
    dialog.search.setText("quarry")
    assert "No project has this" in dialog.notice.text()
    dialog.search.clear()
    assert dialog.notice.text() == ""


def test_projects_are_managed_from_the_form_which_follows(session: Any, simulator: Any, make_dock: Any, qtbot: Any) -> None:
    mapflow_account(session, simulator)
    with service(session) as provider:
        provider.create_project("Harbour")
    dock = make_dock()
    choose(dock.new_job.account.combo, "Harbour office")
    paste(dock)
    wait(qtbot, lambda: ("Harbour", "Harbour") in dock.new_job.suggestions.choices("project"), LONG)
    dock.new_job.form.input("project").set_value("Harbour")
    menu = dock.new_job.suggestions._lists["project"]._menu
    next(action for action in menu.actions() if action.text() == "Manage Projects…").trigger()
    dialog = dock.jobs_page.windows._projects
    wait(qtbot, lambda: "Harbour" in names(dialog), LONG)
    dialog.select("Harbour")
    dialog._rename(dialog.chosen(), "Quays", "")
    wait(qtbot, lambda: dock.new_job.form.values().get("project") == "Quays", LONG)
    wait(qtbot, lambda: ("Quays", "Quays") in dock.new_job.suggestions.choices("project"), LONG)
    dialog.select("Quays")
    dialog._delete(dialog.chosen())
    wait(qtbot, lambda: "project" not in dock.new_job.form.values(), LONG)
    dialog.accept()
    assert dock.jobs_page.windows._projects is None


def test_a_deletion_is_told_also_when_no_list_comes_afterwards(dialog: Any, simulator: Any, qtbot: Any) -> None:
    made(dialog, qtbot, "Harbour")
    project = dialog.chosen()
    simulator.faults.add("status", path="/rest/projects/page", times=0, status=500, body={"message": "Out of order."})
    with qtbot.waitSignal(dialog.renamed, timeout=LONG) as told:
        dialog._delete(project)
    assert told.args == ["Harbour", ""]
    assert "was deleted" in dialog.notice.text()
    assert "Out of order" in dialog.notice.text()
    assert rows(dialog) == []
