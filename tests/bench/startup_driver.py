"""Runs inside QGIS: loads and starts the plugin named by BENCH_PLUGIN, measures, writes BENCH_OUT, ends QGIS."""

import gc
import json
import os
import sys
import time

import qgis.utils
from qgis.PyQt.QtCore import QTimer

NAME = os.environ["BENCH_PLUGIN"]
WATCH = 2500  # ms after start in which nothing may be written or connected
EVENTS = {"socket.connect": "sockets", "socket.getaddrinfo": "sockets", "subprocess.Popen": "processes"}
report = {"sockets": [], "processes": [], "written": []}
watching = False


def note(event: str, arguments: tuple) -> None:
    if not watching:
        return
    if event in EVENTS:
        report[EVENTS[event]].append(repr(arguments)[:200])
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        mode, flags = arguments[1], arguments[2] if len(arguments) > 2 else 0
        writing = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))
        name = os.fsdecode(arguments[0])
        if writing and not name.endswith(".pyc") and ".pyc." not in name and name != os.environ["BENCH_OUT"]:
            report["written"].append(name)
    elif event == "sqlite3.connect":
        report["written"].append(repr(arguments))


def memory() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def start() -> None:
    global watching
    qgis.utils.updateAvailablePlugins()
    sys.addaudithook(note)
    gc.collect()
    before, used = set(sys.modules), memory()
    watching = True
    began, cpu = time.perf_counter(), time.process_time()
    loaded = qgis.utils.loadPlugin(NAME)
    started = loaded and qgis.utils.startPlugin(NAME)
    report.update(
        ms=(time.perf_counter() - began) * 1000, cpu_ms=(time.process_time() - cpu) * 1000, started=bool(started),
        modules=sorted(set(sys.modules) - before), mb=memory() - used,
    )
    QTimer.singleShot(WATCH, finish)


def finish() -> None:
    with open(os.environ["BENCH_OUT"], "w", encoding="utf-8") as file:
        json.dump(report, file)
    os._exit(0)


QTimer.singleShot(1500, start)
