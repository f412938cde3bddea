"""What the New Job tab shows while no job can be made: before the first account, and where a library is missing."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import List, Optional, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from .icons import icon, theme_icon
from .sentence import WARNING, Sentence, plain_label
from .service_menu import service_menu
from .words import translate

BIG = 3  # times a line of text: the size of the sign


class _Page(QScrollArea):
    """A column of sentences that scrolls when the dock is small."""

    def __init__(self, parent: Optional[QWidget]) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.column = QVBoxLayout()
        content = QWidget(self)
        content.setLayout(self.column)
        self.setWidget(content)

    def head(self, text: str) -> None:
        label = plain_label(text, self)
        font = label.font()
        font.setBold(True)
        label.setFont(font)
        self.column.addWidget(label)


class WelcomePage(_Page):
    """Before the first account. `add_wanted` carries the service to add one for, `go_wanted` when a person goes on without."""

    add_wanted = pyqtSignal(str)
    go_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        sign = QLabel(self)
        size = self.fontMetrics().lineSpacing() * BIG
        sign.setPixmap(icon("groundtrack").pixmap(size, size))
        self.column.addWidget(sign)
        self.head(translate("Groundtrack", "Find out what is in an area"))
        for text in (
            translate("Groundtrack", "Groundtrack sends an area of the map to an analysis service and brings the result back as a layer."),
            translate("Groundtrack", "1. Add an account of a service. You need the key that the service gave you."),
            translate("Groundtrack", "2. Outline an area and choose what to look for. You see cost and request before anything is sent."),
            translate("Groundtrack", "3. Run the job and work on. It is followed in the background, also after QGIS was closed."),
        ):
            self.column.addWidget(plain_label(text, self))
        self.button = QPushButton(theme_icon("symbologyAdd"), translate("Groundtrack", "Add an Account"), self)
        self.button.setMenu(service_menu(self.button, self.add_wanted.emit))
        self.column.addWidget(self.button)
        self.head(translate("Groundtrack", "No account yet?"))
        here = translate("Groundtrack", "Vegetation and other indices, change between two dates, band formulas: computed here, for free.")
        self.column.addWidget(plain_label(here, self))
        self.go_button = QPushButton(icon("ndvi"), translate("Groundtrack", "Try It on This Computer"), self)
        self.go_button.clicked.connect(self.go_wanted)
        self.column.addWidget(self.go_button)
        note = translate(
            "Groundtrack",
            "QGIS keeps keys encrypted under a master password. When you save the first one, QGIS asks you to choose that password; "
            "afterwards it asks for it once in each session. You can also keep a key for one session only.",
        )
        sentence = Sentence(self)
        sentence.say(note)
        self.column.addWidget(sentence)
        self.column.addStretch(1)


class MissingPage(_Page):
    """Says which library is missing and how to get it. `found` once it is there."""

    found = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        names = ", ".join(missing_libraries())
        sentence = Sentence(self)
        sentence.say(translate("Groundtrack", "This QGIS lacks: {}").format(names), WARNING)
        self.column.addWidget(sentence)
        why = translate("Groundtrack", "shapely checks and repairs areas before they are sent, boto3 reads results from S3 storage.")
        rest = translate("Groundtrack", "Until shapely is there no new job can be made. Jobs that are under way are followed as usual.")
        self.column.addWidget(plain_label(f"{why} {rest}", self))
        self.head(translate("Groundtrack", "How to get it"))
        for text, command in _ways():
            self.column.addWidget(plain_label(text, self))
            if command:
                line = QLineEdit(command, self)
                line.setReadOnly(True)
                line.setAccessibleName(translate("Groundtrack", "Command to copy"))
                self.column.addWidget(line)
        self.column.addWidget(plain_label(translate("Groundtrack", "Then look again, or start QGIS again."), self))
        self.button = QPushButton(theme_icon("mActionRefresh"), translate("Groundtrack", "Look Again"), self)
        self.button.clicked.connect(self._look)
        self.column.addWidget(self.button)
        self.column.addStretch(1)

    def _look(self) -> None:
        importlib.invalidate_caches()
        if "shapely" not in missing_libraries():
            self.found.emit()


def missing_libraries() -> Tuple[str, ...]:
    """Names of the libraries that this QGIS lacks; without importing them."""
    return tuple(name for name in ("shapely", "boto3") if find_spec(name) is None)


def _ways() -> List[Tuple[str, str]]:
    qpip = translate("Groundtrack", "Install the plugin QPIP from the plugin manager; it offers to install what Groundtrack needs.")
    if sys.platform == "win32":
        return [
            (translate("Groundtrack", "Run the OSGeo4W Setup, advanced, and choose the packages python3-shapely and python3-boto3."), ""),
            (translate("Groundtrack", "Or: {}").format(qpip), ""),
        ]
    if Path("/etc/debian_version").exists():
        command = "sudo apt install python3-shapely python3-boto3"
        terminal = translate("Groundtrack", "On Debian and Ubuntu, run in a terminal")
        return [(terminal, command), (translate("Groundtrack", "Or: {}").format(qpip), "")]
    return [(qpip, "")]
