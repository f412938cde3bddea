"""Sentinel Hub in the dock: account and storage, script, price, tiles, and what comes of it on the map. Over real S3 storage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.cases import CASES
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.docks import running_session, texts, wait

TOWN = '{"type": "Polygon", "coordinates": [[[11.4, 48.1], [11.44, 48.1], [11.44, 48.12], [11.4, 48.12], [11.4, 48.1]]]}'


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(speed=60.0, seed=1) as running:
        yield running


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


def known(simulator: Simulator, **changes: str) -> dict[str, str]:
    """What an account knows, secrets among it."""
    case = CASES["sentinelhub"]
    return {"deployment": "other", **case.public(simulator), **case.secrets(simulator), **changes}


@pytest.fixture
def dialog(session: Any, simulator: Simulator, qgis_iface: Any, qtbot: Any) -> Any:
    from groundtrack.providers.sentinelhub import SentinelHub
    from groundtrack.ui.account_dialog import AccountDialog

    made = AccountDialog(session, SentinelHub, None, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.form.set_values(known(simulator))
    made.show()
    return made


def test_storage_is_tried_from_the_account(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    full = simulator.s3.admin
    dialog.form.set_values(known(simulator, s3_access_key=full.key_id, s3_secret_key=full.secret))
    dialog.storage.button.click()
    wait(qtbot, lambda: "The storage works" in texts(dialog))
    assert "delete: works" in texts(dialog)


def test_missing_permissions_are_named(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    weak = simulator.s3.no_write
    dialog.form.set_values(known(simulator, s3_access_key=weak.key_id, s3_secret_key=weak.secret, s3_role_arn=""))
    dialog.storage.button.click()
    wait(qtbot, lambda: "Missing permissions: s3:PutObject" in texts(dialog))
    assert weak.secret not in texts(dialog)


def test_a_key_that_only_reads_is_enough_beside_a_role(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    dialog.storage.button.click()
    wait(qtbot, lambda: "The role delivers" in texts(dialog))
    assert "list: works" in texts(dialog)
    assert "Missing" not in texts(dialog)


def test_wrong_storage_key_is_told(dialog: Any, simulator: Simulator, qtbot: Any) -> None:
    dialog.form.set_values(known(simulator, s3_access_key="AKIAWRONG", s3_secret_key="wrong"))
    dialog.storage.button.click()
    wait(qtbot, lambda: "refuses" in dialog.storage.result.text())
    assert dialog.storage.button.isEnabled()


def test_policies_can_be_copied(dialog: Any, simulator: Simulator) -> None:
    dialog.form.set_values(known(simulator, external_id="my-domain"))
    dialog.storage.rights_action.trigger()
    assert f"arn:aws:s3:::{simulator.s3.bucket}/*" in QApplication.clipboard().text()
    dialog.storage.trust_action.trigger()
    assert '"sts:ExternalId": "my-domain"' in QApplication.clipboard().text()
    assert "was copied" in texts(dialog)


def test_other_services_have_no_storage_to_test(session: Any, qgis_iface: Any, qtbot: Any) -> None:
    from groundtrack.providers.sateais import SateAIs
    from groundtrack.ui.account_dialog import AccountDialog

    made = AccountDialog(session, SateAIs, None, qgis_iface.mainWindow())
    qtbot.addWidget(made)
    made.show()
    assert "Test Storage" not in texts(made)
