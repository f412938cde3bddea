"""The driven journey: the real widgets are used as a person would, and photographed."""

import json
import os
import time
from pathlib import Path

import several
from first import fill_in
from imagery import imagery
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import QEventLoop, QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface, plugins
from scenes import DATES, area

PORT = QgsRectangle(3.95, 51.94, 4.15, 52.04)
AREA = '{"type":"Polygon","coordinates":[[[3.98,51.96],[4.1,51.96],[4.12,52.0],[4.02,52.03],[3.97,52.0],[3.98,51.96]]]}'
SMALL = '{"type":"Polygon","coordinates":[[[4.04,51.965],[4.07,51.965],[4.07,51.985],[4.04,51.985],[4.04,51.965]]]}'


class Journey:
    """Clicks, waits and pictures."""

    def __init__(self, session, out: Path):
        self.session, self.out, self.number = session, out, 0
        self.dock = plugins["groundtrack"]._dock
        self.page = self.dock.new_job

    def wait(self, holds, what, limit=60.0):
        """Let QGIS work until `holds()`."""
        end, loop, timer = time.monotonic() + limit, QEventLoop(), QTimer()
        timer.timeout.connect(lambda: loop.quit() if holds() or time.monotonic() > end else None)
        timer.start(30)
        if not holds():
            loop.exec()
        timer.stop()
        if not holds():
            raise RuntimeError(f"waited {limit} s for {what}")

    def rest(self, seconds):
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() >= end, "a moment", seconds + 1)

    def picture(self, name, window=None):
        """The main window, or another one, as it looks now."""
        iface.mapCanvas().waitWhileRendering()
        self.rest(0.4)
        self.number += 1
        (window or iface.mainWindow()).grab().save(str(self.out / f"{self.number:02d}-{name}.png"))

    def choose(self, task):
        combo = self.page.task.combo
        combo.setCurrentIndex(next(i for i in range(combo.count()) if task in combo.itemText(i)))

    def outline(self, shape):
        QApplication.clipboard().setText(shape)
        self.page.area.menus.paste_action.trigger()

    def pick(self, field, layer):
        """Choose a layer of the project, as from the list that opens."""
        combo = self.page.form.input(field).combo
        combo.setFocus()
        combo.looked_at.emit()
        index = combo.findText(layer)
        combo.setCurrentIndex(index)
        combo.activated.emit(index)

    def compute(self, task, layers, name):
        """Run a task of this computer on layers, with pictures of the form and of the result."""
        self.dock.tabs.setCurrentWidget(self.dock.first_tab)
        service = self.page.account.combo
        service.setCurrentIndex(service.findText("This computer"))
        self.choose(task)
        self.outline(json.dumps(area()))
        for field, layer in layers.items():
            self.pick(field, layer)
        values = self.page.form.values
        self.wait(lambda: values().get("nir_band") or values().get("bands"), "the bands to be told")
        self.wait(lambda: self.page.foot.run_button.isEnabled(), f"{task} to be ready to run")
        self.picture(f"{name}-ready")
        before = len(self.loaded())
        self.page.foot.run_button.click()
        self.wait(lambda: len(self.loaded()) > before, f"{task} on the map")
        self.wait(self.dock.jobs_page.details.statistics.isVisible, "the statistics")
        self.picture(f"{name}-result")

    def ask(self, task, shape, **values):
        """Fill in the form."""
        self.dock.tabs.setCurrentWidget(self.dock.first_tab)
        service = self.page.account.combo
        service.setCurrentIndex(service.findText("SateAIs – Port of X"))
        self.choose(task)
        self.outline(shape)
        for name, value in values.items():
            self.page.form.input(name).set_value(value)
        self.wait(lambda: self.page.foot.run_button.isEnabled(), f"{task} to be ready to run")

    def look_back(self, least):
        """What the service remembers."""
        window = self.dock.jobs_page.windows.open_past()
        self.wait(lambda: window.model.rowCount() >= least, "the jobs that the service remembers")
        window.table.selectRow(0)
        self.picture("jobs-made-elsewhere", window)
        window.reject()

    def jobs(self):
        return sorted(self.session.jobs.values(), key=lambda job: job.created_at)

    def loaded(self):
        return [job for job in self.jobs() if job.state.value == "loaded"]


def drive(session, out: Path, look_at) -> None:
    """From an area on the map to layers; leaves jobs.txt as the sign that all went well, and ends QGIS."""
    trip = Journey(session, out)
    trip.rest(1.0)
    trip.picture("new-job")
    fill_in(trip.page)  # what a person begins with
    trip.wait(trip.page.foot.run_button.isEnabled, "what a person begins with")
    # on this computer: no account, no cost
    trip.compute("NDVI", {"image": f"Scene {DATES[1]}"}, "ndvi")
    trip.compute("Change between", {"before": f"Scene {DATES[0]}", "after": f"Scene {DATES[1]}"}, "change")
    here = len(trip.loaded())
    # at a service, elsewhere
    for node in QgsProject.instance().layerTreeRoot().findLayers():
        node.setItemVisibilityChecked(node.name().startswith("Land"))
    look_at(PORT)
    trip.ask("Ships", AREA, date="2026-05-04")
    trip.wait(lambda: "credits" in trip.page.foot.estimate.text(), "the estimate")
    trip.picture("ready-to-run")
    trip.page.foot.run_button.click()
    trip.wait(lambda: any(job.state.value == "running" for job in trip.jobs()), "the job to run")
    trip.picture("running")
    trip.ask("Ground Change", SMALL, date_start="2024-06-01", date_end="2026-05-01")
    trip.page.foot.run_button.click()
    trip.ask("Oil Slicks", AREA, date="2026-04-20")
    trip.page.foot.run_button.click()
    trip.wait(lambda: len(trip.loaded()) == here + 3, "three results on the map", 120)
    trip.rest(1.0)
    trip.picture("results")
    trip.look_back(3)
    several.batch(trip)
    several.series(trip, next(job for job in trip.jobs() if job.operation == "ship"))
    several.watch(trip)
    imagery(trip)
    lines = [f"{'Task':28}{'State':12}{'Cost':16}{'Job'}"]
    lines += [f"{job.title:28}{job.state.value:12}{job.cost or job.estimate:16}{job.remote_id}" for job in trip.jobs()]
    for job in trip.loaded():
        (out / job.operation).mkdir(exist_ok=True)
        for name in (*job.files, *job.layers):
            source = Path(name.split("|")[0])
            (out / job.operation / source.name).write_bytes(source.read_bytes())
    (out / "jobs.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    QgsProject.instance().removeAllMapLayers()
    QgsProject.instance().setDirty(False)
    os._exit(0)
