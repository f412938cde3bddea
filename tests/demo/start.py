"""Runs inside QGIS: a map, an account for this session, an area, the dock open; then a person, or the journey in `journey.py`."""

import os
import sys
import traceback
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface, plugins

PORT = QgsRectangle(3.95, 51.94, 4.15, 52.04)
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
    iface.mapCanvas().setExtent(PORT)
    iface.mapCanvas().refresh()
    from groundtrack.providers.base import Account, Secrets

    session = plugins["groundtrack"].session()
    account = Account("sateais", "Port of X", {"url": os.environ["DEMO_URL"]}, Secrets({"api_key": os.environ["DEMO_KEY"]}))
    session.store.save(account, remember=False)
    session.refresh_accounts()
    plugins["groundtrack"].show_dock()
    return session


def go():
    session = prepare()
    if os.environ.get("DEMO_DRIVEN"):
        sys.path.insert(0, str(Path(os.environ["DEMO_OUT"]).parents[1] / "tests/demo"))
        from journey import drive

        drive(session, Path(os.environ["DEMO_OUT"]))


def guarded():
    try:
        go()
    except Exception:
        traceback.print_exc()
        os._exit(1)


QTimer.singleShot(1000, guarded)
