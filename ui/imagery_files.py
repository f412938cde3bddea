"""Images of one's own as files: saved on this computer, and linked where they lie in the service's storage already."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Callable, Optional, Sequence

from qgis.PyQt.QtCore import QLocale, QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QFileDialog, QInputDialog, QWidget

from ..jobs.downloads import download, settle
from ..providers.base import Account
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from ..providers.imagery import Image
from .scenes_errands import Errands
from .scenes_query import cancellable
from .sentence import ERROR, INFO, SUCCESS
from .session import Session
from .words import count, translate

_STORAGE = "s3://"


class ImageFiles(QObject):
    """Signal: `told` (sentence, level). One file after the other, in a thread of its own."""

    told = pyqtSignal(str, str)

    def __init__(self, session: Session, account: Account, parent: QWidget) -> None:
        super().__init__(parent)
        self._provider = session.provider(account)
        self._window = parent
        self._cancel = Cancel()
        self._errands = Errands(1, self, self._provider.transport.close)

    def stop(self) -> None:
        """Break off what is being downloaded."""
        self._cancel.set()
        self._errands.stop()

    def choose_folder(self) -> Optional[Path]:
        """Where images shall be saved, None when the person thinks better of it."""
        found = QFileDialog.getExistingDirectory(self._window, translate("Groundtrack", "Folder for Images"))
        return Path(found) if found else None

    def save(self, images: Sequence[Image], folder: Path) -> None:
        """Download images into a folder; none is written over another file."""
        self._next(list(images), folder, len(images))

    def ask_address(self) -> str:
        """The address of an image in the service's storage, "" when the person thinks better of it."""
        label = translate("Groundtrack", "Address of an image in the storage of the service, beginning with s3://")
        text, agreed = QInputDialog.getText(self._window, translate("Groundtrack", "Link Image"), label, text=_STORAGE)
        address = text.strip() if agreed else ""
        if address and (not address.startswith(_STORAGE) or "/" not in address[len(_STORAGE):].strip("/")):
            self.told.emit(translate("Groundtrack", "The address must begin with s3:// and name a bucket and a file."), ERROR)
            return ""
        return address

    def _next(self, left: Sequence[Image], folder: Path, number: int) -> None:
        if not left:
            saved = count(number, translate("Groundtrack", "1 image is saved:"), translate("Groundtrack", "{} images are saved:"))
            self.told.emit(f"{saved} {folder}", SUCCESS)
            return
        image = left[0]
        report = self._errands.reporter(partial(self._tell, image))
        self._tell(image, 0.0)
        self._errands.do(partial(self._fetch, image, folder, report), lambda _: self._next(left[1:], folder, number), self._fail)

    def _fetch(self, image: Image, folder: Path, report: Callable[[float], None]) -> Path:
        provider: Any = cancellable(self._provider, self._cancel)
        asset = provider.image_file(image)
        path = download(
            provider, asset, folder, cancel=self._cancel, pause=lambda turn: float(min(30, 2**turn)), owner=image.id,
            progress=lambda done, total: report(done / total if total else 0.0),
        )  # fmt: skip
        settle((path,))
        return path

    def _tell(self, image: Image, share: float) -> None:
        text = translate("Groundtrack", "{} is being downloaded: {} %")
        self.told.emit(text.format(image.name, QLocale().toString(100 * share, "f", 0)), INFO)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.told.emit(str(error), ERROR)
