"""The account store where things are not as they were left: another window, a removed key, a profile that cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.core import QgsCredentials
from support.docks import KEY, running_session, wait
from support.jobs import make_job


def account(name: str, key: str = KEY, url: str = "http://127.0.0.1:9") -> Any:
    from groundtrack.providers.base import Account, Secrets

    return Account("sateais", name, {"url": url}, Secrets({"api_key": key}))


def names(store: Any) -> list[str]:
    return [info.name for info in store.infos("sateais")]


def test_two_windows_keep_each_others_accounts(auth_manager: Any, clean_settings: Any) -> None:
    from groundtrack.accounts import AccountStore

    first, second = AccountStore(), AccountStore()
    assert names(first) == names(second) == []
    first.save(account("Port"), remember=True)
    second.save(account("River"), remember=True)
    assert names(AccountStore()) == ["Port", "River"]
    first.remove("sateais/Port")
    assert names(AccountStore()) == ["River"]


def test_a_key_that_was_removed_from_the_store_is_not_called_locked(auth_manager: Any, clean_settings: Any, tmp_path: Path) -> None:
    from groundtrack.accounts import AccountStore

    info = AccountStore().save(account("Port"), remember=True)
    auth_manager.removeAuthenticationConfig(info.stored)
    with running_session(tmp_path) as session:
        refreshed: list[None] = []
        session.accounts_changed.connect(lambda: refreshed.append(None))
        assert session.store.waiting() == ()
        session._look_at_store()
        session.refresh_accounts()
        assert not session._timer.isActive()
        assert len(refreshed) <= 2  # nothing goes on asking for it


def test_a_removed_key_is_called_missing(auth_manager: Any, clean_settings: Any, tmp_path: Path, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.accounts import AccountStore
    from groundtrack.ui.account_picker import AccountPicker
    from groundtrack.ui.accounts_dialog import AccountsDialog

    info = AccountStore().save(account("Port"), remember=True)
    auth_manager.removeAuthenticationConfig(info.stored)
    with running_session(tmp_path) as session:
        picker, dialog = AccountPicker(session), AccountsDialog(session, qgis_iface.mainWindow())
        qtbot.addWidget(picker)
        qtbot.addWidget(dialog)
        picker.select(info.key)
        assert "no longer here" in picker.notice.text()
        assert picker.unlock_button.isHidden()
        dialog.select(info.key)
        assert dialog.tree.selectedItems()[0].text(1) == "Missing: enter it again"


def test_a_removed_key_can_be_entered_again_for_good(auth_manager: Any, clean_settings: Any) -> None:
    from groundtrack.accounts import AccountStore

    store = AccountStore()
    info = store.save(account("Port"), remember=True)
    auth_manager.removeAuthenticationConfig(info.stored)
    store.save(account("Port", "sk_live_new"), remember=True, replaces=info.key)
    fresh = AccountStore()
    assert fresh.account(fresh.infos("sateais")[0]).value("api_key") == "sk_live_new"


def test_a_profile_that_cannot_be_written_stops_nothing(qgis_app: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from groundtrack import network

    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setattr(network, "home", lambda: blocked)
    assert network.network().ca_bundle is True


def test_certificates_are_written_in_one_step(qgis_app: Any, tmp_path: Path, monkeypatch: Any) -> None:
    from groundtrack import network

    monkeypatch.setattr(network, "home", lambda: tmp_path)
    (tmp_path / "trusted.pem").write_bytes(b"of an older start")
    with (tmp_path / "trusted.pem").open("rb") as used_by_another_window:
        bundle = network.network().ca_bundle
        if bundle is True:
            pytest.skip("this system trusts no authority")
        assert used_by_another_window.read() == b"of an older start"
    assert Path(str(bundle)).read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    assert [path.name for path in tmp_path.iterdir()] == ["trusted.pem"]


_KEPT: list[QgsCredentials] = []  # QGIS goes on holding the last one


class Questions(QgsCredentials):
    """Stands where QGIS's dialogs are: notes every question and answers none."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.setInstance(self)

    def request(self, realm: str, user: str, word: str, message: str = "") -> tuple[bool, str, str]:
        self.asked.append(f"credentials for {realm}")
        return False, user, word

    def requestMasterPassword(self, word: str, stored: bool = False) -> tuple[bool, str]:
        self.asked.append("master password")
        return False, word


@pytest.fixture
def questions(auth_manager: Any) -> Iterator[Questions]:
    """The store is locked, and whoever asks for its password is noted."""
    made = Questions()
    _KEPT.append(made)
    yield made
    auth_manager.setMasterPassword("groundtrack-tests", True)


def test_nobody_is_asked_for_the_master_password_while_jobs_wait(
    auth_manager: Any, clean_settings: Any, tmp_path: Path, qtbot: Any, questions: Questions
) -> None:
    from groundtrack.accounts import AccountStore
    from groundtrack.network import network
    from groundtrack.ui.account_picker import AccountPicker
    from groundtrack.ui.stuck_banner import StuckBanner

    AccountStore().save(account("Port"), remember=True)
    auth_manager.clearMasterPassword()
    with running_session(tmp_path) as session:
        network()
        session.poller.run_jobs([make_job(state="queued", remote_id="r-1"), make_job(state="succeeded", remote_id="r-2")])
        banner, picker = StuckBanner(session), AccountPicker(session)
        for widget in (banner, picker):
            qtbot.addWidget(widget)
            widget.show()
        wait(qtbot, lambda: banner.sentences() == ["2 jobs wait for QGIS’s master password."])
        assert not picker.unlock_button.isHidden()
        for job in session.jobs:
            session.poller.check_now(job)
        session._look_at_store()
        session.refresh_accounts()
        assert session._timer.isActive()
        assert questions.asked == []
        banner._unlock()  # the person's own click
        assert questions.asked
        auth_manager.setMasterPassword("groundtrack-tests", True)
        wait(qtbot, lambda: not session.stuck)


def test_an_account_that_cannot_be_read_does_not_hide_the_others(clean_settings: Any) -> None:
    from groundtrack.accounts import SETTINGS, AccountStore

    clean_settings.setValue(SETTINGS, '[{"provider": "sateais"}, 7, {"provider": "sateais", "name": "Port", "public": {}}]')
    assert [info.key for info in AccountStore().infos("sateais")] == ["sateais/Port"]
