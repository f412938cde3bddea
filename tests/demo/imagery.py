"""Imagery of one's own at a service: both scenes are sent as pictures, one after the other, into a new mosaic."""

import os
from pathlib import Path

from osgeo import gdal
from scenes import DATES

BRIGHTEST = 3000  # reflectance x 10,000 that is drawn white


def imagery(trip):
    """Upload, wait until the service has prepared them, look at them."""
    from groundtrack.providers.base import Account, Secrets

    token = Secrets({"api_token": os.environ["DEMO_MAPFLOW_TOKEN"]})
    trip.session.store.save(Account("mapflow", "Harbour", {"url": os.environ["DEMO_MAPFLOW_URL"]}, token), remember=False)
    trip.session.refresh_accounts()
    trip.dock.tabs.setCurrentWidget(trip.dock.first_tab)
    service = trip.page.account.combo
    service.setCurrentIndex(service.findText("Mapflow – Harbour"))
    trip.wait(lambda: trip.page.task.operation() is not None and trip.page.form.input("mosaic_id") is not None, "the tasks of Mapflow")
    line = trip.page.form.input("mosaic_id").widget
    next(item for item in line.actions() if item.toolTip() == "My Imagery…").trigger()
    manager = trip.dock.imagery.dialog
    manager.resize(1000, 620)
    trip.wait(lambda: manager.storage.used is not None, "the room that is left")
    for number, date in enumerate(DATES, 1):
        send(trip, manager, photograph(trip.out, date), number)

    trip.rest(1)  # four minutes there
    manager.refresh()
    trip.wait(lambda: states(manager) == ["Ready"] * len(DATES), "the images to be ready")
    trip.wait(lambda: all(manager.pictures.pixmap(image.id) for image in manager.image_model.items()), "the small pictures")
    manager.images.selectRow(0)
    trip.picture("my-imagery", manager)
    manager.reject()


def states(manager):
    return [manager.image_model.index(row, 1).data() for row in range(manager.image_model.rowCount())]


def photograph(out: Path, date: str) -> Path:
    """A scene as a picture in natural colours."""
    path = out / "scenes" / f"harbour_{date}.tif"
    whole, shades = str(out / "scenes" / f"scene_{date}.tif"), [[0, BRIGHTEST, 0, 255]]
    made = gdal.Translate(str(path), whole, bandList=[3, 2, 1], outputType=gdal.GDT_Byte, scaleParams=shades)
    del made
    return path


def send(trip, manager, path: Path, number: int) -> None:
    upload = manager.upload()
    upload.file.setFilePath(str(path))
    trip.wait(upload.button.isEnabled, f"{path.name} to be looked into")
    upload.button.click()
    trip.wait(lambda: manager.image_model.rowCount() == number, f"{path.name} to arrive")
