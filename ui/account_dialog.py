"""One account: its name, what the service wants to know, where the key is kept, and whether it works."""

from __future__ import annotations

from typing import Dict, Optional, Tuple, Type

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import QEvent, QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..accounts import AccountError, AccountInfo, address_complaints
from ..providers.base import Account, Greeting, Provider, Secrets
from ..providers.fields import parse_all
from .form import OperationForm
from .sentence import ERROR, INFO, SUCCESS, Sentence, plain_label
from .session import Session
from .storage_test import StorageTest, delivers_to_storage
from .words import translate

MOST_LINES = 12  # of an answer, before one asks for more
_BAR = 32  # pixels for a scroll bar
_NARROW, _WIDE, _MANY = 60, 84, 8  # characters across; fields from which on there are long values and labels


class AccountDialog(QDialog):
    """Add an account, or edit the one given. `saved` carries the key of the account."""

    saved = pyqtSignal(str)

    def __init__(
        self, session: Session, kind: Type[Provider], info: Optional[AccountInfo] = None, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackAccountDialog")
        self._session = session
        self._kind = kind
        self._info = info
        self._ticket = 0
        title = translate("Groundtrack", "Edit {} Account") if info else translate("Groundtrack", "Add {} Account")
        self.setWindowTitle(title.format(kind.title))
        self.name = QLineEdit(info.name if info else self._free_name(), self)
        self.form = OperationForm(kind.account_fields, self)
        self.remember = QCheckBox(translate("Groundtrack", "Remember in QGIS’s authentication database"), self)
        self.remember_note = plain_label(parent=self)
        self.test_button = QPushButton(translate("Groundtrack", "Test Connection"), self)
        self.result = Sentence(self, MOST_LINES)
        self.storage = StorageTest(session, self._account, self) if delivers_to_storage(kind) else None
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self)
        self._body = QWidget(self)
        self._scroll = QgsScrollArea(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(0)
        self._settle.timeout.connect(self._grow)
        self._lay_out()
        self._fill()
        self.test_button.clicked.connect(self.test)
        self.remember.toggled.connect(self._explain)
        self._buttons.accepted.connect(self.save)
        self._buttons.rejected.connect(self.reject)

    def test(self) -> None:
        """Sign in with what is on the form."""
        account = self._account()
        if account is None:
            return
        self.test_button.setEnabled(False)
        self.result.say(translate("Groundtrack", "Asking {}…").format(self._kind.title), INFO)
        self._session.drop(self._ticket)
        self._ticket = self._session.ask(self, account, lambda provider: provider.check(), self._greet, self._complain)

    def save(self) -> None:
        """Store the account and close; else say why not."""
        account = self._account()
        if account is None:
            return
        if self._info is not None and account.name != self._info.name and self._is_followed(self._info.key):
            text = translate("Groundtrack", "Jobs are still followed through the account “{}”. Rename it when they have ended.")
            self.result.say(text.format(self._info.name), ERROR)
            return
        try:
            info = self._session.store.save(account, remember=self.remember.isChecked(), replaces=self._info.key if self._info else "")
        except AccountError as error:
            self.result.say(str(error), ERROR)
            return
        self._session.refresh_accounts()
        self.saved.emit(info.key)
        self.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._body and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._settle.start()
        return super().eventFilter(watched, event)

    def done(self, result: int) -> None:
        self._session.drop(self._ticket)
        if self.storage is not None:
            self.storage.stop()
        super().done(result)

    def _lay_out(self) -> None:
        top = QFormLayout()
        top.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        top.addRow(translate("Groundtrack", "Name"), self.name)
        self.name.setToolTip(translate("Groundtrack", "What you call this account, to tell it from others of the same service"))
        column = QVBoxLayout(self._body)
        column.addLayout(top)
        for widget in (self.form, self.remember, self.remember_note, self.test_button, self.result):
            column.addWidget(widget)
        if self.storage is not None:
            column.addWidget(self.storage)
        column.addStretch(1)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._body)
        whole = QVBoxLayout(self)
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self._buttons)
        self._body.installEventFilter(self)
        across = _WIDE if len(self._kind.account_fields) > _MANY else _NARROW
        self.setMinimumWidth(max(self.fontMetrics().averageCharWidth() * across, self._body.minimumSizeHint().width() + _BAR))

    def _grow(self) -> None:
        """Make room for all there is to read, as far as the screen goes; the rest scrolls."""
        view = self._scroll.viewport()
        missing = self._body.layout().totalHeightForWidth(view.width()) - view.height()
        screen = self.screen().availableGeometry()
        height = min(self.height() + missing, screen.height() * 9 // 10)
        if missing > 0 and height > self.height():
            self.resize(self.width(), height)
            self.move(self.x(), max(screen.top(), min(self.y(), screen.bottom() - height)))

    def _fill(self) -> None:
        known = self._session.store.account(self._info) if self._info else None
        if known is not None:
            self.form.set_values({**known.public, **known.secrets})
        elif self._info is not None:
            self.form.set_values(self._info.public)
        available = self._session.store.available
        self.remember.setEnabled(available)
        self.remember.setChecked(available and (self._info is None or bool(self._info.stored)))
        self._explain()

    def _explain(self) -> None:
        store = self._session.store
        if not store.available:
            text = translate("Groundtrack", "QGIS has no authentication database here, so the key is kept for this session only.")
        elif not self.remember.isChecked():
            text = translate("Groundtrack", "The key is kept until QGIS ends; then it has to be entered again.")
        elif store.unlocked:
            text = translate("Groundtrack", "The key is stored encrypted, under the master password of QGIS.")
        else:
            text = translate(
                "Groundtrack",
                "The key is stored encrypted. QGIS asks for its master password when you save; "
                "the first time you choose one yourself. It is asked for once in each session.",
            )
        self.remember_note.setText(text)

    def _account(self) -> Optional[Account]:
        """The account on the form, or None after saying what is wrong with it."""
        values, wrong = parse_all(self._kind.account_fields, self.form.values())
        wrong = {**address_complaints(self._kind, values), **wrong}
        self.form.show_problems(wrong, everywhere=True)
        if wrong:
            self.result.say("")
            return None
        public, private = self._sorted(values)
        return Account(self._kind.key, self.name.text().strip(), public, Secrets(private))

    def _sorted(self, values: Dict[str, str]) -> Tuple[Dict[str, str], Dict[str, str]]:
        hidden = {field.name for field in self._kind.account_fields if field.secret}
        public = {name: str(value) for name, value in values.items() if name not in hidden}
        return public, {name: str(value) for name, value in values.items() if name in hidden}

    def _is_followed(self, key: str) -> bool:
        """Whether jobs would be left behind if the account went by another name."""
        return self._session.followed[key] > 0

    def _free_name(self) -> str:
        taken = {info.name for info in self._session.store.infos(self._kind.key)}
        main = translate("Groundtrack", "Main")
        return main if main not in taken else ""

    def _greet(self, greeting: Greeting) -> None:
        told = (greeting.who, greeting.balance, greeting.limits)
        words = [translate("Groundtrack", "The connection works."), *filter(None, told)]
        self.test_button.setEnabled(True)
        self.result.say(" · ".join(words), SUCCESS)

    def _complain(self, error: Exception) -> None:
        self.test_button.setEnabled(True)
        self.result.say(str(error), ERROR)
