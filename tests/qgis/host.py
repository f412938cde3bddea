"""A QGIS without a window that has the plugin as QGIS itself loads it; meant to be closed, or killed, while something is going on.

Two arguments: its folder, and the folder of the plugin; account and pace come in the environment. Opens the project in its folder, and
loads the plugin. Obeys the words on its standard input, one a line: `run` asks Mapflow for a processing, `unload` and `load` are for the
plugin, `close` for QGIS. Answers each, and tells how the jobs are, by JSON objects on its standard output.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).resolve().parents[1]))
import qgis.utils
from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import QCoreApplication, QEvent
from support.interface import TestInterface
from support.qthreads import running_threads, watch_thread_starts

GRACE = 30.0  # s for threads to end
AREA = (4.401, 51.23, 4.415, 51.238)
VALUES = {"model": "🏠 Buildings", "source": "mapbox", "zoom": 18}


class Host:
    """The application, and what it is told to do."""

    def __init__(self, home: Path, plugin: Path) -> None:
        self.application = QgsApplication([], True, str(home / "profile"))
        self.application.initQgis()
        watch_thread_starts()
        self.interface = qgis.utils.iface = TestInterface()
        plugins = home / "plugins"
        plugins.mkdir(exist_ok=True)
        if not (plugins / "groundtrack").exists():
            (plugins / "groundtrack").symlink_to(plugin)
        sys.path.insert(0, str(plugins))
        qgis.utils.plugin_paths = [str(plugins)]
        qgis.utils.updateAvailablePlugins()
        project = home / "harbour.qgz"
        (QgsProject.instance().read if project.exists() else QgsProject.instance().write)(str(project))

    def load(self) -> None:
        """As when QGIS starts: open jobs are followed, what is asked for in this project comes onto the map."""
        done = qgis.utils.loadPlugin("groundtrack") and qgis.utils.startPlugin("groundtrack")
        session = qgis.utils.plugins["groundtrack"].session()
        session.jobs_changed.connect(self._look)
        tell(answer="load", done=done)

    def run(self) -> None:
        """A new job, sent by the session as the dock would."""
        from groundtrack.accounts import of_environment
        from groundtrack.aoi import from_bounds
        from groundtrack.providers.operation import Request

        (account,) = of_environment().values()
        qgis.utils.plugins["groundtrack"].session().run(account, [Request("processing", VALUES, from_bounds(*AREA))])
        tell(answer="run")

    def unload(self) -> None:
        """As in the plugin manager. Tells how long it took, and which threads are left after a while."""
        begun = time.monotonic()
        done = qgis.utils.unloadPlugin("groundtrack")
        seconds, end = time.monotonic() - begun, time.monotonic() + GRACE
        while ours() and time.monotonic() < end:
            time.sleep(0.02)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        tell(answer="unload", done=done, seconds=seconds, threads=ours() + running_threads())

    def close(self) -> None:
        """As QGIS ends: plugins first, then everything else, whatever their threads are at."""
        qgis.utils.unloadPlugin("groundtrack")
        QgsProject.instance().clear()
        self.interface.close()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self.application.exitQgis()
        os._exit(0)  # QGIS ends its process without ending Python

    def _look(self, jobs: Any) -> None:
        for job in jobs:
            layers = QgsProject.instance().mapLayers().values()
            found = [layer.featureCount() for layer in layers if layer.metadata().identifier() == job.id]
            tell(state=job.state.value, message=job.message, folder=job.folder, layers=found)


def ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("groundtrack")]


def tell(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def main() -> None:
    words: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=lambda: [words.put(line.strip()) for line in sys.stdin], daemon=True).start()
    host, word = Host(Path(sys.argv[1]), Path(sys.argv[2])), "load"
    while word != "close":
        if word:
            getattr(host, word)()
        QCoreApplication.processEvents()
        try:
            word = words.get(timeout=0.01)
        except queue.Empty:
            word = ""
    host.close()


if __name__ == "__main__":
    main()
