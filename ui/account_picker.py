"""The Service row: which account is asked, and what it has left."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.core import QgsProject, QgsSettings
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QStandardItemModel
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..accounts import AccountInfo
from ..jobs.job import Job
from ..providers.base import Account, Can, Greeting
from ..providers.registry import entries, entry, provider_class
from .account_dialog import AccountDialog
from .account_words import out_of_reach
from .elided_combo import ElidedCombo
from .field_widgets import narrow
from .icons import theme_icon
from .sentence import ERROR, WARNING, Sentence
from .session import Session
from .words import plain, translate

LAST = "groundtrack/last_account"
MOST_LINES = 6  # of what a service says
ENTRY = ("groundtrack", "account")  # in the project


def account_title(info: AccountInfo) -> str:
    """Service and account, as lists show them."""
    found = entry(info.provider).provider
    title = found.title if found else info.provider
    return f"{title} – {info.name}" if is_entered(info) else title


def is_entered(info: AccountInfo) -> bool:
    """Whether a person entered the account; a service that asks for nothing has one by itself."""
    found = entry(info.provider).provider
    return found is None or bool(found.account_fields)


def can_of(key: str) -> Can:
    """What a service offers; nothing when it cannot be used here."""
    found = entry(key).provider
    return found.can if found else Can.NOTHING


class AccountPicker(QWidget):
    """`changed` follows the choice and every change of the chosen account. With `can` only services are listed that can do that."""

    changed = pyqtSignal()

    def __init__(self, session: Session, parent: Optional[QWidget] = None, can: Can = Can.NOTHING) -> None:
        super().__init__(parent)
        self._session = session
        self._can = can
        self._setting = f"{LAST}_{can.name}".lower() if can else LAST
        self._asked: Optional[Account] = None
        self._refusal = ""  # why the account in question was not accepted
        self._ticket = 0
        self.combo = narrow(ElidedCombo(self))
        self.combo.setAccessibleName(translate("Groundtrack", "Service and account"))
        self.balance = QLabel(self)
        self.balance.setTextFormat(Qt.TextFormat.PlainText)
        self.notice = Sentence(self, MOST_LINES)
        self.unlock_button = QPushButton(translate("Groundtrack", "Unlock…"), self)
        self.unlock_button.clicked.connect(self.unlock)
        self.enter_button = QPushButton(translate("Groundtrack", "Enter Key…"), self)
        self.enter_button.clicked.connect(self.open_form)
        row = QHBoxLayout()
        row.addWidget(self.combo, 1)
        row.addWidget(self.balance)
        row.addWidget(self.unlock_button)
        row.addWidget(self.enter_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.notice)
        self.combo.currentIndexChanged.connect(self._choose)
        session.accounts_changed.connect(self.refresh)
        session.jobs_changed.connect(self._watch_jobs)
        QgsProject.instance().readProject.connect(self._take_project)
        self.refresh()

    def info(self) -> Optional[AccountInfo]:
        """The chosen account, None when there is none that can be used."""
        key = self.combo.currentData()
        found = self._session.store.find(key) if key else None
        return found if found and entry(found.provider).provider else None

    def account(self) -> Optional[Account]:
        """The chosen account with its secrets, None while they are locked away. Never asks."""
        info = self.info()
        return self._session.store.account(info) if info else None

    def shown_account(self) -> Optional[Account]:
        """The chosen account, without secrets while they are locked away; enough for what needs no network."""
        info = self.info()
        if info is None:
            return None
        return self._session.store.account(info) or Account(info.provider, info.name, info.public)

    def select(self, key: str) -> bool:
        """Choose an account; False when it is not there."""
        index = self.combo.findData(key) if key else -1
        if index >= 0:
            self.combo.setCurrentIndex(index)
        return index >= 0

    def unlock(self) -> bool:
        """Ask for QGIS's master password where that helps; whether the account can be used then."""
        return self._session.unlocked(self.info()) is not None

    def out_of_reach(self) -> str:
        """Why the account cannot be used, as a sentence."""
        return out_of_reach(self._session.store, self.info())

    def open_form(self) -> None:
        """Open the form of the chosen account, whose key is not here."""
        info = self.info()
        if info is not None:
            form = AccountDialog(self._session, provider_class(info.provider), info, self)
            form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            form.open()

    def refresh(self) -> None:
        """List the accounts again, keeping the choice."""
        wanted = self.combo.currentData() or self._chosen_before()
        self.combo.blockSignals(True)
        self.combo.clear()
        for info in self._session.store.infos():
            if self._can not in can_of(info.provider):
                continue
            self.combo.addItem(account_title(info), info.key)
            self.combo.setItemData(self.combo.count() - 1, plain(account_title(info)), Qt.ItemDataRole.ToolTipRole)
            self._mark(self.combo.count() - 1, info)
        for key, item in entries().items():
            if item.provider is None and not self._can and not self._session.store.infos(key):
                self.combo.addItem(key, None)
                self._disable(self.combo.count() - 1, item.reason)
        index = self.combo.findData(wanted) if wanted else -1
        self.combo.setCurrentIndex(index if index >= 0 else self._first_usable())
        self.combo.blockSignals(False)
        self._show()

    def choose_for_project(self) -> None:
        """Note the account in the project, which comes up with it from then on."""
        QgsProject.instance().writeEntry(*ENTRY, self.combo.currentData() or "")

    def _chosen_before(self) -> str:
        return QgsProject.instance().readEntry(*ENTRY)[0] or QgsSettings().value(self._setting, "")

    def _take_project(self) -> None:
        self.select(QgsProject.instance().readEntry(*ENTRY)[0])

    def _mark(self, index: int, info: AccountInfo) -> None:
        reason = entry(info.provider).reason
        if reason:
            self._disable(index, reason)
        elif self._session.store.account(info) is None:
            self.combo.setItemIcon(index, theme_icon("lockedGray"))

    def _disable(self, index: int, reason: str) -> None:
        self.combo.setItemData(index, plain(reason), Qt.ItemDataRole.ToolTipRole)
        self.combo.setItemIcon(index, theme_icon("mIconWarning"))
        model = self.combo.model()
        if isinstance(model, QStandardItemModel):
            model.item(index).setEnabled(False)

    def _first_usable(self) -> int:
        model = self.combo.model()
        return next((row for row in range(self.combo.count()) if model.index(row, 0).flags() & Qt.ItemFlag.ItemIsEnabled), -1)

    def _choose(self) -> None:
        if self.combo.currentData():
            QgsSettings().setValue(self._setting, self.combo.currentData())
        self._show()

    def _show(self) -> None:
        self.combo.setToolTip(plain(self.combo.currentText()))
        info, account = self.info(), self.account()
        locked = info in self._session.store.waiting()
        self.unlock_button.setVisible(locked)
        self.enter_button.setVisible(info is not None and account is None and not locked)
        if locked:
            self.notice.say(translate("Groundtrack", "The key is locked behind QGIS’s master password."), "lockedGray")
        elif info is not None and account is None:
            self.notice.say(self.out_of_reach(), WARNING)
        else:
            self.notice.say(self._refusal if account == self._asked else "", ERROR)
        self._ask_balance(account)
        self.changed.emit()

    def _ask_balance(self, account: Optional[Account]) -> None:
        if account == self._asked and account is not None:
            return
        self._session.drop(self._ticket)
        self._asked, self._refusal = account, ""
        self.balance.setVisible(False)
        if account is not None and not self._can:  # the other picker asks already
            self._ticket = self._session.ask(self, account, lambda provider: provider.check(), self._greet, self._complain)

    def ask_again(self) -> None:
        """Have the balance brought up to date; the one that is shown stays until then."""
        account = self.account()
        if account is not None:
            self._session.drop(self._ticket)
            self._ticket = self._session.ask(self, account, lambda provider: provider.check(), self._greet, self._complain)

    def _watch_jobs(self, jobs: Sequence[Job]) -> None:
        """A service that no longer answers the account's jobs, or does so again, is asked how it is: that tells the person here."""
        if self._can or not self.isVisible():
            return
        key = self.combo.currentData()
        last = next((job for job in reversed(jobs) if job.account_key == key), None)
        if last is not None and bool(last.tries and last.next_at) != bool(self._refusal):
            self.ask_again()

    def _greet(self, greeting: Greeting) -> None:
        if self._refusal:
            self._refusal = ""
            self.notice.say("")
        told = (greeting.who, greeting.limits)
        self.balance.setText(greeting.balance)
        self.balance.setToolTip(plain(" · ".join([translate("Groundtrack", "Balance of this account"), *filter(None, told)])))
        self.balance.setVisible(bool(greeting.balance))

    def _complain(self, error: Exception) -> None:
        self._refusal = str(error)
        self.balance.hide()  # nobody knows whether it still holds
        self.notice.say(self._refusal, ERROR)
