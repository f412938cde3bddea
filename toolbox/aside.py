"""Long work beside the main thread where nothing else would turn its event loop: there an interrupt (Ctrl+C) arrives as an event."""

from __future__ import annotations

import threading
from typing import Any, Callable, List

from qgis.PyQt.QtCore import QCoreApplication, QThread

TURN = 0.05  # s


def aside(task: Callable[[], Any]) -> Any:
    """Return what `task` returns, or raise what it raises. In a window's process it is simply called: there events have their own loop."""
    from qgis.utils import iface

    application = QCoreApplication.instance()
    if iface is not None or application is None or QThread.currentThread() != application.thread():
        return task()
    values: List[Any] = []
    errors: List[BaseException] = []

    def work() -> None:
        try:
            values.append(task())
        except BaseException as error:  # noqa: BLE001 - it is raised again on the thread that asked
            errors.append(error)

    thread = threading.Thread(target=work, name="groundtrack run", daemon=True)
    thread.start()
    while thread.is_alive():
        application.processEvents()
        thread.join(TURN)
    application.processEvents()
    if errors:
        raise errors[0]
    return values[0]
