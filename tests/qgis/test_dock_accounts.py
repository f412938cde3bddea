"""What the dock says of accounts: none yet, locked, missing, refused, not needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from simulator import Simulator
from simulator.client import SCENE
from support.docks import KEY, add_account, choose, paste, texts, wait


def test_first_start_leads_to_an_account_and_then_to_the_form(make_dock: Any, simulator: Simulator, session: Any, qtbot: Any) -> None:
    dock = make_dock()
    assert "Add an Account" in texts(dock)
    assert "Try It on This Computer" in texts(dock)
    assert "master password" in texts(dock)
    from groundtrack.ui.account_dialog import AccountDialog

    services = dock.welcome.button.menu().actions()
    assert not [action for action in services if "computer" in action.text()]
    next(action for action in services if action.text() == "SateAIs…").trigger()
    dialog = dock.findChild(AccountDialog)
    dialog.name.setText("Port of X")
    dialog.form.set_values({"url": simulator.sateais.url, "api_key": KEY})
    dialog.remember.setChecked(False)
    dialog.test_button.click()
    wait(qtbot, lambda: "The connection works" in texts(dialog))
    assert "1000 credits" in texts(dialog)
    dialog.save()
    wait(qtbot, dock.new_job.isVisible)
    assert dock.new_job.account.combo.currentText() == "SateAIs – Port of X"
    assert session.store.infos()[0].stored == ""


def test_what_an_account_has_left_is_not_shown_while_the_service_is_silent(dock: Any, simulator: Simulator, qtbot: Any) -> None:
    picker = dock.new_job.account
    wait(qtbot, lambda: picker.balance.isVisible())
    simulator.stop()
    picker.ask_again()
    wait(qtbot, lambda: picker.notice.isVisible())
    assert not picker.balance.isVisible()


def test_a_wrong_key_is_told_in_words(make_dock: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    add_account(session, simulator.sateais.url, key="sk_live_simulator_revoked")
    dock = make_dock()
    wait(qtbot, lambda: "API key" in dock.new_job.account.notice.text())
    assert "sk_live_simulator_revoked" not in texts(dock)


def test_jobs_of_an_account_in_the_environment_are_followed_where_it_is_set(
    dock: Any, session: Any, simulator: Simulator, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.operation import Request

    job = new_job("sateais", "environment", Request("ship", {"scene_id": SCENE}), 1.0)
    session.poller.run_jobs([job])
    wait(qtbot, lambda: "environment variables, without which this QGIS was started" in texts(dock.banner))
    monkeypatch.setenv("GROUNDTRACK_SATEAIS_URL", simulator.sateais.url)
    monkeypatch.setenv("GROUNDTRACK_SATEAIS_API_KEY", KEY)
    session.refresh_accounts()
    wait(qtbot, lambda: session.jobs[job.id].remote_id)
    wait(qtbot, lambda: not dock.banner.isVisible())


def test_jobs_of_a_missing_account_say_so(dock: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.operation import Request

    job = new_job("sateais", "Gone", Request("ship", {"date": "2026-05-04"}), 1.0)
    session.poller.run_jobs([job])
    wait(qtbot, lambda: "the account “Gone” is missing here" in texts(dock.banner))
    assert "Add Account…" in texts(dock.banner)


def test_a_locked_account_offers_to_unlock(dock: Any, session: Any, qtbot: Any, monkeypatch: Any) -> None:
    store = session.store
    info = store.infos()[0]
    locked = type(info)(info.provider, info.name, info.public, "abc1234")
    monkeypatch.setattr(store, "_infos", [locked])
    monkeypatch.setattr(store, "_session", {})
    monkeypatch.setattr(type(store), "unlocked", property(lambda self: False))
    session.refresh_accounts()
    assert dock.new_job.account.unlock_button.isVisible()
    from groundtrack.jobs.job import new_job
    from groundtrack.providers.operation import Request

    session.poller.run_jobs([new_job("sateais", info.name, Request("ship", {"date": "2026-05-04"}), float(n)) for n in range(3)])
    wait(qtbot, lambda: "3 jobs wait for QGIS’s master password." in texts(dock.banner))


def test_without_shapely_the_dock_says_how_to_get_it(make_dock: Any, session: Any, simulator: Simulator, monkeypatch: Any) -> None:
    from groundtrack.ui import dock as module

    add_account(session, simulator.sateais.url)
    monkeypatch.setattr("groundtrack.ui.empty_pages.find_spec", lambda name: None)
    dock = make_dock()
    assert "This QGIS lacks: shapely, boto3" in texts(dock)
    monkeypatch.undo()
    dock.missing.button.click()
    assert dock.new_job.isVisible()
    assert module.GroundtrackDock is type(dock)


def test_computing_here_needs_no_account_and_no_area(make_dock: Any, session: Any, qtbot: Any) -> None:
    dock = make_dock()
    dock.welcome.go_button.click()
    page = dock.new_job
    assert page.isVisible()
    assert page.account.info().provider == "local"
    wait(qtbot, lambda: page.checker.verdict is not None)
    choose(page.area.source_box, "No Area")
    wait(qtbot, lambda: "whole image" in page.area.summary.text())
    assert page.checker.verdict.requests[0].aoi is None


def test_project_comes_up_with_its_account(dock: Any, session: Any, simulator: Simulator, qtbot: Any, tmp_path: Path) -> None:
    add_account(session, simulator.sateais.url, "Second")
    page = dock.new_job
    choose(page.task.combo, "Ships")
    page.form.input("date").set_value("2026-05-04")
    paste(dock)
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.run_button.click()
    project = QgsProject.instance()
    assert project.write(str(tmp_path / "port.qgs"))
    project.clear()
    page.account.select("sateais/Second")
    assert project.read(str(tmp_path / "port.qgs"))
    assert page.account.info().name == "Port of X"


def test_broken_service_is_listed_but_cannot_be_chosen(make_dock: Any, session: Any, simulator: Simulator, monkeypatch: Any) -> None:
    from groundtrack.providers import registry
    from groundtrack.ui import account_picker

    add_account(session, simulator.sateais.url)
    broken = registry.Entry("orbiter", None, "The service “orbiter” cannot be used: no module named spaceship")
    monkeypatch.setattr(account_picker, "entries", lambda: {**registry.entries(), "orbiter": broken})
    combo = make_dock().new_job.account.combo
    index = combo.findText("orbiter")
    assert not combo.model().item(index).isEnabled()
    assert "spaceship" in combo.itemData(index, Qt.ItemDataRole.ToolTipRole)


def test_a_key_that_is_gone_is_entered_again_instead_of_asking_for_the_master_password(
    dock: Any, session: Any, qtbot: Any, monkeypatch: Any
) -> None:
    from groundtrack.ui.account_dialog import AccountDialog

    page, asked = dock.new_job, []
    choose(page.task.combo, "Ships")
    paste(dock)
    page.form.input("date").set_value("2026-05-04")
    wait(qtbot, page.foot.run_button.isEnabled)
    monkeypatch.setattr(type(session.store), "unlock", lambda store: bool(asked.append(True)))
    session.store._session.clear()  # as after a restart: it was kept for one session only
    session.refresh_accounts()
    wait(qtbot, page.foot.run_button.isEnabled)
    page.foot.run_button.click()
    assert "The key of the account “Port of X” is no longer here" in page.foot.warning.text()
    assert not page.account.unlock_button.isVisible()
    page.account.enter_button.click()
    dialog = page.account.findChild(AccountDialog)
    assert dialog.isVisible()
    dialog.form.set_values({**dialog.form.values(), "api_key": KEY})
    dialog.remember.setChecked(False)
    dialog.save()
    wait(qtbot, lambda: not page.account.enter_button.isVisible())
    assert asked == []
    assert session.account("sateais/Port of X") is not None
