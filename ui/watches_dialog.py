"""All watches in a list: when they ran and run, what came of it, and the switch."""

from __future__ import annotations

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
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

from ..presets.watch_store import WatchState
from .icons import icon, theme_icon
from .preset_words import summary_tip
from .sentence import INFO, WARNING, Sentence
from .session import Session
from .watch_dialog import WatchDialog
from .watch_words import cap_words, kind_words, rhythm_words, spent_words, when_words
from .watcher import Watcher, WatchNews, watcher_of
from .words import translate

KEY = Qt.ItemDataRole.UserRole


class WatchesDialog(QDialog):
    """Follows the watcher while it is open."""

    def __init__(self, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackWatchesDialog")
        self.setWindowTitle(translate("Groundtrack", "Watches"))
        self._session = session
        self._watcher: Watcher = watcher_of(session)
        self.tree = QTreeWidget(self)
        self.outcome, self.notice = Sentence(self), Sentence(self)
        self._make_tree()
        self._lay_out()
        self._watcher.changed.connect(self.refresh)
        self._watcher.told.connect(self._say)
        self.refresh()
        self._watcher.look()

    def refresh(self) -> None:
        """List the watches again, keeping the choice."""
        chosen = self.chosen()
        now = self._watcher.now()
        self.tree.clear()
        for state in self._watcher.states:
            watch = state.watch
            waits = watch.id in self._watcher.waiting
            due = when_words(max(now, state.due_at(now)), now) if watch.on and not waits else ""
            following = due or (translate("Groundtrack", "waits") if watch.on else translate("Groundtrack", "off"))
            last = when_words(state.last_at, now) or translate("Groundtrack", "never")
            item = QTreeWidgetItem(
                self.tree, [watch.title, f"{kind_words(watch)}\n{rhythm_words(watch)}", last, following, spent_words(state)]
            )
            item.setData(0, KEY, watch.id)
            item.setIcon(0, theme_icon("mIconWarning") if waits else icon("running") if watch.on else icon("waiting"))
            item.setToolTip(0, summary_tip(watch.preset))
            item.setSelected(chosen is not None and chosen.watch.id == watch.id)
        if self.tree.topLevelItemCount() and self.chosen() is None:
            self.tree.setCurrentItem(self.tree.topLevelItem(0))
        self._show()

    def chosen(self) -> Optional[WatchState]:
        """The watch that is selected."""
        items = self.tree.selectedItems()
        key = items[0].data(0, KEY) if items else ""
        return next((state for state in self._watcher.states if state.watch.id == key), None)

    def switch(self) -> None:
        """Switch the chosen watch off; or on, after its price was shown and agreed to."""
        state = self.chosen()
        if state is not None and state.watch.on:
            self._watcher.switch_off(state.watch)
        else:
            self.change()

    def change(self) -> None:
        """Show how the chosen watch is set."""
        state = self.chosen()
        if state is not None:
            dialog = WatchDialog(self._session, state.watch, self._watcher.now(), self)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.agreed.connect(self._watcher.put)
            dialog.open()

    def run_now(self) -> None:
        state = self.chosen()
        if state is not None:
            self.notice.say(translate("Groundtrack", "Asking…"), INFO)
            self._watcher.run_now(state)

    def remove(self) -> None:
        """Remove the chosen watch, after asking."""
        state = self.chosen()
        if state is None:
            return
        text = translate("Groundtrack", "Remove the watch “{}”? Its jobs and results stay.").format(state.watch.title)
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        if QMessageBox.question(self, translate("Groundtrack", "Remove Watch"), text, yes | no, no) == yes:
            self._watcher.remove(state.watch)

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _make_tree(self) -> None:
        tree = self.tree
        tree.setHeaderLabels(
            [translate("Groundtrack", "Watch"), translate("Groundtrack", "Does"), translate("Groundtrack", "Last Run"),
             translate("Groundtrack", "Next Run"), translate("Groundtrack", "Spent")]
        )  # fmt: skip
        tree.setAccessibleName(translate("Groundtrack", "Watches"))
        tree.setRootIsDecorated(False)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.itemSelectionChanged.connect(self._show)

    def _lay_out(self) -> None:
        self.switch_button = self._button("mActionStop", translate("Groundtrack", "Switch Off"), self.switch)
        self.change_button = self._button("mActionOptions", translate("Groundtrack", "Change…"), self.change)
        self.run_button = self._button("mActionStart", translate("Groundtrack", "Run Now"), self.run_now)
        self.remove_button = self._button("symbologyRemove", translate("Groundtrack", "Remove…"), self.remove)
        row = QHBoxLayout()
        for button in (self.switch_button, self.change_button, self.run_button, self.remove_button):
            row.addWidget(button)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self.tree, 1)
        for widget in (self.outcome, self.notice):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(close)
        self.resize(self.fontMetrics().averageCharWidth() * 115, self.fontMetrics().lineSpacing() * 20)

    def _button(self, picture: str, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(theme_icon(picture), text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: action())
        return button

    def _show(self) -> None:
        state = self.chosen()
        for button in (self.switch_button, self.change_button, self.run_button, self.remove_button):
            button.setEnabled(state is not None)
        on = state is not None and state.watch.on
        self.switch_button.setText(translate("Groundtrack", "Switch Off") if on else translate("Groundtrack", "Switch On…"))
        self.switch_button.setIcon(theme_icon("mActionStop" if on else "mActionPlay"))
        self.change_button.setEnabled(on)
        if state is None:
            none = translate("Groundtrack", "No watches yet. Choose “Watch…” for a preset to have it run again and again.")
            self.outcome.say("" if self._watcher.states else none, INFO)
            return
        waits = self._watcher.waiting.get(state.watch.id, "") or cap_words(state)
        interrupted = translate("Groundtrack", "The last run was interrupted.")
        self.outcome.say(waits or state.outcome or (interrupted if state.last_at else ""), WARNING if waits else INFO)
        if self.notice.text() == f"{state.watch.title}: {self.outcome.text()}":
            self.notice.say("")

    def _say(self, news: WatchNews) -> None:
        """Tell what came of a watch, where the outcome of the chosen one does not say it already."""
        self.notice.say(f"{news.state.watch.title}: {news.text}", WARNING if news.bad else INFO)
        self._show()
