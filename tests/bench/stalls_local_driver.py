"""Runs inside QGIS: an NDVI on this computer from Run to layer while a 1 ms heartbeat on the main thread notes its longest gaps."""

import os
import time

from groundtrack.tests.bench.heart import Heart, begin, figures, finish, rest, wait
from qgis.utils import iface, plugins

heart = Heart()
report: dict = {}


def measured(name, action):
    """Longest gaps in ms while `action` runs, and how long it took in s."""
    rest(0.3)
    heart.start()
    rest(0.1)
    begun = time.perf_counter()
    action()
    took = time.perf_counter() - begun
    report[name] = {**figures(heart.stop()), "s": took}


def fill(page):
    page.area.source_box.setCurrentIndex(page.area.source_box.findText("No Area"))
    folder = os.environ["BENCH_FOLDER"]
    page.form.input("image").set_value(f"{folder}/red.tif; {folder}/nir.tif")
    wait(lambda: page.form.values().get("nir_band"))
    wait(page.foot.run_button.isEnabled)


def state(session):
    return next((job.state.value for job in session.jobs.values()), "")


def compute(page, session):
    page.foot.run_button.click()
    wait(lambda: state(session) in ("loaded", "failed"))


def go():
    iface.mainWindow().resize(1400, 900)
    plugins["groundtrack"].show_dock()
    dock, session = plugins["groundtrack"]._dock, plugins["groundtrack"].session()
    dock.welcome.go_button.click()
    rest(2)
    measured("idle 3 s", lambda: rest(3))
    measured("fill in the form", lambda: fill(dock.new_job))
    rest(1)
    measured("compute and load", lambda: compute(dock.new_job, session))
    if state(session) != "loaded":
        raise RuntimeError("the job failed")
    finish(report)


begin(go, 5000)
