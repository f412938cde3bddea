"""All presets in a list: rename, duplicate, reorder, delete, share as files."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QAction,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..presets.files import file_stem
from .icons import icon, theme_icon
from .preset_apply import APPLY, SERIES, WATCH
from .preset_shelf import PROFILE, PROJECT, Kept, Shelf, added_words
from .preset_words import problem_of, summary_tip, task_words
from .sentence import SUCCESS, WARNING, Sentence
from .words import count, translate

KEY = Qt.ItemDataRole.UserRole
CALENDAR = "calendar"  # an icon of ours; QGIS's own cannot be seen in a dark theme


class PresetManager(QDialog):
    """Signals: `use_wanted` the key of a preset and what it is wanted for, `watches_wanted`."""

    use_wanted = pyqtSignal(str, str)
    watches_wanted = pyqtSignal()

    def __init__(self, shelf: Shelf, key: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackPresetManager")
        self.setWindowTitle(translate("Groundtrack", "Presets"))
        self._shelf = shelf
        self._named = "", ""  # key and name of the preset that was just renamed in the list
        self.tree = QTreeWidget(self)
        self.notice = Sentence(self)
        self._make_tree()
        self._make_buttons()
        self._lay_out()
        shelf.changed.connect(self.refresh)
        shelf.failed.connect(self._complain)
        self.refresh()
        self.select(key)
        refused = shelf.refused()
        if refused:
            self.notice.say(" ".join(refused), WARNING)

    def refresh(self) -> None:
        """List the presets again, keeping the choice."""
        chosen = {kept.key for kept in self.chosen()}
        self.tree.blockSignals(True)
        self.tree.clear()
        for place, title in ((PROJECT, translate("Groundtrack", "This Project")), (PROFILE, translate("Groundtrack", "My Profile"))):
            group = QTreeWidgetItem(self.tree, [title])
            group.setFlags(Qt.ItemFlag.ItemIsEnabled)
            group.setFirstColumnSpanned(True)
            for kept in self._shelf.kept(place):
                self._add(group, kept).setSelected(kept.key in chosen)
            if not group.childCount():
                none = QTreeWidgetItem(group, [translate("Groundtrack", "No presets yet")])
                none.setFlags(Qt.ItemFlag.NoItemFlags)
        self.tree.expandAll()
        self.tree.blockSignals(False)
        self._show_buttons()

    def chosen(self) -> Tuple[Kept, ...]:
        """The presets that are selected, in the order of the list."""
        keys = [item.data(0, KEY) for item in self.tree.selectedItems()]
        return tuple(kept for kept in self._shelf.kept() if kept.key in keys)

    def select(self, key: str) -> None:
        """Select one preset."""
        for item in self._items():
            item.setSelected(bool(key) and item.data(0, KEY) == key)
            if item.isSelected():
                self.tree.setCurrentItem(item)

    def rename(self) -> None:
        """Let the person type another name."""
        item = next((item for item in self._items() if item.isSelected()), None)
        if item is not None:
            self.tree.editItem(item, 0)

    def duplicate(self) -> None:
        self.notice.say("")
        self._follow([self._shelf.duplicate(kept) for kept in self.chosen()])

    def copy_over(self) -> None:
        """Put copies of the chosen presets into the other place."""
        self.notice.say("")
        added = [self._shelf.add(kept.preset, PROFILE if kept.place == PROJECT else PROJECT) for kept in self.chosen()]
        self._follow(added)

    def move(self, steps: int) -> None:
        """Move the chosen preset up (negative) or down."""
        for kept in self.chosen()[:1]:
            self._shelf.move(kept, steps)

    def delete(self) -> None:
        """Delete the chosen presets, after asking."""
        chosen = self.chosen()
        if not chosen:
            return
        one = translate("Groundtrack", "Delete the preset “{}”?").format(chosen[0].preset.name)
        question = count(len(chosen), one, translate("Groundtrack", "Delete {} presets?"))
        yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
        if QMessageBox.question(self, translate("Groundtrack", "Delete Presets"), question, yes | no, no) == yes:
            self.notice.say("")
            for kept in chosen:
                self._shelf.remove(kept)

    def import_files(self) -> None:
        """Add the presets of JSON files to the place that is chosen."""
        title, kinds = translate("Groundtrack", "Import Presets"), translate("Groundtrack", "Presets (*.json)")
        paths, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        if paths:
            chosen = self.chosen()
            place = chosen[0].place if chosen else PROJECT
            self._shelf.read_files([Path(path) for path in paths], place, self._greet)

    def export_file(self) -> None:
        """Write the chosen presets into one JSON file."""
        chosen = self.chosen()
        if not chosen:
            return
        name = f"{file_stem(chosen[0].preset.name if len(chosen) == 1 else 'presets')}.json"
        title, kinds = translate("Groundtrack", "Export Presets"), translate("Groundtrack", "Presets (*.json)")
        path, _ = QFileDialog.getSaveFileName(self, title, name, kinds)
        if path:
            target = Path(path if path.lower().endswith(".json") else f"{path}.json")
            text = count(
                len(chosen), translate("Groundtrack", "1 preset was exported."), translate("Groundtrack", "{} presets were exported.")
            )
            self._shelf.write_file(target, chosen, lambda: self.notice.say(text, SUCCESS))

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _make_tree(self) -> None:
        tree = self.tree
        tree.setHeaderLabels([translate("Groundtrack", "Preset"), translate("Groundtrack", "Task")])
        tree.setAccessibleName(translate("Groundtrack", "Presets"))
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.itemSelectionChanged.connect(self._show_buttons)
        tree.itemChanged.connect(self._take_name)
        tree.itemDoubleClicked.connect(lambda item, _: self._use(item))
        delete = QAction(translate("Groundtrack", "Delete…"), tree)
        delete.setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        delete.triggered.connect(lambda _: self.delete())
        tree.addAction(delete)

    def _make_buttons(self) -> None:
        self.rename_button = self._button("symbologyEdit", translate("Groundtrack", "Rename"), self.rename)
        self.duplicate_button = self._button("mActionDuplicateLayer", translate("Groundtrack", "Duplicate"), self.duplicate)
        self.copy_button = self._button("mActionEditCopy", translate("Groundtrack", "Copy to My Profile"), self.copy_over)
        self.up_button = self._button("mActionArrowUp", translate("Groundtrack", "Move Up"), lambda: self.move(-1))
        self.down_button = self._button("mActionArrowDown", translate("Groundtrack", "Move Down"), lambda: self.move(1))
        self.import_button = self._button("mActionFileOpen", translate("Groundtrack", "Import…"), self.import_files)
        self.export_button = self._button("mActionFileSaveAs", translate("Groundtrack", "Export…"), self.export_file)
        dates, watch = translate("Groundtrack", "Run with New Dates…"), translate("Groundtrack", "Watch…")
        self.dates_button = self._button(CALENDAR, dates, lambda: self._leave_for(SERIES))
        self.watch_button = self._button("mActionShowAllLayers", watch, lambda: self._leave_for(WATCH))
        self.watches_button = self._button("mActionOpenTable", translate("Groundtrack", "Watches…"), self._show_watches)
        self.delete_button = self._button("symbologyRemove", translate("Groundtrack", "Delete…"), self.delete)

    def _button(self, picture: str, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(icon(picture) if picture == CALENDAR else theme_icon(picture), text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: action())
        return button

    def _lay_out(self) -> None:
        grid = QGridLayout()
        for index, button in enumerate(self._buttons()):
            grid.addWidget(button, index // 4, index % 4)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self.tree, 1)
        column.addWidget(self.notice)
        column.addLayout(grid)
        column.addWidget(close)
        self.resize(self.fontMetrics().averageCharWidth() * 80, self.fontMetrics().lineSpacing() * 26)

    def _buttons(self) -> Sequence[QPushButton]:
        above = (self.rename_button, self.up_button, self.down_button, self.delete_button)
        files = (self.duplicate_button, self.copy_button, self.import_button, self.export_button)
        return (*above, *files, self.dates_button, self.watch_button, self.watches_button)

    def _add(self, group: QTreeWidgetItem, kept: Kept) -> QTreeWidgetItem:
        item = QTreeWidgetItem(group, [kept.preset.name, task_words(kept.preset)])
        item.setData(0, KEY, kept.key)
        for column in (0, 1):
            item.setToolTip(column, summary_tip(kept.preset))
        if problem_of(kept.preset):
            item.setIcon(0, theme_icon("mIconWarning"))
        if kept.preset.newer is None:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        return item

    def _items(self) -> List[QTreeWidgetItem]:
        groups = [self.tree.topLevelItem(index) for index in range(self.tree.topLevelItemCount())]
        return [group.child(index) for group in groups for index in range(group.childCount())]

    def _show_buttons(self) -> None:
        chosen = self.chosen()
        one = chosen[0] if len(chosen) == 1 else None
        same = list(self._shelf.kept(one.place)) if one else []
        self.rename_button.setEnabled(one is not None and one.preset.newer is None)
        self.up_button.setEnabled(one is not None and same.index(one) > 0)
        self.down_button.setEnabled(one is not None and same.index(one) < len(same) - 1)
        for button in (self.dates_button, self.watch_button):
            button.setEnabled(one is not None and not problem_of(one.preset))
        for button in (self.duplicate_button, self.export_button, self.delete_button, self.copy_button):
            button.setEnabled(bool(chosen))
        to_project = bool(chosen) and all(kept.place == PROFILE for kept in chosen)
        text = translate("Groundtrack", "Copy to This Project") if to_project else translate("Groundtrack", "Copy to My Profile")
        self.copy_button.setText(text)
        self.copy_button.setEnabled(len({kept.place for kept in chosen}) == 1)

    def _take_name(self, item: QTreeWidgetItem) -> None:
        self._named = item.data(0, KEY) or "", item.text(0)
        QTimer.singleShot(0, self._rename)  # once the editor is closed: the list is made anew

    def _rename(self) -> None:
        key, name = self._named
        kept = self._shelf.find(key)
        if kept is not None:
            self.notice.say("")
            if self._shelf.rename(kept, name) in (None, kept):
                self.refresh()

    def _use(self, item: QTreeWidgetItem) -> None:
        if item.data(0, KEY):
            self.use_wanted.emit(item.data(0, KEY), APPLY)
            self.accept()

    def _leave_for(self, purpose: str) -> None:
        """Close the list and go on with the chosen preset on the page."""
        for kept in self.chosen()[:1]:
            self.accept()
            self.use_wanted.emit(kept.key, purpose)

    def _show_watches(self) -> None:
        self.accept()
        self.watches_wanted.emit()

    def _follow(self, added: Sequence[Optional[Kept]]) -> None:
        keys = [kept.key for kept in added if kept is not None]
        for item in self._items():
            item.setSelected(item.data(0, KEY) in keys)
        for item in self.tree.selectedItems()[:1]:
            self.tree.scrollToItem(item)

    def _greet(self, found: Tuple[Kept, ...], there: int) -> None:
        self._follow(found)
        self.notice.say(added_words(found, there, found[0].place) if found else "", SUCCESS)

    def _complain(self, text: str) -> None:
        self.notice.say(text, WARNING)
