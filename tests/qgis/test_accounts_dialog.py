"""Accounts: entered, tested, stored encrypted or for the session, edited, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QLabel, QMessageBox, QToolButton
from simulator import Simulator
from support.docks import KEY, add_account, running_session, texts, wait
from support.jobs import make_job


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(auth_manager: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


@pytest.fixture
def dialog(session: Any, qgis_iface: Any, qtbot: Any) -> Any:
    from groundtrack.ui.accounts_dialog import AccountsDialog

    made = AccountsDialog(session, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.show()
    return made


def rows(dialog: Any) -> dict[str, str]:
    found = {}
    for index in range(dialog.tree.topLevelItemCount()):
        service = dialog.tree.topLevelItem(index)
        for child in range(service.childCount()):
            found[service.child(child).text(0)] = service.child(child).text(1)
    return found


def fill(form: Any, url: str, key: str = KEY, name: str = "Port of X") -> None:
    form.name.setText(name)
    form.form.set_values({"url": url, "api_key": key})


def test_this_computer_is_no_account(dialog: Any) -> None:
    items = [dialog.tree.topLevelItem(row) for row in range(dialog.tree.topLevelItemCount())]
    item = next(item for item in items if "computer" in item.text(0))
    assert item.text(1) == "Needs no account"
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled


def test_a_long_answer_cuts_nothing_off(dialog: Any, qtbot: Any) -> None:
    form = dialog.add("sateais")
    form.show()
    height = form.name.height()
    form.result.say("The key is not accepted. " * 20, "failed")
    label = next(item for item in form.result.findChildren(QLabel) if item.text().startswith("The key"))
    wait(qtbot, lambda: label.height() >= label.heightForWidth(label.width()) and form.name.height() == height)
    assert form.remember_note.height() >= form.remember_note.heightForWidth(form.remember_note.width())
    form.result.say("The key is not accepted. " * 200, "failed")
    more = form.result.findChild(QToolButton)
    wait(qtbot, lambda: more.isVisible() and label.height() < label.heightForWidth(label.width()))
    more.click()
    wait(qtbot, lambda: label.height() >= label.heightForWidth(label.width()) and form.name.height() == height)


def test_new_account_is_stored_encrypted_and_listed(dialog: Any, session: Any, simulator: Simulator) -> None:
    form = dialog.add("sateais")
    assert "stored encrypted" in form.remember_note.text()
    fill(form, simulator.sateais.url)
    form.save()
    assert rows(dialog) == {"Port of X": "Stored encrypted"}
    assert session.store.account(session.store.infos("sateais")[0]).value("api_key") == KEY
    settings = QgsSettings()
    assert not [name for name in settings.allKeys() if KEY in str(settings.value(name))]


def test_key_for_one_session_is_said_plainly(dialog: Any, simulator: Simulator) -> None:
    form = dialog.add("sateais")
    form.remember.setChecked(False)
    assert "until QGIS ends" in form.remember_note.text()
    fill(form, simulator.sateais.url)
    form.save()
    assert rows(dialog) == {"Port of X": "For this session"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://me:private@service.example", "user name or password"),
        ("https://service.example/?key=private", "“?”"),
        ("http://service.example", "must begin with https://"),
        ("service.example", "must begin with https://"),
        ("https://[half", "malformed"),
    ],
)
def test_an_address_that_is_not_fit_to_be_shown_is_refused(dialog: Any, session: Any, url: str, words: str) -> None:
    form = dialog.add("sateais")
    fill(form, url)
    form.save()
    form.test()
    assert words in texts(form)
    assert session.store.infos("sateais") == ()
    settings = QgsSettings()
    assert not [name for name in settings.allKeys() if "private" in str(settings.value(name))]


def test_an_account_keeps_its_name_while_jobs_are_followed_through_it(dialog: Any, session: Any, simulator: Simulator, qtbot: Any) -> None:
    key = add_account(session, simulator.sateais.url, remember=True)
    job = make_job(account="Port of X", state="queued", remote_id="r-1")
    session.poller.run_jobs([job])
    wait(qtbot, lambda: job.id in session.jobs)
    dialog.select(key)
    form = dialog.edit()
    form.name.setText("Port of Y")
    form.save()
    assert "Rename it when they have ended" in form.result.text()
    assert [info.name for info in session.store.infos("sateais")] == ["Port of X"]
    session.poller.forget(job.id)
    wait(qtbot, lambda: job.id not in session.jobs)
    form.save()
    assert [info.name for info in session.store.infos("sateais")] == ["Port of Y"]


def test_without_a_store_the_box_is_off_and_says_why(dialog: Any, session: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(type(session.store), "available", property(lambda self: False))
    form = dialog.add("sateais")
    assert not form.remember.isEnabled()
    assert "no authentication database" in form.remember_note.text()


@pytest.mark.parametrize(("key", "words"), [(KEY, "The connection works"), ("sk_live_simulator_revoked", "API key")])
def test_connection_test_answers_in_words(dialog: Any, simulator: Simulator, qtbot: Any, key: str, words: str) -> None:
    form = dialog.add("sateais")
    fill(form, simulator.sateais.url, key)
    form.test_button.click()
    wait(qtbot, lambda: words in form.result.text())
    assert form.test_button.isEnabled()
    assert key not in texts(form)


def test_nobody_there_is_told(dialog: Any, qtbot: Any) -> None:
    form = dialog.add("sateais")
    fill(form, "http://127.0.0.1:9")
    form.test_button.click()
    wait(qtbot, form.test_button.isEnabled, 20_000)
    assert "127.0.0.1" in form.result.text()


def test_missing_key_is_named_under_its_field(dialog: Any) -> None:
    form = dialog.add("sateais")
    form.name.setText("Port of X")
    form.save()
    assert "API key is missing." in texts(form)
    assert form.isVisible()


def test_second_account_of_the_same_name_is_refused(dialog: Any, session: Any, simulator: Simulator) -> None:
    add_account(session, simulator.sateais.url)
    form = dialog.add("sateais")
    fill(form, simulator.sateais.url)
    form.save()
    assert "already an account" in form.result.text()


def test_edit_shows_what_is_there_and_keeps_the_key(dialog: Any, session: Any, simulator: Simulator) -> None:
    dialog.select(add_account(session, simulator.sateais.url, remember=True))
    form = dialog.edit()
    form.name.setText("Harbour")
    form.save()
    assert rows(dialog) == {"Harbour": "Stored encrypted"}
    assert session.store.account(session.store.infos("sateais")[0]).value("api_key") == KEY


def test_locked_account_is_not_opened_without_the_password(dialog: Any, session: Any, simulator: Simulator, monkeypatch: Any) -> None:
    key = add_account(session, simulator.sateais.url, remember=True)
    session.store._loaded.clear()
    monkeypatch.setattr(type(session.store), "unlocked", property(lambda self: False))
    monkeypatch.setattr(session.store, "unlock", lambda: False)
    dialog.refresh()
    dialog.select(key)
    assert rows(dialog) == {"Port of X": "Stored, locked"}
    assert dialog.edit() is None
    assert "master password" in dialog.notice.text()


@pytest.mark.parametrize(("answer", "left"), [("No", 1), ("Yes", 0)])
def test_removing_asks_first(dialog: Any, session: Any, simulator: Simulator, monkeypatch: Any, answer: str, left: int) -> None:
    dialog.select(add_account(session, simulator.sateais.url))
    monkeypatch.setattr(QMessageBox, "question", staticmethod(lambda *_: getattr(QMessageBox.StandardButton, answer)))
    dialog.remove_button.click()
    assert len(rows(dialog)) == left


def test_the_options_of_qgis_hold_the_same_settings(session: Any, qgis_iface: Any, tmp_path: Path, qtbot: Any) -> None:
    from groundtrack.ui.options_page import OptionsFactory

    told: list[str] = []
    factory = OptionsFactory(lambda: told.append("saved"), lambda: told.append("accounts"))
    page = factory.createWidget(qgis_iface.mainWindow())
    qtbot.addWidget(page)
    page.settings.folder.setFilePath(str(tmp_path))
    page.settings.in_place.setCurrentText("Always")
    assert not QgsSettings().value("groundtrack/results_folder")  # QGIS says when
    page.apply()
    assert QgsSettings().value("groundtrack/results_folder") == str(tmp_path)
    assert QgsSettings().value("groundtrack/open_in_place") == "always"
    page.accounts_button.click()
    assert told == ["saved", "accounts"]


def test_results_folder_is_remembered(dialog: Any, tmp_path: Path) -> None:
    dialog.settings.folder.setFilePath(str(tmp_path))
    dialog.accept()
    assert QgsSettings().value("groundtrack/results_folder") == str(tmp_path)


def test_where_rasters_are_opened_is_remembered_and_its_price_is_said(dialog: Any, session: Any, monkeypatch: Any) -> None:
    from groundtrack.providers.base import Asset

    given: list[Any] = []
    monkeypatch.setattr(session.poller, "leave_in_place", given.append)
    assert dialog.settings.in_place.currentText() == "When the link does not expire"
    assert "holds the link itself" in dialog.settings.in_place.toolTip()
    dialog.settings.in_place.setCurrentText("Always")
    dialog.accept()
    assert QgsSettings().value("groundtrack/open_in_place") == "always"
    assert given[-1](Asset("a.tif", "https://storage.example/a.tif?signature=x"))


def test_what_becomes_of_downloads_is_chosen_there(dialog: Any) -> None:
    assert dialog.settings.cogs.currentText() == "When they are large and have no overviews"
    dialog.settings.cogs.setCurrentText("Always")
    dialog.accept()
    assert QgsSettings().value("groundtrack/make_cog") == "always"
