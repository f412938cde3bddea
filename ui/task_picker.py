"""The Task row: what the service shall find out."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QVBoxLayout, QWidget

from ..providers.base import Account, Provider
from ..providers.operation import Operation
from .field_widgets import narrow
from .icons import icon
from .sentence import ERROR, Sentence, plain_label
from .session import Session
from .words import plain, translate


class TaskPicker(QWidget):
    """`changed` follows the choice. Tasks that only the service knows are asked for in the background."""

    changed = pyqtSignal()

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._operations: Tuple[Operation, ...] = ()
        self._account: Optional[Account] = None
        self._wanted = ""
        self._ticket = 0
        self.combo = narrow(QComboBox(self))
        self.combo.setAccessibleName(translate("Groundtrack", "Task"))
        self.summary = plain_label(parent=self)
        self.notice = Sentence(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.combo, self.summary, self.notice):
            column.addWidget(widget)
        self.combo.currentIndexChanged.connect(self._show)

    def operation(self) -> Optional[Operation]:
        """The chosen task, None while there is none to choose."""
        key = self.combo.currentData()
        return next((operation for operation in self._operations if operation.key == key), None)

    def operations(self) -> Tuple[Operation, ...]:
        """The tasks to choose from, empty while they are asked for."""
        return self._operations

    def select(self, key: str) -> None:
        """Choose a task, now or as soon as it is known."""
        self._wanted = key
        index = self.combo.findData(key)
        if index >= 0:
            self.combo.setCurrentIndex(index)

    def show_account(self, account: Optional[Account], usable: bool) -> None:
        """Offer the tasks of an account. `usable` tells whether the service may be asked."""
        if account is not None and account == self._account and self._operations:
            return
        self._session.drop(self._ticket)
        self._account = account
        self.notice.say("")
        if account is None:
            self._fill(())
            return
        provider = self._session.provider(account)
        if type(provider).operations is Provider.operations:
            self._fill(provider.operations())
        elif usable:
            self._fill(())
            self.notice.say(translate("Groundtrack", "Asking the service for its tasks…"))
            self._ticket = self._session.ask(self, account, lambda asked: asked.operations(), self._fill, self._fail)
        else:
            self._fill(())
            self.notice.say(translate("Groundtrack", "The tasks can be listed once the account is unlocked."))

    def _fill(self, operations: Tuple[Operation, ...]) -> None:
        wanted = self.combo.currentData() or self._wanted
        self._operations = tuple(operations)
        self.notice.say("")
        self.combo.blockSignals(True)
        self.combo.clear()
        for operation in operations:
            self.combo.addItem(icon(operation.icon), operation.title, operation.key)
        self.combo.setCurrentIndex(max(0, self.combo.findData(self._wanted or wanted)) if operations else -1)
        self.combo.blockSignals(False)
        self._show()

    def _fail(self, error: Exception) -> None:
        self.notice.say(str(error), ERROR)

    def _show(self) -> None:
        operation = self.operation()
        self._wanted = operation.key if operation else self._wanted
        self.combo.setToolTip(plain(self.combo.currentText()))
        self.summary.setText(operation.summary if operation else "")
        self.summary.setVisible(bool(operation and operation.summary))
        self.changed.emit()
