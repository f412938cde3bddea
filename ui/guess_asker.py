"""Has the service guess inputs from others: the bands of an image as soon as the image is known. Never on the main thread."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Optional

from qgis.PyQt.QtCore import QObject, QTimer

from ..providers.base import Account
from ..providers.fields import Guess
from ..providers.operation import Operation, Request
from .form import OperationForm
from .session import Session
from .words import translate


class GuessAsker(QObject):
    """Watches one form at a time."""

    def __init__(self, session: Session, account: Callable[[], Optional[Account]], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._account = session, account
        self._form: Optional[OperationForm] = None
        self._operation: Optional[Operation] = None
        self._ticket = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    def watch(self, form: OperationForm, operation: Optional[Operation]) -> None:
        """Look after another form from now on."""
        self.stop()
        self._form, self._operation = form, operation
        form.settled.connect(self._take_settled)
        self._soon.start(0)

    def stop(self) -> None:
        """Ask no more."""
        self._soon.stop()
        self._session.drop(self._ticket)
        self._form = self._operation = None

    def _take_settled(self, name: str) -> None:
        if self._operation and any(name in field.guessed_from for field in self._operation.fields):
            self._soon.start(0)

    def _ask(self) -> None:
        form, operation, account = self._form, self._operation, self._account()
        if form is None or operation is None or account is None or not any(field.guessed_from for field in operation.fields):
            return
        self._session.drop(self._ticket)
        request = Request(operation.key, form.values())
        if not any(name in request.values for field in operation.fields for name in field.guessed_from):
            self._take({})
            return
        form.take_guesses({}, translate("Groundtrack", "Looking at the bands…"))
        self._ticket = self._session.ask(self, account, lambda provider: provider.guesses(request), self._take, self._complain)

    def _take(self, guesses: Mapping[str, Guess]) -> None:
        if self._form is not None:
            self._form.take_guesses(guesses)

    def _complain(self, error: Any) -> None:
        if self._form is not None:
            self._form.take_guesses({}, str(error))
