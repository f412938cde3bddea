"""Accounts that hold up jobs, and what to do about each."""

from __future__ import annotations

from typing import Callable, List, Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ..accounts import ENVIRONMENT
from ..providers.registry import entry, keys
from .sentence import WARNING, Sentence
from .session import Session
from .words import count, translate

Button = Tuple[str, Callable[[], None]]


class StuckBanner(QFrame):
    """Hidden while no job waits. `open_wanted` carries the key of an account to open, `add_wanted` a service to add one for."""

    open_wanted = pyqtSignal(str)
    add_wanted = pyqtSignal(str)

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._column = QVBoxLayout(self)
        self._shown: object = None
        session.stuck_changed.connect(self._refresh)
        session.accounts_changed.connect(self._refresh)
        session.jobs_changed.connect(self._refresh)
        session.jobs_forgotten.connect(self._refresh)
        self._refresh()

    def sentences(self) -> List[str]:
        """What is said now."""
        return [item.text() for item in self.findChildren(Sentence)]

    def _refresh(self, *_: object) -> None:
        waiting = self._session.followed
        counted = {key: (sentence, waiting[key]) for key, sentence in self._session.stuck.items()}
        state = (counted, tuple(info.key for info in self._session.store.waiting()))
        if state == self._shown:
            return
        self._shown = state
        self._clear()
        stuck = {key: sentence for key, sentence in self._session.stuck.items() if waiting[key]}
        locked = [key for key, sentence in stuck.items() if not sentence and self._is_locked(key)]
        if locked:
            self._add_locked(sum(waiting[key] for key in locked))
        for key, sentence in stuck.items():
            if key not in locked:
                self._add_account(key, sentence, waiting[key])
        self.setVisible(bool(stuck))

    def _is_locked(self, key: str) -> bool:
        return key in {info.key for info in self._session.store.waiting()}

    def _add_locked(self, jobs: int) -> None:
        one = translate("Groundtrack", "1 job waits for QGIS’s master password.")
        many = translate("Groundtrack", "{} jobs wait for QGIS’s master password.")
        self._add(count(jobs, one, many), [(translate("Groundtrack", "Unlock…"), self._unlock)])

    def _add_account(self, key: str, sentence: str, jobs: int) -> None:
        provider, _, name = key.partition("/")
        opening = (translate("Groundtrack", "Open Account…"), lambda: self.open_wanted.emit(key))
        if sentence:
            text = translate("Groundtrack", "Account “{}”: {}").format(name, sentence)
            self._add(text, [opening, (translate("Groundtrack", "Try Again"), lambda: self._session.poller.resume(key))])
            return
        waits = count(jobs, translate("Groundtrack", "1 job waits"), translate("Groundtrack", "{} jobs wait"))
        reason = entry(provider).reason if provider in keys() else translate("Groundtrack", "the service is not known to this version.")
        if reason:
            self._add(f"{waits}: {reason}", [])
        elif name == ENVIRONMENT:
            text = translate("Groundtrack", "{} for an account in environment variables, without which this QGIS was started.")
            self._add(text.format(waits), [])
        elif self._session.store.find(key) is None:
            text = translate("Groundtrack", "{}: the account “{}” is missing here.").format(waits, name)
            self._add(text, [(translate("Groundtrack", "Add Account…"), lambda: self.add_wanted.emit(provider))])
        else:
            text = translate("Groundtrack", "{}: the key of the account “{}” is no longer here.").format(waits, name)
            self._add(text, [opening])

    def _add(self, text: str, buttons: List[Button]) -> None:
        row = QWidget(self)
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        sentence = Sentence(row)
        sentence.say(text, WARNING)
        column.addWidget(sentence)
        line = QHBoxLayout()
        line.addStretch(1)
        for label, action in buttons:
            button = QPushButton(label, row)
            button.clicked.connect(lambda _, action=action: action())
            line.addWidget(button)
        column.addLayout(line)
        self._column.addWidget(row)

    def _unlock(self) -> None:
        if self._session.store.unlock():
            self._session.refresh_accounts()

    def _clear(self) -> None:
        while self._column.count():
            widget = self._column.takeAt(0).widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()
