"""Images of one's own as files: real widgets, a real poller, the simulated Mapflow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from qgis.PyQt.QtWidgets import QFileDialog, QInputDialog
from simulator import Simulator
from simulator.client import START
from simulator.mapflow_client import tiff
from support.docks import running_session, wait

LONG = 30_000  # ms


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as running:
        yield running
        assert running.mapflow.leaks == []


@pytest.fixture
def dialog(qgis_app: Any, clean_settings: Any, tmp_path: Path, simulator: Simulator, qgis_iface: Any, qtbot: Any) -> Iterator[Any]:
    from groundtrack.providers.base import Account, Secrets
    from groundtrack.providers.cancel import Cancel
    from groundtrack.providers.imagery import Upload
    from groundtrack.ui.imagery_dialog import ImageryDialog
    from groundtrack.ui.imagery_uploads import Uploads

    account = Account("mapflow", "Harbour", {"url": simulator.mapflow.url}, Secrets({"api_token": simulator.mapflow.token}))
    with running_session(tmp_path) as session:
        session.store.save(account, remember=False)
        session.refresh_accounts()
        provider: Any = session.provider(account)
        mosaic = provider.create_mosaic("Pier")
        for number in range(2):
            path = tmp_path / f"pier_{number}.tif"
            path.write_bytes(tiff(padding=50_000 + number))
            provider.upload(Upload(mosaic.id, path, path.stat().st_size), lambda *_: None, Cancel())
        provider.transport.close()  # its connections belong to this thread
        simulator.clock.advance(120)
        uploads = Uploads(session, tmp_path / "uploads", session)
        shown = ImageryDialog(session, account, uploads, qgis_iface)
        shown.show()  # else closing it would not end its threads
        wait(qtbot, lambda: shown.image_model.rowCount() == 2, LONG)
        yield shown
        shown.close()
        uploads.stop()


def test_chosen_images_are_saved_as_they_were_uploaded(dialog: Any, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "saved {here}"
    target.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(target))
    assert not dialog.save_action.isEnabled()
    dialog.images.selectAll()
    dialog.save_action.trigger()
    wait(qtbot, lambda: "2 images are saved" in dialog.notice.text(), LONG)
    assert {path.name for path in target.iterdir()} == {"pier_0.tif", "pier_1.tif"}
    assert all((target / path.name).read_bytes() == path.read_bytes() for path in tmp_path.glob("pier_*.tif"))


def test_an_image_that_is_gone_is_told(
    dialog: Any, qtbot: Any, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(tmp_path / "saved"))
    dialog.images.selectRow(0)
    simulator.mapflow.images.clear()
    dialog.save_action.trigger()
    wait(qtbot, lambda: "may have been deleted" in dialog.notice.text(), LONG)


def test_an_image_in_the_storage_is_linked(dialog: Any, qtbot: Any, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([("https://example.org/x.tif", True), ("", False), ("s3://users-data/other/pier_03.tif", True)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(answers))
    dialog.link_action.trigger()
    assert "must begin with s3://" in dialog.notice.text()
    dialog.link_action.trigger()
    assert len(simulator.mapflow.images) == 2
    dialog.link_action.trigger()
    wait(qtbot, lambda: len(simulator.mapflow.images) == 3, LONG)
    wait(qtbot, lambda: dialog.image_model.rowCount() == 3, LONG)
