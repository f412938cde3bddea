"""Runs inside QGIS: areas of many corners and many features, while a 1 ms heartbeat on the main thread notes its longest gaps."""

import math

from groundtrack.tests.bench.heart import Heart, begin, figures, finish, rest, wait
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface, plugins

heart = Heart()
report: dict = {}


def measured(name, action):
    """Longest gaps in ms while `action` runs."""
    rest(1)
    heart.start()
    rest(0.1)
    action()
    rest(0.5)
    report[name] = figures(heart.stop())
    print(name, report[name], plugins["groundtrack"]._dock.new_job.area.summary.text(), flush=True)


def wavy(corners, crs, scale):
    """One outline of many corners round the middle of Europe."""
    points = []
    for n in range(corners):
        angle = 2 * math.pi * n / corners
        reach = scale * (1 + 0.1 * math.sin(400 * angle))
        points.append((10 * (scale if crs == "EPSG:4326" else 111_000) / (scale if crs == "EPSG:4326" else 1) + reach * math.cos(angle),
                       (50 if crs == "EPSG:4326" else 6_400_000) + reach * math.sin(angle)))  # fmt: skip
    points.append(points[0])
    layer = QgsVectorLayer(f"Polygon?crs={crs}", f"wavy {crs}", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt("Polygon((" + ",".join(f"{x} {y}" for x, y in points) + "))"))
    layer.dataProvider().addFeature(feature)
    QgsProject.instance().addMapLayer(layer)
    return layer


def squares(count):
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "squares", "memory")
    features = []
    for n in range(count):
        west, south = 9 + (n % 100) * 0.02, 49 + (n // 100) * 0.02
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(west, south, west + 0.01, south + 0.01)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    QgsProject.instance().addMapLayer(layer)
    return layer


def text():
    return plugins["groundtrack"]._dock.new_job.area.summary.text()


def checked(words):
    checker = plugins["groundtrack"]._dock.new_job.checker
    wait(lambda: checker.verdict is not None and words in text().replace(",", ""))


def choose_layer(layer, words):
    area = plugins["groundtrack"]._dock.new_job.area
    area.layer_box.setLayer(layer)
    area.set_source("layer")
    checked(words)


def choose_selection(layer, words):
    layer.selectAll()
    iface.setActiveLayer(layer)
    plugins["groundtrack"]._dock.new_job.area.set_source("selection")
    checked(words)


def go():
    from groundtrack.providers.base import Account, Secrets

    iface.mainWindow().resize(1400, 900)
    iface.mapCanvas().setExtent(QgsRectangle(8, 48, 12, 52))
    plugins["groundtrack"].show_dock()
    session, page = plugins["groundtrack"].session(), plugins["groundtrack"]._dock.new_job
    session.store.save(Account("sateais", "Bench", {"url": "http://127.0.0.1:9"}, Secrets({"api_key": "sk_live_bench"})), remember=False)
    session.refresh_accounts()
    rest(1)
    page.account.combo.setCurrentIndex(page.account.combo.findText("SateAIs – Bench"))
    combo = page.task.combo
    combo.setCurrentIndex(next(i for i in range(combo.count()) if "Ground Change" in combo.itemText(i)))
    wait(lambda: bool(text()))
    degrees, metres, many = wavy(100_000, "EPSG:4326", 1.0), wavy(100_000, "EPSG:3857", 100_000.0), squares(5000)
    wait(lambda: not iface.mapCanvas().isDrawing())
    measured("idle", lambda: rest(2))
    measured("layer of 100,000 corners in degrees", lambda: choose_layer(degrees, "1 polygon · "))
    page.area.set_source("view")
    checked("")
    measured("layer of 100,000 corners in EPSG:3857", lambda: choose_layer(metres, "1 polygon · "))
    page.area.set_source("view")
    checked("")
    measured("5,000 selected features", lambda: choose_selection(many, "5000 polygons · "))
    page.area.set_source("view")
    feature = next(degrees.getFeatures())
    wkt = feature.geometry().asWkt(7)
    geojson = feature.geometry().asJson(7)
    for name, pasted in (("pasted WKT of 100,000 corners", wkt), ("pasted GeoJSON of 100,000 corners", geojson)):
        QApplication.clipboard().setText(pasted)

        def paste():
            page.area.menus.paste_action.trigger()
            wait(lambda: page.area.source() == "drawn")
            checked("1 polygon · ")

        measured(name, paste)
        page.area.set_pieces(())
        page.area.set_source("view")
    finish(report)


begin(go, 5000)
