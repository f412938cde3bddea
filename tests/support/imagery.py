"""A person's own imagery at the simulated Mapflow: its dialog, files to send, answers to questions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from simulator import Simulator
from support.docks import wait

LONG = 30_000  # ms


def imagery_account(session: Any, simulator: Simulator) -> str:
    """An account of the simulated Mapflow; its key."""
    from groundtrack.providers.base import Account, Secrets

    secret = Secrets({"api_token": simulator.mapflow.token})
    info = session.store.save(Account("mapflow", "Harbour", {"url": simulator.mapflow.url}, secret), remember=False)
    session.refresh_accounts()
    return str(info.key)


def opened_manager(dock: Any, qtbot: Any) -> Any:
    """The dialog, reached as a person reaches it."""
    wait(qtbot, lambda: dock.new_job.task.operation() is not None, LONG)
    line = dock.new_job.form.input("mosaic_id").widget
    action = next(item for item in line.actions() if item.toolTip() == "My Imagery…")
    action.trigger()
    dialog = dock.imagery.dialog
    wait(qtbot, lambda: dialog.storage.used is not None, LONG)
    return dialog


def geotiff(path: Path, bands: int = 3) -> Path:
    raster = gdal.GetDriverByName("GTiff").Create(str(path), 400, 300, bands)
    raster.SetGeoTransform((4.39, 0.0001, 0, 51.25, 0, -0.0001))
    raster.SetProjection(QgsCoordinateReferenceSystem("EPSG:4326").toWkt())
    for band in range(bands):
        raster.GetRasterBand(band + 1).Fill(60 * (band + 1))
    del raster
    return path


def answered(accept: Any) -> None:
    """Answer the dialog that opens next."""

    def look() -> None:
        box = QApplication.activeModalWidget()
        if box is None:
            QTimer.singleShot(20, look)
        else:
            accept(box)

    QTimer.singleShot(20, look)


def named(text: str, tags: str = "") -> Any:
    def answer(box: Any) -> None:
        box.name.setText(text)
        if box.tags is not None:
            box.tags.setText(tags)
        box.accept()

    return answer


def mosaic(simulator: Simulator) -> Any:
    return next(iter(simulator.mapflow.mosaics.values()))


def sent(dialog: Any, qtbot: Any, file: Path) -> Any:
    """Upload a file into the chosen mosaic, or a new one."""
    upload = dialog.upload()
    upload.file.setFilePath(str(file))
    wait(qtbot, upload.button.isEnabled, LONG)
    upload.button.click()
    wait(qtbot, lambda: dialog.list.rows(), LONG)
    return dialog.list.rows()[0]


@contextmanager
def running_manager(dock: Any, qtbot: Any) -> Iterator[Any]:
    """The dialog of a dock."""
    wait(qtbot, lambda: dock.new_job.account.account() is not None, LONG)
    dock.imagery.open_for(dock.new_job.account)
    dialog = dock.imagery.dialog
    wait(qtbot, lambda: dialog.storage.used is not None, LONG)
    yield dialog
    dock.imagery.close_down()
