"""The input for an evalscript: a library to begin with, an editor, and a line that says what the script promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any, List, Optional

from qgis.core import QgsApplication, QgsProject, QgsSettings
from qgis.PyQt.QtCore import QTimer, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..evalscripts import library
from ..evalscripts.library import Entry
from .field_widgets import Input, ScriptInput
from .script_words import promise
from .sentence import ERROR, INFO, Sentence
from .words import translate

ENDING = ".js"
FOLDER_KEY = "groundtrack/script_folder"
MOST_BYTES = 2_000_000  # of a script; a larger file is none
PAUSE = 200  # ms without typing before the script is read
PICTURE = 36  # pixels that a picture is wide at the usual size of symbols


class EvalscriptInput(Input):
    """Menu, editor, remark. The value is the script's text, the name of one of the library, or its address in a bucket.

    `chosen` carries an entry of the library that was begun with.
    """

    chosen = pyqtSignal(object)

    def make(self, parent: QWidget) -> None:
        self.widget = QWidget(parent)
        self._inner = ScriptInput(self.field, self.widget)
        self.editor = self._inner.widget
        self.button = QToolButton(self.widget)
        self.button.setText(translate("Groundtrack", "Library"))
        self.button.setToolTip(translate("Groundtrack", "Begin with a ready script, one of the project, or a file"))
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.button)
        self.menu.setToolTipsVisible(True)
        self._style = _LargePictures()
        self.menu.setStyle(self._style)
        self.menu.aboutToShow.connect(self.fill_menu)
        self.button.setMenu(self.menu)
        self.check = Sentence(self.widget)
        self._lay_out()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self._read)
        self._remark = ""
        self._inner.changed.connect(self._changed)
        self._inner.changed.connect(self.changed)

    def value(self) -> Optional[str]:
        text: Optional[str] = self._inner.value()
        return text

    def set_value(self, value: Any) -> None:
        self._inner.set_value(value)

    def fill_menu(self) -> None:
        """What can be begun with, as it is now."""
        self.menu.clear()
        for entry in library.ENTRIES:
            action = self.menu.addAction(picture_of(entry), entry.title)
            action.setToolTip(entry.summary)
            action.triggered.connect(lambda _=False, entry=entry: self._begin(entry))
        own = project_scripts()
        if own:
            self.menu.addSection(translate("Groundtrack", "Beside the Project"))
        for path in own:
            self.menu.addAction(path.name).triggered.connect(lambda _=False, path=path: self.take_file(str(path)))
        self.menu.addSeparator()
        self.menu.addAction(translate("Groundtrack", "From File…")).triggered.connect(self._choose_file)

    def take_file(self, name: str) -> None:
        """Take over the script of a file; else say why not."""
        path = Path(name)
        QgsSettings().setValue(FOLDER_KEY, str(path.parent))
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError
            self.set_value(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError):
            self._pause.stop()
            self.check.say(translate("Groundtrack", "{} cannot be read as a script.").format(path.name), ERROR)

    def remark(self, text: str) -> None:
        """Say something beside what the script promises, until it is changed."""
        self._remark = text
        self._read()

    def _begin(self, entry: Entry) -> None:
        self.set_value(entry.script)
        self.chosen.emit(entry)

    def _choose_file(self) -> None:
        title = translate("Groundtrack", "Evalscript from a File")
        dialog = QFileDialog(self.widget, title, str(QgsSettings().value(FOLDER_KEY, "")))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([translate("Groundtrack", "Scripts (*.js)"), translate("Groundtrack", "All files (*)")])
        dialog.fileSelected.connect(self.take_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.widget)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.editor)
        column.addWidget(self.check)
        self.editor.setAccessibleName(self.field.label)
        self.widget.setFocusProxy(self.editor)

    def _changed(self) -> None:
        self._remark = ""
        self._pause.start()

    def _read(self) -> None:
        self.check.say(" ".join(part for part in (self._remark, promise(self.value() or "")) if part), INFO)


def project_scripts() -> List[Path]:
    """Scripts in the folder of the project's file, by name."""
    folder = QgsProject.instance().absolutePath()
    try:
        return sorted(path for path in Path(folder).glob(f"*{ENDING}") if path.is_file()) if folder else []
    except OSError:
        return []


def picture_of(entry: Entry) -> QIcon:
    """What a result looks like."""
    return QIcon(str(entry.picture))


class _LargePictures(QProxyStyle):
    """Room for pictures in a menu, which usually has room for symbols only."""

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: Optional[QStyleOption] = None, widget: Optional[QWidget] = None
    ) -> int:  # fmt: skip
        if metric == QStyle.PixelMetric.PM_SmallIconSize:
            return QgsApplication.scaleIconSize(PICTURE)
        return super().pixelMetric(metric, option, widget)
