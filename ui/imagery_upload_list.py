"""Uploads on their way, each with its bar and what can be done with it."""

from __future__ import annotations

from typing import Dict, List, Optional

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QFrame, QGridLayout, QProgressBar, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ..providers.base import Account
from .icons import theme_icon
from .imagery_uploads import Item, Step, Uploads
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .words import translate

_LEVELS = {Step.DONE: SUCCESS, Step.FAILED: ERROR, Step.MISSING: ERROR, Step.UNKNOWN: WARNING, Step.CANCELLED: INFO}
_SHARES = 1000
_LINES = 9  # of the list, at most


class UploadRow(QWidget):
    """One upload."""

    def __init__(self, uploads: Uploads, account: Account, item: Item, parent: QWidget) -> None:
        super().__init__(parent)
        self.item = item
        self.sentence = Sentence(self, most_lines=3)
        self.bar = QProgressBar(self)
        self.bar.setMaximumHeight(self.fontMetrics().height())
        self.cancel_button = QPushButton(theme_icon("mTaskCancel"), translate("Groundtrack", "Cancel"), self)
        self.again_button = QPushButton(translate("Groundtrack", "Send Again"), self)
        self.look_button = QPushButton(translate("Groundtrack", "Look Again"), self)
        self.close_button = QToolButton(self)
        self.close_button.setIcon(theme_icon("mIconClose"))
        self.close_button.setIconSize(QSize(12, 12))
        self.close_button.setAutoRaise(True)
        self.close_button.setToolTip(translate("Groundtrack", "Take it out of this list"))
        self.close_button.setAccessibleName(self.close_button.toolTip())
        self.cancel_button.clicked.connect(lambda _: uploads.cancel(item))
        self.again_button.clicked.connect(lambda _: uploads.send(account, item))
        self.look_button.clicked.connect(lambda _: uploads.look(account, item))
        self.close_button.clicked.connect(lambda _: uploads.dismiss(item))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(0, 1)
        grid.addWidget(self.sentence, 0, 0)
        grid.addWidget(self.bar, 1, 0)
        for place, button in enumerate((self.cancel_button, self.look_button, self.again_button, self.close_button), 1):
            grid.addWidget(button, 0, place, 2, 1, Qt.AlignmentFlag.AlignTop)
        self.show_item()

    def show_item(self) -> None:
        """Bring everything up to date."""
        item, step = self.item, self.item.step
        self.sentence.say((item.message if step is not Step.DONE else "") or _words(item), _LEVELS.get(step, INFO))
        self.bar.setVisible(not step.ended)
        known = step in (Step.SENDING, Step.EXPORTING)
        self.bar.setRange(0, _SHARES if known or step is Step.WAITING else 0)
        self.bar.setValue(round(item.share * _SHARES))
        self.cancel_button.setVisible(not step.ended)
        self.again_button.setVisible(step in (Step.FAILED, Step.MISSING, Step.CANCELLED))
        self.look_button.setVisible(step is Step.UNKNOWN)
        self.close_button.setVisible(step.ended)


class UploadList(QWidget):
    """The uploads of one account, the newest first; hidden while there are none."""

    def __init__(self, uploads: Uploads, account: Account, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._uploads, self._account = uploads, account
        self._rows: Dict[str, UploadRow] = {}
        content = QWidget(self)
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea(self)
        self._scroll.setWidget(content)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        uploads.changed.connect(self.show_items)
        self.show_items()

    def rows(self) -> List[UploadRow]:
        """What is shown, from top to bottom."""
        return list(self._rows.values())

    def show_items(self) -> None:
        """Follow the uploads."""
        items = self._uploads.of(f"{self._account.provider}/{self._account.name}")
        if [item.id for item in items] != list(self._rows):
            for row in self._rows.values():
                row.hide()
                row.deleteLater()
            self._rows = {item.id: UploadRow(self._uploads, self._account, item, self) for item in items}
            for row in self._rows.values():
                self._column.addWidget(row)
        for row in self._rows.values():
            row.show_item()
        self.setVisible(bool(items))
        line = self.fontMetrics().lineSpacing()
        self._scroll.setFixedHeight(line * min(_LINES, sum(2 if row.item.step is Step.DONE else 4 for row in self.rows())))


def _words(item: Item) -> str:
    texts = {
        Step.DONE: translate("Groundtrack", "{file} has arrived."),
        Step.WAITING: translate("Groundtrack", "{file} waits for its turn."),
        Step.EXPORTING: translate("Groundtrack", "{file} is exported as a GeoTIFF."),
        Step.SENDING: translate("Groundtrack", "{file} is being sent to {mosaic}."),
        Step.LOOKING: translate("Groundtrack", "No answer came back; it is looked whether {file} arrived in {mosaic}."),
        Step.CANCELLED: translate("Groundtrack", "The upload of {file} was cancelled."),
    }
    return texts.get(item.step, "{file}").format(file=item.path.name, mosaic=item.mosaic_name)
