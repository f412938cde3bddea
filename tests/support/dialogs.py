"""Modal dialogs in tests: a static one fails the test, one that stays open is closed and fails it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtWidgets import QApplication, QFileDialog, QInputDialog, QMessageBox

STATIC = {
    QMessageBox: ["about", "critical", "information", "question", "warning"],
    QInputDialog: ["getText", "getItem", "getInt", "getDouble", "getMultiLineText"],
    QFileDialog: ["getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory"],
}


class UnexpectedDialog(AssertionError):
    """A modal dialog that the test did not prepare for."""


def refuse_static_dialogs(patch: pytest.MonkeyPatch) -> None:
    """Let the blocking one-line dialogs raise; a test that expects one patches it again."""
    for owner, names in STATIC.items():
        for name in names:
            patch.setattr(owner, name, staticmethod(_refusal(f"{owner.__name__}.{name}")))


def _refusal(call: str) -> Any:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        texts = [value for value in [*args, *kwargs.values()] if isinstance(value, str)]
        raise UnexpectedDialog(f"{call} would wait for a person: {texts}")

    return refuse


class ModalWatch(QObject):
    """Closes a modal window or menu that stays open, and remembers it; ticks inside nested event loops."""

    def __init__(self, patience: float = 8.0) -> None:
        super().__init__()
        self.closed: list[str] = []
        self._patience = patience
        self._seen: tuple[Any, float] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(200)

    def _look(self) -> None:
        widget = QApplication.activeModalWidget() or QApplication.activePopupWidget()
        now = time.monotonic()
        if widget is None:
            self._seen = None
        elif self._seen is None or self._seen[0] is not widget:
            self._seen = (widget, now)
        elif now - self._seen[1] > self._patience:
            self.closed.append(f"{type(widget).__name__} {widget.windowTitle()!r}")
            self._seen = None
            widget.reject() if hasattr(widget, "reject") else widget.close()
