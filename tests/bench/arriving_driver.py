"""Runs inside QGIS: a finished Mapflow job is fetched and loaded while a 1 ms heartbeat on the main thread notes its longest gaps."""

import contextlib
import os
import re
import time
from pathlib import Path

from groundtrack.tests.bench.heart import Heart, begin, finish, gaps, rest, wait
from qgis.core import QgsProject, QgsRectangle
from qgis.utils import iface, plugins

heart = Heart(time.time)
progress: list = []
beside: list = [0.0]


def memory(name):
    """MB of this process: VmRSS now, VmHWM at most."""
    return int(re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024


def memory_of_children():
    """MB at most, of each process that this one has started."""
    found = 0.0
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended
            for child in (task / "children").read_text().split():
                told = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
                found += int(told[1]) / 1024 if told else 0.0
    return found


def choose(session, way):
    """Who makes the table: another process, a thread, or nobody before the file is complete."""
    if way == "then":
        session.poller.read_along(lambda job, target: None)
    if way == "thread":
        from groundtrack.results import table_process

        table_process.interpreter = lambda: None


def longest(first, last):
    return max(gaps([at for at in heart.beats if first <= at <= last]))


def finished_job(account):
    from groundtrack.jobs.job import State, new_job
    from groundtrack.providers.operation import Request

    request = Request("processing", {}, None)
    return new_job(
        "mapflow", account.name, request, time.time(), state=State.SUCCEEDED, remote_id="bench", sent_at=time.time(),
        extra={"project": "bench", "style": "buildings"}, project=QgsProject.instance().absoluteFilePath(), title="Bench",
    )  # fmt: skip


def go():
    from groundtrack.providers.base import Account, Secrets
    from groundtrack.results.loader import loader_of

    iface.mainWindow().resize(1400, 900)
    iface.mapCanvas().setExtent(QgsRectangle(11.0, 48.0, 11.01, 48.007))
    plugins["groundtrack"].show_dock()
    session = plugins["groundtrack"].session()
    plugins["groundtrack"]._dock.show_jobs("")
    account = Account("mapflow", "Bench", {"url": os.environ["BENCH_URL"]}, Secrets({"api_token": "YTpi"}))
    session.store.save(account, remember=False)
    session.refresh_accounts()
    choose(session, os.environ["BENCH_WAY"])
    loaded: list = []
    loader_of(session).loaded.connect(lambda what: loaded.append((time.time(), what)))
    session.jobs_changed.connect(lambda jobs: progress.extend((time.time(), job.state.value, job.progress) for job in jobs))
    rest(2)
    job = finished_job(account)
    session.own.add(job.id)
    Path("/proc/self/clear_refs").write_text("5")
    before, begun = memory("VmRSS"), time.time()
    heart.start()
    session.poller.run_jobs((job,))
    wait(lambda: beside.append(memory_of_children()) or loaded)
    grown = memory("VmHWM") - before
    rest(2)
    heart.stop()
    end, last = loaded[0][0], float(Path(os.environ["BENCH_STAMP"]).read_text())
    report = {
        "after": end - last, "total": end - begun, "growth": grown, "arriving": longest(begun, last), "finishing": longest(last, end + 1.5),
        "beside": max(beside), "features": loaded[0][1].layers[0].featureCount(), "told": len({share for _, _, share in progress}),
        "fetched": max(at for at, state, _ in progress if state == "fetching") - last,
    }  # fmt: skip
    finish(report)


begin(go, 4000)
