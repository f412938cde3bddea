"""The Preset row of the New Job page: choose one, run it, save the form as one."""

from __future__ import annotations

from pathlib import Path
from typing import Optional, Sequence, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon, QKeyEvent
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from .field_widgets import narrow
from .icons import theme_icon
from .page import Page
from .preset_apply import APPLY, RUN, SERIES, WATCH, PresetApplier
from .preset_dialogs import SavePresetDialog
from .preset_manager import PresetManager
from .preset_shelf import PROJECT, Kept, Shelf, added_words
from .preset_trust import agree_to
from .preset_words import problem_of, summary_tip, task_words
from .sentence import SUCCESS, WARNING, Sentence
from .session import Session
from .watches_dialog import WatchesDialog
from .words import plain, translate

PERSONAL = "user"  # icon; that of a project's preset is none


class PresetCombo(QComboBox):
    """Arrow keys open the list instead of putting one preset after the other on the form; Enter applies the one that is shown."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) or event.text().strip():
            self.showPopup()
        else:
            super().keyPressEvent(event)


class PresetRow(QWidget):
    """`add_account_wanted` carries a service, and the name that the account shall have."""

    add_account_wanted = pyqtSignal(str, str)

    def __init__(self, session: Session, page: Page) -> None:
        super().__init__(page)
        self._picked = ""  # key of the preset that a person chose
        self._had_project = False
        self._session = session
        self.shelf = Shelf(session, self)
        self.applier = PresetApplier(session, page)
        self.combo = PresetCombo(self)
        self.run_button = QToolButton(self)
        self.save_button = QToolButton(self)
        self.notice = Sentence(self)
        self._lay_out()
        self._connect()
        self.refresh()

    def kept(self) -> Optional[Kept]:
        """The preset that is shown."""
        key = self.combo.currentData()
        return self.shelf.find(key) if key else None

    def select(self, key: str) -> None:
        """Show a preset, without applying it."""
        self._picked = key
        self.refresh()

    def refresh(self) -> None:
        """List the presets again; the first of a project that was just opened comes up."""
        in_project = bool(self.shelf.kept(PROJECT))
        if in_project != self._had_project:
            self._had_project, self._picked = in_project, ""
        self.combo.clear()
        for kept in self.shelf.kept():
            if kept.place != PROJECT and in_project and self.combo.findData(kept.place) < 0:
                self._separate(kept.place)
            self._add(kept)
        if not self.combo.count():
            self.combo.addItem(translate("Groundtrack", "No presets yet"), "")
        self.combo.setCurrentIndex(max(0, self.combo.findData(self._picked) if self._picked else 0))
        self._show()

    def import_files(self, paths: Sequence[Path], place: str = PROJECT) -> None:
        """Add the presets of JSON files."""
        self.shelf.read_files(paths, place, lambda added, there: self._greet(added, there, place))

    def manage(self) -> PresetManager:
        """Open the list of all presets."""
        dialog = PresetManager(self.shelf, self.combo.currentData() or "", self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.use_wanted.connect(self._use)
        dialog.watches_wanted.connect(self.show_watches)
        dialog.open()
        return dialog

    def show_watches(self) -> WatchesDialog:
        """Open the list of all watches."""
        dialog = WatchesDialog(self._session, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def close_down(self) -> None:
        """Stop listening to the project."""
        self.shelf.close_down()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        narrow(self.combo)
        self.combo.setAccessibleName(translate("Groundtrack", "Preset"))
        title = QLabel(translate("Groundtrack", "Preset"), self)
        title.setBuddy(self.combo)
        self.run_button.setText(translate("Groundtrack", "Run Preset"))
        self.save_button.setText(translate("Groundtrack", "Save"))
        self.save_button.setToolTip(translate("Groundtrack", "Save the form as a preset, and manage presets"))
        self.save_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.save_button.setMenu(QMenu(self.save_button))
        row = QHBoxLayout()
        row.addWidget(title)
        row.addWidget(self.combo, 1)
        for button in (self.run_button, self.save_button):
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.notice)

    def _connect(self) -> None:
        self.combo.activated.connect(lambda _: self._use(self.combo.currentData()))
        self.combo.currentIndexChanged.connect(lambda _: self._show())
        self.run_button.clicked.connect(lambda _: self._use(self.combo.currentData(), RUN))
        self.save_button.menu().aboutToShow.connect(self._fill_menu)
        self.shelf.changed.connect(self.refresh)
        self.shelf.failed.connect(lambda text: self.notice.say(text, WARNING))
        self.applier.told.connect(self.notice.say)
        self.applier.add_account_wanted.connect(self.add_account_wanted)

    def _use(self, key: str, purpose: str = APPLY) -> None:
        kept = self.shelf.find(key) if key else None
        if kept is not None:
            self.select(key)
            self.applier.use(kept, purpose)

    def _add(self, kept: Kept) -> None:
        problem = problem_of(kept.preset)
        picture = theme_icon("mIconWarning" if problem else PERSONAL) if problem or kept.place != PROJECT else QIcon()
        self.combo.addItem(picture, kept.preset.name, kept.key)
        self.combo.setItemData(self.combo.count() - 1, plain(problem or task_words(kept.preset)), Qt.ItemDataRole.ToolTipRole)

    def _separate(self, place: str) -> None:
        self.combo.insertSeparator(self.combo.count())
        self.combo.setItemData(self.combo.count() - 1, place)

    def _show(self) -> None:
        kept = self.kept()
        self.combo.setEnabled(kept is not None)
        self.run_button.setEnabled(kept is not None and kept.preset.newer is None)
        words = summary_tip(kept.preset) if kept else ""
        self.combo.setToolTip(words or translate("Groundtrack", "Save the form under a name to use it again with one click"))
        head = translate("Groundtrack", "Apply this preset and run it at once")
        self.run_button.setToolTip(f"{plain(head)}<br><br>{words}" if words else plain(head))

    def _fill_menu(self) -> None:
        menu, kept = self.save_button.menu(), self.kept()
        menu.clear()
        possible = self.applier.captured("")[0] is not None
        menu.addAction(translate("Groundtrack", "Save as Preset…"), self.save_as).setEnabled(possible)
        if kept is not None:
            name = kept.preset.name.replace("&", "&&")
            update = menu.addAction(translate("Groundtrack", "Update “{}”").format(name), self.update_preset)
            update.setEnabled(possible and kept.preset.newer is None)
            menu.addSeparator()
            repeat = menu.addAction(translate("Groundtrack", "Run “{}” with New Dates…").format(name))
            repeat.triggered.connect(lambda _: self._use(kept.key, SERIES))
            watch = menu.addAction(translate("Groundtrack", "Watch “{}”…").format(name))
            watch.triggered.connect(lambda _: self._use(kept.key, WATCH))
            for deed in (repeat, watch):
                deed.setEnabled(kept.preset.newer is None)
        menu.addSeparator()
        menu.addAction(translate("Groundtrack", "Manage Presets…"), self.manage)
        menu.addAction(translate("Groundtrack", "Watches…"), self.show_watches)

    def save_as(self) -> SavePresetDialog:
        """Ask for a name and keep the form under it."""
        _, left_out = self.applier.captured("")
        dialog = SavePresetDialog(self.shelf, self._proposal(), _left_out(left_out), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.named.connect(self._save)
        dialog.open()
        return dialog

    def update_preset(self) -> None:
        """Put the form in the place of the preset that is shown."""
        kept = self.kept()
        preset, left_out = self.applier.captured(kept.preset.name if kept else "")
        if kept is not None and preset is not None and self.shelf.change(kept, preset):
            agree_to(preset)
            text = translate("Groundtrack", "“{}” was updated.").format(kept.preset.name)
            self._told(text, left_out)

    def _save(self, name: str, place: str) -> None:
        preset, left_out = self.applier.captured(name)
        added = self.shelf.add(preset, place) if preset is not None else None
        if added is not None:
            agree_to(added.preset)
            self.select(added.key)
            self._told(translate("Groundtrack", "“{}” was saved.").format(added.preset.name), left_out)

    def _told(self, text: str, left_out: Tuple[str, ...]) -> None:
        if left_out:
            self.notice.say(f"{text} {_left_out(left_out)}", WARNING)
        else:
            self.notice.say(text, SUCCESS)

    def _proposal(self) -> str:
        preset = self.applier.captured("")[0]
        return task_words(preset).split(" – ", 1)[-1] if preset else ""

    def _greet(self, found: Tuple[Kept, ...], there: int, place: str) -> None:
        if found:
            self.select(found[0].key)
            self.notice.say(added_words(found, there, place), SUCCESS)


def _left_out(labels: Sequence[str]) -> str:
    if not labels:
        return ""
    return translate("Groundtrack", "Left out, because it holds a key: {}.").format(", ".join(labels))
