"""Quicklooks for the rows that are seen: asked for when they come into view, forgotten when they leave it before their turn."""

from __future__ import annotations

import logging
from collections import OrderedDict
from functools import partial
from typing import List, Optional, Sequence, Set

from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtGui import QImage, QPixmap

from ..providers.cancel import Cancel
from ..providers.scenes import Scene, SceneAsset
from ..providers.transport import Transport
from .scenes_errands import Errands
from .scenes_pictures import PictureStore, picture, thumbnail

THREADS = 2
MOST_KEPT = 600  # thumbnails in memory

log = logging.getLogger("groundtrack")


class Quicklooks(QObject):
    """Signal: `arrived` the id of a scene whose thumbnail is there now."""

    arrived = pyqtSignal(str)

    def __init__(self, transport: Transport, store: PictureStore, parent: QObject) -> None:
        super().__init__(parent)
        self.store = store
        self._transport = transport
        self._cancel = Cancel()
        self._errands = Errands(THREADS, self, transport.close)
        self._made: OrderedDict[str, QPixmap] = OrderedDict()
        self._without: Set[str] = set()
        self._running: Set[str] = set()
        self._wanted: List[Scene] = []

    def pixmap(self, scene: Scene) -> Optional[QPixmap]:
        """The thumbnail, None while there is none."""
        found = self._made.get(scene.id)
        if found is not None:
            self._made.move_to_end(scene.id)
        return found

    def is_missing(self, scene: Scene) -> bool:
        """Whether there is no picture to wait for."""
        return not _can_show(scene.quicklook) or scene.id in self._without

    def want(self, scenes: Sequence[Scene]) -> None:
        """These are seen now; whatever was asked for before and has not begun is dropped."""
        self._wanted = [scene for scene in scenes if scene.id not in self._made and not self.is_missing(scene)]
        self._go_on()

    def forget_failures(self) -> None:
        """Try again what could not be had."""
        self._without.clear()

    def stop(self) -> None:
        """Fetch no more; returns at once."""
        self._wanted = []
        self._cancel.set()
        self._errands.stop()

    def _go_on(self) -> None:
        while self._wanted and len(self._running) < THREADS:
            scene = self._wanted.pop(0)
            if scene.id not in self._running:
                self._running.add(scene.id)
                self._errands.do(partial(self._fetch, scene), partial(self._take, scene), partial(self._miss, scene))

    def _fetch(self, scene: Scene) -> QImage:
        return thumbnail(picture(self._transport, self.store, scene, scene.quicklook, self._cancel))

    def _take(self, scene: Scene, image: QImage) -> None:
        self._running.discard(scene.id)
        self._made[scene.id] = QPixmap.fromImage(image)
        while len(self._made) > MOST_KEPT:
            self._made.popitem(last=False)
        self.arrived.emit(scene.id)
        self._go_on()

    def _miss(self, scene: Scene, error: Exception) -> None:
        log.info("no quicklook of %s: %s", scene.id, error)
        self._running.discard(scene.id)
        self._without.add(scene.id)
        self.arrived.emit(scene.id)
        self._go_on()


def _can_show(asset: Optional[SceneAsset]) -> bool:
    return asset is not None and not asset.needs_sign_in
