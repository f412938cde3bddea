"""Runs inside QGIS: 1,000 jobs change in the visible table while a 1 ms heartbeat on the main thread notes its longest gap."""

import json
import os
import time
import traceback

from qgis.PyQt.QtCore import QEventLoop, Qt, QTimer
from qgis.utils import iface, plugins

JOBS, ROUNDS = 1000, 5
beats: list = []
heart = QTimer()
heart.setTimerType(Qt.TimerType.PreciseTimer)
heart.timeout.connect(lambda: beats.append(time.perf_counter()))
report: dict = {}


def rest(seconds):
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def measured(name, action, shown=lambda: True):
    """The longest gap in ms while `action` runs and until its news is shown."""
    rest(0.5)
    beats.clear()
    heart.start(1)
    rest(0.2)
    action()
    rest(1.0)
    while not shown():
        rest(0.2)
    heart.stop()
    report.setdefault(name, []).append(max((b - a) * 1000 for a, b in zip(beats, beats[1:])))


def go():
    from groundtrack.jobs.job import State, new_job
    from groundtrack.providers.operation import Request

    iface.mainWindow().resize(1400, 900)
    plugin = plugins["groundtrack"]
    plugin.show_dock()
    session = plugin.session()
    plugin._dock.show_jobs("")
    rest(2)
    now = time.time()
    jobs = [
        new_job("mapflow", "Bench", Request("processing"), now - n, state=State.RUNNING, remote_id=str(n), sent_at=now - n)
        for n in range(JOBS)
    ]
    for _ in range(ROUNDS):
        measured("nothing", lambda: None)
    measured("1,000 new jobs at once", lambda: session._take_jobs(tuple(jobs)), lambda: plugin._dock.jobs_page.model.rowCount() >= JOBS)
    for step in range(1, ROUNDS + 1):
        changed = tuple(job.changed(progress=step / 10) for job in jobs)
        measured("progress of all of them", lambda changed=changed: session._take_jobs(changed))
    with open(os.environ["BENCH_OUT"], "w", encoding="utf-8") as file:
        json.dump(report, file)
    os._exit(0)


def guarded():
    try:
        go()
    except Exception:
        traceback.print_exc()
        os._exit(1)


QTimer.singleShot(4000, guarded)
