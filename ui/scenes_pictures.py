"""Small pictures of scenes on disk: fetched once, kept up to a cap, the longest unused ones removed first. For worker threads."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Dict, Optional

from qgis.PyQt.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from qgis.PyQt.QtGui import QImage, QImageReader

from ..providers.cancel import Cancel
from ..providers.errors import NotFound, ProtocolError
from ..providers.http import HttpCall
from ..providers.scenes import Scene, SceneAsset
from ..providers.transport import Options, Transport

MOST_BYTES = 200 * 1024 * 1024
LARGEST = 8 * 1024 * 1024  # bytes of one picture
MOST_PIXELS = 36_000_000
FORMATS = (b"png", b"jpeg", b"webp")
SIDE = 128  # pixels of a thumbnail

log = logging.getLogger("groundtrack")


class PictureStore:
    """A folder of pictures by scene. Thread-safe; several QGIS may share it."""

    def __init__(self, folder: Path, most: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._size = -1  # not counted yet
        self._lock = threading.Lock()

    def place(self, scene: Scene) -> Path:
        """Where the picture of a scene belongs."""
        name = hashlib.sha256(f"{scene.provider} {scene.id}".encode()).hexdigest()[:40]
        return self._folder / f"{name}.img"

    def read(self, scene: Scene) -> Optional[bytes]:
        """What is kept, None when there is nothing."""
        path = self.place(scene)
        with suppress(OSError):
            data = path.read_bytes()
            os.utime(path)
            return data
        return None

    def keep(self, scene: Scene, data: bytes) -> Path:
        """Write a picture in one step. Raises OSError."""
        path = self.place(scene)
        self._folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{threading.get_ident()}.part")
        part.write_bytes(data)
        part.replace(path)
        self.made(path)
        return path

    def made(self, path: Path) -> None:
        """A file was written into the folder: count it, and make room when there is too much."""
        with self._lock:
            self._size = sum(self._sizes().values()) if self._size < 0 else self._size + path.stat().st_size
            if self._size > self._most:
                self._make_room()

    def _make_room(self) -> None:
        """Down to nine tenths, so that this is not done for every picture."""
        sizes = self._sizes()
        self._size = sum(sizes.values())
        for path in sorted(sizes, key=_last_used):
            if self._size <= self._most * 9 // 10:
                break
            try:
                path.unlink()
                self._size -= sizes[path]
            except OSError as error:  # in use, or another QGIS was faster
                log.debug("%s was not removed: %s", path.name, error)

    def _sizes(self) -> Dict[Path, int]:
        found = {}
        for path in self._folder.glob("*"):
            with suppress(OSError):
                found[path] = path.stat().st_size
        return found


def picture(transport: Transport, store: PictureStore, scene: Scene, asset: SceneAsset, cancel: Cancel) -> bytes:
    """The encoded picture of a scene, from the disk or the service's storage. Raises ServiceProblem, OSError."""
    kept = store.read(scene)
    if kept is not None:
        return kept
    call = HttpCall("GET", asset.url, signature="")
    reply = transport.send(call, Options(headers={"Accept": "image/*"}, most_bytes=LARGEST, cancel=cancel))
    if not reply.ok:
        raise NotFound(f"The storage answered HTTP {reply.status} instead of a picture.", status=reply.status)
    thumbnail(reply.body)  # nothing is kept that cannot be shown
    store.keep(scene, reply.body)
    return reply.body


def thumbnail(data: bytes, side: int = SIDE) -> QImage:
    """A picture made small, at most `side` pixels long. Raises ProtocolError when it is none, or far too large."""
    content = QByteArray(data)
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    size = reader.size()
    if bytes(reader.format()) not in FORMATS or not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        raise ProtocolError("The storage sent something else than a small picture.")
    reader.setScaledSize(size.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1)))
    image = reader.read()
    if image.isNull():
        raise ProtocolError("The picture is damaged.")
    return image


def _last_used(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0
