"""What is sent where: a file or a raster layer, looked into and checked before anything leaves this computer."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

from qgis.core import QgsMapLayerProxyModel, QgsProviderRegistry, QgsRasterLayer
from qgis.gui import QgsFileWidget, QgsFilterLineEdit, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QVBoxLayout, QWidget

from ..providers.base import Account, Problem, Severity
from ..providers.imagery import Image, Mosaic, Storage
from ..providers.imagery_check import RasterFile, check_file, megabytes
from ..results.errors import ResultError
from ..results.upload_files import look_into
from .field_widgets import narrow
from .imagery_ask import fit_height
from .imagery_uploads import Item, Uploads
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .session import Session
from .words import translate


class UploadDialog(QDialog):
    """Signal: `made` the id of a mosaic that was made for the upload."""

    made = pyqtSignal(str)

    def __init__(
        self, session: Session, account: Account, uploads: Uploads, mosaics: Sequence[Mosaic], storage: Storage,
        chosen: Optional[Mosaic], parent: Optional[QWidget] = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._account, self._uploads, self._storage = session, account, uploads, storage
        self._file: Optional[RasterFile] = None
        self._others: Tuple[Image, ...] = ()
        self._tickets: List[int] = []
        self._making = False  # a mosaic for it
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Groundtrack", "Upload Imagery"))
        self._build(mosaics, chosen)
        self._look()

    def path(self) -> Optional[Path]:
        """The file that is meant, None when nothing is chosen or a layer is no file."""
        layer: Any = self.layer.currentLayer()
        if layer is not None:
            source = file_of(layer)
            return Path(source) if source else None
        return Path(self.file.filePath().strip()) if self.file.filePath().strip() else None

    def upload(self) -> None:
        """Begin, in a mosaic that is made first if need be."""
        mosaic_id, file = self.mosaic.currentData(), self._file
        if file is None or self._making:
            return
        if mosaic_id:
            self._begin(file, mosaic_id, self.mosaic.currentText())
            return
        name = self.name.text().strip() or file.path.stem
        self._making = True
        self.button.setEnabled(False)

        def begin(made: Mosaic) -> None:
            self.made.emit(made.id)
            self._begin(file, made.id, made.name)

        def complain(error: Exception) -> None:
            self._making = False
            self._complain(error)

        create: Callable[[Any], Mosaic] = lambda provider: provider.create_mosaic(name)  # noqa: E731
        self._session.ask(self, self._account, create, begin, complain)

    def _begin(self, file: RasterFile, mosaic_id: str, mosaic_name: str) -> None:
        target = None if file.geotiff else Path(tempfile.mkdtemp(prefix="groundtrack-")) / f"{file.path.stem}.tif"
        key = f"{self._account.provider}/{self._account.name}"
        self._uploads.send(self._account, Item(key, mosaic_id, mosaic_name, file.path, file.size, target))
        self.accept()

    # Building ----------------------------------------------------------------------------------------------------------------------

    def _build(self, mosaics: Sequence[Mosaic], chosen: Optional[Mosaic]) -> None:
        tr = partial(translate, "Groundtrack")
        self.layer = QgsMapLayerComboBox(self)
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        self.layer.setAllowEmptyLayer(True, tr("A file, below"))
        self.layer.setLayer(None)
        self.file = QgsFileWidget(self)
        self.file.setFilter(tr("Rasters (*.tif *.tiff *.jp2 *.img *.vrt *.png);;All files (*)"))
        self.mosaic = narrow(QComboBox(self))
        self.mosaic.addItem(tr("New mosaic"), "")
        for mosaic in mosaics:
            self.mosaic.addItem(mosaic.name, mosaic.id)
        self.mosaic.setCurrentIndex(max(0, self.mosaic.findData(chosen.id if chosen else "")))
        self.name = QgsFilterLineEdit(self)
        self.name.setPlaceholderText(tr("Name of the new mosaic"))
        self.about = Sentence(self)
        self.told = Sentence(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.button = self.buttons.addButton(tr("Upload"), QDialogButtonBox.ButtonRole.AcceptRole)
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, widget in ((tr("Layer"), self.layer), (tr("File"), self.file), (tr("Mosaic"), self.mosaic), ("", self.name)):
            rows.addRow(label, widget)
        column = QVBoxLayout(self)
        column.addLayout(rows)
        for widget in (self.about, self.told):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 76)
        self.layer.layerChanged.connect(lambda _: self._look())
        self.file.fileChanged.connect(lambda _: self._look())
        self.mosaic.currentIndexChanged.connect(lambda _: self._ask_company())
        self.buttons.accepted.connect(self.upload)
        self.buttons.rejected.connect(self.reject)
        self._ask_company()

    # Checking ----------------------------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Open the file off the main thread."""
        self._file = None
        layer, path = self.layer.currentLayer(), self.path()
        self.file.setEnabled(layer is None)
        self._drop()
        if path is None:
            text = "" if layer is None else translate(
                "Groundtrack", "{} is no file on this computer. Export it with Export → Save As, then upload the new file.")
            self._show(text.format(layer.name()) if layer is not None else "", ERROR)
            return
        self._show(translate("Groundtrack", "Looking into {}…").format(path.name), INFO)
        self._tickets.append(self._session.work(self, partial(look_into, path), self._take_file, self._complain))

    def _ask_company(self) -> None:
        mosaic_id = self.mosaic.currentData()
        self.name.setVisible(not mosaic_id)
        self._others = ()
        if mosaic_id:
            question = lambda provider: (mosaic_id, provider.images(mosaic_id))  # noqa: E731
            self._session.ask(self, self._account, question, self._take_company, self._complain)
        self._check()

    def _take_company(self, answer: Tuple[str, Tuple[Image, ...]]) -> None:
        if answer[0] == self.mosaic.currentData():
            self._others = answer[1]
            self._check()

    def _take_file(self, file: RasterFile) -> None:
        self._file = file
        self.name.setPlaceholderText(file.path.stem)
        self._check()

    def _check(self) -> None:
        """Say of the file what there is to say."""
        file = self._file
        if file is None:
            return
        problems = check_file(file, self._storage, self._others)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        self._show(_sentences(problems), ERROR if errors else WARNING if problems else SUCCESS, able=not errors)
        self.about.say(_about(file), INFO)
        fit_height(self)

    def _show(self, text: str, level: str, *, able: bool = False) -> None:
        self.about.say("")
        self.told.say(text or (translate("Groundtrack", "Nothing speaks against it.") if able else ""), level)
        self.button.setEnabled(able and not self._making)
        fit_height(self)

    def _drop(self) -> None:
        while self._tickets:
            self._session.drop(self._tickets.pop())

    def _complain(self, error: Any) -> None:
        self._show(str(error), ERROR, able=self._file is not None and not isinstance(error, ResultError))


def file_of(layer: QgsRasterLayer) -> str:
    """The path of the file that a layer shows, "" when it is drawn from something else."""
    if layer.providerType() != "gdal":
        return ""
    path = str(QgsProviderRegistry.instance().decodeUri("gdal", layer.source()).get("path") or "")
    return "" if path.startswith("/vsi") else path


def _sentences(problems: Sequence[Problem]) -> str:
    return "\n".join(problem.message for problem in problems)


def _about(file: RasterFile) -> str:
    bands = translate("Groundtrack", "1 band") if file.bands == 1 else translate("Groundtrack", "{} bands").format(file.bands)
    pixel = "" if file.pixel is None else translate("Groundtrack", "pixels of {} m").format(f"{file.pixel:.3g}")
    parts = [file.path.name, f"{file.width:,} × {file.height:,}", bands, file.data_type, file.crs, pixel, megabytes(file.size)]
    told = " · ".join(part for part in parts if part)
    return told if file.geotiff else translate("Groundtrack", "{} · is exported as a GeoTIFF first").format(told)
