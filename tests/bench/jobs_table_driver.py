"""Runs inside QGIS: 1,000 jobs change in the visible table while a 1 ms heartbeat on the main thread notes its longest gap."""

import time

from groundtrack.tests.bench.heart import Heart, begin, finish, rest
from qgis.utils import iface, plugins

JOBS, ROUNDS = 1000, 5
heart = Heart()
report: dict = {}


def measured(name, action, shown=lambda: True):
    """The longest gap in ms while `action` runs and until its news is shown."""
    rest(0.5)
    heart.start()
    rest(0.2)
    action()
    rest(1.0)
    while not shown():
        rest(0.2)
    report.setdefault(name, []).append(max(heart.stop()))


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
    finish(report)


begin(go, 4000)
