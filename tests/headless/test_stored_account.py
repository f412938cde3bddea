"""A stored account without a window: the master password comes from a file, and the key from nowhere else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Headless

PASSWORD = "a master password"
UNSET = {"GROUNDTRACK_SATEAIS_URL": None, "GROUNDTRACK_SATEAIS_API_KEY": None}
STORE = """
import importlib.util, sys
from pathlib import Path
from qgis.PyQt.QtCore import QCoreApplication, QSettings
from qgis.core import QgsApplication, QgsSettings

profile, root, password, url, key = sys.argv[1:]
QCoreApplication.setOrganizationName("QGIS")
QCoreApplication.setApplicationName("QGIS3")
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, profile)
application = QgsApplication([], False, profile)
QgsApplication.initQgis()
assert QgsApplication.authManager().setMasterPassword(password, True)
spec = importlib.util.spec_from_file_location("groundtrack", Path(root) / "__init__.py", submodule_search_locations=[root])
sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
from groundtrack.accounts import AccountStore
from groundtrack.providers.base import Account, Secrets
AccountStore().save(Account("sateais", "Port of X", {"url": url}, Secrets({"api_key": key})), remember=True)
QgsSettings().sync()
"""


@pytest.fixture
def stored(headless: Headless, root: Path) -> dict[str, Any]:
    """An environment in which only the stored account `Port of X` can be used."""
    given = [str(headless.profile), str(root), PASSWORD, headless.sim.sateais.url, headless.sim.sateais.key]
    command = [sys.executable, "-c", STORE, *given]
    made = subprocess.run(command, env=headless.environment(), capture_output=True, text=True, timeout=120, check=False)
    assert made.returncode == 0, made.stderr
    return dict(UNSET)


def password_file(headless: Headless, text: str) -> dict[str, str]:
    path = headless.home / "master"
    path.write_text(text)
    return {"QGIS_AUTH_PASSWORD_FILE": str(path)}


def test_the_password_file_opens_the_account(headless: Headless, stored: dict[str, Any]) -> None:
    opened = stored | password_file(headless, PASSWORD + "\n")
    ended = headless.run("sateais_ship", opened, ACCOUNT="Port of X", AOI=headless.area(), DATE="2026-05-04", WAIT="false")
    assert ended.code == 0, ended.said
    assert headless.jobs()[0]["account"] == "Port of X"
    later = headless.run("wait_for_job", opened, JOB_ID=ended.results["JOB_ID"])  # the job knows its account
    assert later.code == 0, later.said
    assert later.results["STATE"] == "FETCHED"
    kept = [path for path in headless.home.rglob("*") if path.is_file() and not {"site", "plugins"} & set(path.parts)]
    assert not [path for path in kept if headless.sim.sateais.key.encode() in path.read_bytes()]


@pytest.mark.parametrize("password", [None, "another one"])
def test_a_locked_store_is_said_and_nobody_is_called(headless: Headless, stored: dict[str, Any], password: str | None) -> None:
    tried = stored | (password_file(headless, password) if password else {})
    ended = headless.run("sateais_ship", tried, ACCOUNT="Port of X", AOI=headless.area(), DATE="2026-05-04")
    assert ended.code != 0
    assert "The authentication database is locked" in ended.err
    assert "QGIS_AUTH_PASSWORD_FILE" in ended.err
    assert "Traceback" not in ended.said
    assert headless.asked() == []
