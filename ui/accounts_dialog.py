"""All accounts by service, and where results go."""

from __future__ import annotations

from typing import List, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..accounts import AccountInfo
from ..providers.registry import entries, entry
from ..results.in_place import chosen_policy
from .account_dialog import AccountDialog
from .icons import theme_icon
from .sentence import WARNING, Sentence
from .service_menu import service_menu
from .session import Session
from .settings_box import SettingsBox
from .words import plain, translate

KEY = Qt.ItemDataRole.UserRole
LEAST_LINES = 12  # of accounts that are seen at once


class AccountsDialog(QDialog):
    """Accounts and settings of Groundtrack. `saved` carries the key of an account that was added or changed."""

    saved = pyqtSignal(str)

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackAccountsDialog")
        self.setWindowTitle(translate("Groundtrack", "Groundtrack Accounts and Settings"))
        self._session = session
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels([translate("Groundtrack", "Account"), translate("Groundtrack", "Key")])
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setAccessibleName(translate("Groundtrack", "Accounts"))
        self.tree.setMinimumHeight(self.fontMetrics().lineSpacing() * LEAST_LINES)
        self.notice = Sentence(self)
        self.settings = SettingsBox(self)
        self._make_buttons()
        self._lay_out()
        self.tree.itemSelectionChanged.connect(self._show_buttons)
        self.tree.itemDoubleClicked.connect(lambda *_: self.edit())
        session.accounts_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """List the accounts again."""
        chosen = self.chosen()
        self.tree.clear()
        for key, item in entries().items():
            title = item.provider.title if item.provider else key
            service = QTreeWidgetItem(self.tree, [title])
            service.setFlags(Qt.ItemFlag.ItemIsEnabled)
            if item.reason:
                service.setIcon(0, theme_icon("mIconWarning"))
                service.setText(1, translate("Groundtrack", "Cannot be used"))
                for column in (0, 1):
                    service.setToolTip(column, plain(item.reason))
            if item.provider is not None and not item.provider.account_fields:
                service.setText(1, translate("Groundtrack", "Needs no account"))
                service.setFlags(Qt.ItemFlag.NoItemFlags)
                continue
            for info in self._session.store.infos(key):
                row = QTreeWidgetItem(service, [info.name, self._kept(info)])
                row.setToolTip(0, plain(info.name))
                row.setData(0, KEY, info.key)
                row.setSelected(chosen is not None and chosen.key == info.key)
        self.tree.expandAll()
        self._show_buttons()

    def chosen(self) -> Optional[AccountInfo]:
        """The account that is selected."""
        items = self.tree.selectedItems()
        return self._session.store.find(items[0].data(0, KEY)) if items else None

    def select(self, key: str) -> None:
        """Select an account."""
        for item in self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive):
            item.setSelected(item.data(0, KEY) == key)

    def add(self, provider: str) -> AccountDialog:
        """Open the form for a new account of a service. Raises LookupError when the service cannot be used."""
        return self._open(provider, None)

    def edit(self) -> Optional[AccountDialog]:
        """Open the form of the selected account; its key has to be readable for that."""
        info = self.chosen()
        if info is None or entry(info.provider).provider is None:
            return None
        if info in self._session.store.waiting():
            if not self._session.store.unlock():
                self.notice.say(translate("Groundtrack", "The account is locked. Enter QGIS’s master password to edit it."), WARNING)
                return None
            self._session.refresh_accounts()
        return self._open(info.provider, info)

    def remove(self) -> None:
        """Forget the selected account, after asking."""
        info = self.chosen()
        if info is None:
            return
        text = translate("Groundtrack", "Remove the account “{}” and its key from QGIS? Its jobs cannot be followed without it.")
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        if QMessageBox.question(self, translate("Groundtrack", "Remove Account"), text.format(info.name), yes | no, no) == yes:
            self._session.store.remove(info.key)
            self._session.refresh_accounts()

    def done(self, result: int) -> None:
        self.settings.save()
        self._session.poller.leave_in_place(chosen_policy())
        super().done(result)

    def _open(self, provider: str, info: Optional[AccountInfo]) -> AccountDialog:
        kind = entry(provider).provider
        if kind is None:
            raise LookupError(entry(provider).reason)
        self.notice.say("")
        dialog = AccountDialog(self._session, kind, info, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self.select)
        dialog.saved.connect(self.saved)
        dialog.open()
        return dialog

    def _make_buttons(self) -> None:
        self.add_button = QPushButton(theme_icon("symbologyAdd"), translate("Groundtrack", "Add Account"), self)
        self.edit_button = QPushButton(theme_icon("symbologyEdit"), translate("Groundtrack", "Edit…"), self)
        self.remove_button = QPushButton(theme_icon("symbologyRemove"), translate("Groundtrack", "Remove…"), self)
        self.add_button.setMinimumWidth(self.add_button.sizeHint().width() + 2 * self.fontMetrics().height())  # room for the arrow
        self.add_button.setMenu(service_menu(self.add_button, self.add))
        self.edit_button.clicked.connect(lambda _: self.edit())
        self.remove_button.clicked.connect(lambda _: self.remove())

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for button in self._row_buttons():
            row.addWidget(button)
        row.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        for widget in (self.notice, self.settings, buttons):
            column.addWidget(widget)
        self.resize(self.fontMetrics().averageCharWidth() * 70, self.fontMetrics().lineSpacing() * 36)

    def _row_buttons(self) -> List[QPushButton]:
        return [self.add_button, self.edit_button, self.remove_button]

    def _show_buttons(self) -> None:
        info = self.chosen()
        self.edit_button.setEnabled(info is not None and entry(info.provider).provider is not None)
        self.remove_button.setEnabled(info is not None)

    def _kept(self, info: AccountInfo) -> str:
        if info in self._session.store.waiting():
            return translate("Groundtrack", "Stored, locked")
        if self._session.store.account(info) is None:
            return translate("Groundtrack", "Missing: enter it again")
        return translate("Groundtrack", "Stored encrypted") if info.stored else translate("Groundtrack", "For this session")
