"""Runs inside QGIS: a job from Run to layer while a 1 ms heartbeat on the main thread notes its longest gaps."""

import os

from groundtrack.tests.bench.heart import Heart, begin, figures, finish, rest, wait
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface, plugins

AREA = '{"type":"Polygon","coordinates":[[[4.0,52.0],[4.1,52.0],[4.1,52.064],[4.0,52.064],[4.0,52.0]]]}'
heart = Heart()
report: dict = {}


def measured(name, action):
    """Longest gaps in ms while `action` runs."""
    rest(0.3)
    heart.start()
    rest(0.1)
    action()
    rest(0.5)
    report[name] = figures(heart.stop())


def journey():
    session, page = plugins["groundtrack"].session(), plugins["groundtrack"]._dock.new_job
    page.foot.run_button.click()
    wait(lambda: any(job.state.value == "loaded" for job in session.jobs.values()))


def form():
    page = plugins["groundtrack"]._dock.new_job
    page.account.combo.setCurrentIndex(page.account.combo.findText("SateAIs – Bench"))
    combo = page.task.combo
    combo.setCurrentIndex(next(i for i in range(combo.count()) if "Ground Change" in combo.itemText(i)))
    QApplication.clipboard().setText(AREA)
    page.area.menus.paste_action.trigger()
    page.form.input("date_start").set_value("2024-06-01")
    page.form.input("date_end").set_value("2026-05-01")
    wait(lambda: page.foot.run_button.isEnabled())


def go():
    from groundtrack.providers.base import Account, Secrets

    iface.mainWindow().resize(1400, 900)
    iface.mapCanvas().setExtent(QgsRectangle(3.95, 51.98, 4.15, 52.08))
    measured("idle 3 s", lambda: rest(3))
    measured("open the dock", lambda: plugins["groundtrack"].show_dock())
    session = plugins["groundtrack"].session()
    account = Account("sateais", "Bench", {"url": os.environ["BENCH_URL"]}, Secrets({"api_key": os.environ["BENCH_KEY"]}))
    session.store.save(account, remember=False)
    session.refresh_accounts()
    rest(1)
    measured("fill in the form", form)
    rest(1.5)
    measured("submit, follow, fetch, convert, load", journey)
    layer = next(iter(QgsProject.instance().mapLayers().values()))
    report["cells"] = layer.featureCount()
    finish(report)


begin(go, 5000)
