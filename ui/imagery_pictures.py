"""Small pictures of one's own images, for the rows that are seen; kept in memory only."""

from __future__ import annotations

import logging
from collections import OrderedDict
from functools import partial
from typing import Any, List, Optional, Sequence, Set

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QImage, QPixmap

from ..providers.base import Account
from ..providers.cancel import Cancel
from .scenes_errands import Errands
from .scenes_pictures import thumbnail
from .scenes_query import cancellable
from .session import Session

SIDE = 48  # pixels
_THREADS = 2
_MOST = 500  # pictures

log = logging.getLogger("groundtrack")


class ImagePictures(QObject):
    """Signal: `arrived` the id of an image whose picture is there now."""

    arrived = pyqtSignal(str)

    def __init__(self, session: Session, account: Account, parent: QObject) -> None:
        super().__init__(parent)
        self._cancel = Cancel()
        self._provider: Any = cancellable(session.provider(account), self._cancel)
        self._errands = Errands(_THREADS, self, self._provider.transport.close)
        self._made: OrderedDict[str, QPixmap] = OrderedDict()
        self._running: Set[str] = set()
        self._without: Set[str] = set()
        self._wanted: List[str] = []

    def pixmap(self, image_id: str) -> Optional[QPixmap]:
        """The picture, None while there is none."""
        return self._made.get(image_id)

    def want(self, image_ids: Sequence[str]) -> None:
        """These are seen now; what was wanted before and has not begun is dropped."""
        self._wanted = [one for one in image_ids if one not in self._made and one not in self._without]
        self._go_on()

    def stop(self) -> None:
        """Fetch no more; returns at once."""
        self._wanted = []
        self._cancel.set()
        self._errands.stop()

    def _go_on(self) -> None:
        while self._wanted and len(self._running) < _THREADS:
            image_id = self._wanted.pop(0)
            if image_id not in self._running:
                self._running.add(image_id)
                self._errands.do(partial(self._fetch, image_id), partial(self._take, image_id), partial(self._miss, image_id))

    def _fetch(self, image_id: str) -> QImage:
        return thumbnail(self._provider.picture(image_id), SIDE)

    def _take(self, image_id: str, image: QImage) -> None:
        self._running.discard(image_id)
        self._made[image_id] = QPixmap.fromImage(image)
        while len(self._made) > _MOST:
            self._made.popitem(last=False)
        self.arrived.emit(image_id)
        self._go_on()

    def _miss(self, image_id: str, error: Exception) -> None:
        log.info("no picture of %s: %s", image_id, error)
        self._running.discard(image_id)
        self._without.add(image_id)
        self._go_on()
