"""Runs inside QGIS: a map with two scenes, an account for this session, the dock open; then a person, or the journey in `journey.py`."""

import os
import sys
import traceback
from pathlib import Path

from qgis.core import (
    QgsContrastEnhancement,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsGeometry,
    QgsMultiBandColorRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface, plugins

OUT = Path(os.environ["DEMO_OUT"])
sys.path.insert(0, str(OUT.parents[1] / "tests/demo"))
from first import fill_in
from scenes import DATES, make_scenes

PLACE = QgsRectangle(4.015, 51.925, 4.12, 51.99)
COAST = "Polygon((3.6 51.7, 4.02 51.97, 4.12 52.02, 4.3 52.2, 4.9 52.2, 4.9 51.7, 3.6 51.7))"


def prepare():
    """A quiet base map without any network: a piece of land."""
    iface.mainWindow().resize(1500, 950)
    project = QgsProject.instance()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "Land (sketch)", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(COAST))
    layer.dataProvider().addFeatures([feature])
    layer.renderer().symbol().setColor(layer.renderer().symbol().color().fromRgb(226, 222, 208))
    layer.renderer().symbol().symbolLayer(0).setStrokeColor(layer.renderer().symbol().color().fromRgb(150, 145, 130))
    project.addMapLayer(layer)
    project.setDirty(False)
    from groundtrack.providers.base import Account, Secrets

    session = plugins["groundtrack"].session()
    account = Account("sateais", "Port of X", {"url": os.environ["DEMO_URL"]}, Secrets({"api_key": os.environ["DEMO_KEY"]}))
    session.store.save(account, remember=False)
    session.refresh_accounts()
    add_scenes()
    plugins["groundtrack"].show_dock()
    return session


def add_scenes():
    """A made-up place on two dates as layers, and the map there: what this computer can look at by itself."""
    layers = [QgsRasterLayer(str(path), f"Scene {date}") for path, date in zip(make_scenes(OUT / "scenes"), DATES)]
    for layer in layers:
        renderer = QgsMultiBandColorRenderer(layer.dataProvider(), 4, 3, 2)  # near infrared, red, green: plants are red
        layer.setRenderer(renderer)
        layer.setContrastEnhancement(QgsContrastEnhancement.StretchToMinimumMaximum)
        QgsProject.instance().addMapLayer(layer)
    QgsProject.instance().setDirty(False)


def look_at(box):
    """Move the map to a box in degrees."""
    canvas = iface.mapCanvas()
    move = QgsCoordinateTransform(QgsCoordinateReferenceSystem("EPSG:4326"), canvas.mapSettings().destinationCrs(), QgsProject.instance())
    canvas.setExtent(move.transformBoundingBox(box))
    canvas.refresh()


def go():
    session = prepare()
    QTimer.singleShot(500, lambda: look_at(PLACE))  # QGIS goes to the first layer by itself
    if os.environ.get("DEMO_DRIVEN"):
        from journey import drive

        drive(session, OUT, look_at)
    else:
        fill_in(plugins["groundtrack"]._dock.new_job)


def guarded():
    try:
        go()
    except Exception:
        traceback.print_exc()
        os._exit(1)


QTimer.singleShot(1000, guarded)
