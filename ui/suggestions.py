"""What a service offers for the inputs of a form (models, options with their prices, projects), asked for in the background."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from qgis.PyQt.QtCore import QObject, QPoint, QStringListModel, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QAction, QCompleter, QLineEdit, QMenu

from ..providers.base import Account, Provider
from ..providers.fields import Field, Kind
from .form import OperationForm
from .icons import theme_icon
from .session import Session
from .words import translate

THINK = 400  # ms without a change before options are asked for that depend on other inputs

Choices = Tuple[Tuple[str, str], ...]


def managed() -> Dict[str, str]:
    """What is chosen from and can be looked after as well, with the words for it."""
    return {"projects": translate("Groundtrack", "Manage Projects…")}


class Suggestions(QObject):
    """Lets the inputs of a form be filled from a list; typing stays free. `learnt` follows whatever the service told.

    `manage_wanted` carries what somebody wants to look after, by its name in `choices_from`.
    """

    learnt = pyqtSignal()
    manage_wanted = pyqtSignal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._form: Optional[OperationForm] = None
        self._account: Optional[Account] = None
        self._lists: Dict[str, _List] = {}
        self._asked: Mapping[str, Any] = {}
        self._ticket = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(THINK)
        self._timer.timeout.connect(self._ask)

    def offer(self, form: OperationForm, fields: Tuple[Field, ...], account: Optional[Account]) -> None:
        """Fill the lists of this form with what this account has; None: the account cannot be used yet."""
        wanted = [field for field in fields if field.choices_from]
        if form is not self._form:
            self._form, self._asked = form, {}
            self._lists = {field.name: _List(field, form.input(field.name).widget, self.manage_wanted.emit) for field in wanted}
            if wanted:
                form.changed.connect(self._look)
        if account != self._account or not self._asked:
            self._account, self._asked = account, {}
            self._ask()

    def refresh(self) -> None:
        """Ask again: there may be something new to choose from."""
        self._ask()

    def choices(self, name: str) -> Choices:
        """What is offered for an input so far."""
        return self._lists[name].choices if name in self._lists else ()

    def ask_again(self) -> None:
        """Something was changed at the service."""
        self._ask()

    def rename(self, source: str, before: str, now: str) -> None:
        """What is chosen from this source is called otherwise now; "" when it is gone."""
        for item in self._lists.values():
            item.rename(source, before, now)

    def _look(self) -> None:
        self._name_picked()
        if self._form is not None and self._values() != self._asked:
            self._timer.start()

    def _name_picked(self) -> None:
        """Values that a manager fills in are ids; their names stand below."""
        given = self._form.values() if self._form is not None else {}
        for name, item in self._lists.items():
            if item.field.picked_in and self._form is not None:
                self._form.remark(name, dict(item.choices).get(given.get(name, ""), ""))

    def _values(self) -> Dict[str, Any]:
        """The other inputs that lists may depend on."""
        given = self._form.values() if self._form is not None else {}
        return {name: given.get(name) for name, item in self._lists.items() if item.field.kind is not Kind.LIST}

    def _ask(self) -> None:
        self._session.drop(self._ticket)
        if self._account is None or not self._lists:
            return
        values = self._asked = self._values()
        names = {name: item.field.choices_from for name, item in self._lists.items()}

        def question(provider: Provider) -> Dict[str, Choices]:
            return {name: provider.choices(source, values) for name, source in names.items()}

        self._ticket = self._session.ask(self, self._account, question, self._take, self._fail)

    def _take(self, found: Dict[str, Choices]) -> None:
        for name, choices in found.items():
            if name in self._lists:
                self._lists[name].offer(choices)
        self._name_picked()
        self.learnt.emit()

    def _fail(self, error: Exception) -> None:
        for item in self._lists.values():
            item.complain(str(error))


class _List(QObject):
    """A button in a line of text that shows what may be chosen. A list of several gets check marks."""

    def __init__(self, field: Field, line: QLineEdit, manage: Callable[[str], None]) -> None:
        super().__init__(line)
        self._manage = manage
        self.field = field
        self.choices: Choices = ()
        self._line = line
        self._menu = QMenu(line)
        self._menu.setToolTipsVisible(True)
        self._model = QStringListModel(line)
        if field.kind is not Kind.LIST:
            completer = QCompleter(self._model, line)
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            line.setCompleter(completer)
        self._button = line.addAction(theme_icon("mActionArrowDown"), QLineEdit.ActionPosition.TrailingPosition)
        self._button.setToolTip(translate("Groundtrack", "Choose from a list (Alt+Down)"))
        self._button.triggered.connect(lambda _: self.open())
        self._button.setShortcut(QKeySequence("Alt+Down"))
        self._button.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._say(translate("Groundtrack", "The service was not asked yet"))

    def offer(self, choices: Choices) -> None:
        """Replace what may be chosen."""
        self.choices = choices
        self._model.setStringList([value for value, _ in choices])
        self._menu.clear()
        for value, label in choices:
            action = self._menu.addAction(label.replace("&", "&&"))
            action.setData(value)
            action.setCheckable(self.field.kind is Kind.LIST)
            action.triggered.connect(lambda _, chosen=value: self._choose(chosen))
        if choices:
            self._offer_managing()
        else:
            self._say(translate("Groundtrack", "Nothing to choose from"))

    def complain(self, sentence: str) -> None:
        """Say why there is nothing to choose from."""
        if not self.choices:
            self._say(sentence)

    def rename(self, source: str, before: str, now: str) -> None:
        """Follow a change of name, if it is what is chosen."""
        if self.field.choices_from == source and self._line.text().strip() == before:
            self._line.setText(now)

    def open(self) -> None:
        """Show the list under its line."""
        given = {text.lower() for text in self._given()}
        for action in self._actions():
            action.setChecked(str(action.data()).lower() in given)
        self._menu.popup(self._line.mapToGlobal(QPoint(0, self._line.height())))

    def _say(self, sentence: str) -> None:
        self._menu.clear()
        self._menu.addAction(sentence).setEnabled(False)
        self._offer_managing()

    def _offer_managing(self) -> None:
        """Let what is chosen from be looked after."""
        text = managed().get(self.field.choices_from)
        if text:
            self._menu.addSeparator()
            self._menu.addAction(text).triggered.connect(lambda _: self._manage(self.field.choices_from))

    def _choose(self, value: str) -> None:
        if self.field.kind is not Kind.LIST:
            self._line.setText(value)
            return
        given = self._given()
        kept = [text for text in given if text.lower() != value.lower()]
        self._line.setText(", ".join(kept if len(kept) < len(given) else [*given, value]))

    def _given(self) -> List[str]:
        texts = self._line.text().split(",") if self.field.kind is Kind.LIST else [self._line.text()]
        return [text.strip() for text in texts if text.strip()]

    def _actions(self) -> List[QAction]:
        return [action for action in self._menu.actions() if action.isCheckable()]
