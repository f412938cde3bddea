"""The exact request, before it is sent."""

from __future__ import annotations

from typing import Optional, Sequence

from qgis.PyQt.QtGui import QFontDatabase
from qgis.PyQt.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from ..providers.http import HttpCall
from .icons import theme_icon
from .sentence import plain_label
from .words import count, translate

COLUMNS, LINES = 64, 20  # of the text that is seen at first


class PreviewDialog(QDialog):
    """Shows the first of the calls that a run makes; nothing is sent."""

    def __init__(self, calls: Sequence[HttpCall], parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackPreviewDialog")
        self.setWindowTitle(translate("Groundtrack", "Request Preview"))
        self._call = calls[0]
        sent = self._call.url.startswith("http")  # what this computer does is not
        self.note = plain_label(_note(len(calls), bool(self._call.signature), sent), self)
        self.text = QPlainTextEdit(self._call.preview(), self)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(translate("Groundtrack", "Request"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self.copy_button = buttons.addButton(translate("Groundtrack", "Copy"), role)
        self.curl_button = buttons.addButton(translate("Groundtrack", "Copy as cURL"), role)
        self.copy_button.setIcon(theme_icon("mActionEditCopy"))
        self.curl_button.setToolTip(translate("Groundtrack", "A shell command that reads the key from the variable GROUNDTRACK_KEY"))
        self.curl_button.setVisible(sent)
        self.copy_button.clicked.connect(lambda _: QApplication.clipboard().setText(self._call.preview()))
        self.curl_button.clicked.connect(lambda _: QApplication.clipboard().setText(self._call.as_curl()))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.note, self.text, buttons):
            column.addWidget(widget)
        metrics = self.text.fontMetrics()
        self.resize(metrics.averageCharWidth() * COLUMNS, metrics.lineSpacing() * LINES)


def _note(calls: int, signed: bool, sent: bool) -> str:
    sentences = []
    if calls > 1:
        sentences.append(count(calls, "", translate("Groundtrack", "Request 1 of {}; the others differ in their area only.")))
    will = translate("Groundtrack", "This is what will be sent.")
    here = translate("Groundtrack", "This is what will be computed on this computer. Nothing is sent.")
    sentences.append(will if sent else here)
    if signed:
        sentences.append(translate("Groundtrack", "The key is masked here and is added when the request is sent."))
    return " ".join(sentences)
