"""Quicklooks on the map, for scenes whose corners are known."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Optional, Sequence
from urllib.parse import quote

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..jobs.downloads import safe_name
from ..providers.base import Account, Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, NotFound
from ..providers.scenes import TILES, Scene, SceneAsset
from ..results.errors import ResultError
from ..results.raster_layers import raster_layer
from ..results.rasters import RasterFacts, inspect
from .scenes_drape import corners_of, drape
from .scenes_errands import Errands
from .scenes_footprints import with_dirty
from .scenes_layers import moment_of, put_below_footprints, scene_title, scenes_folder
from .scenes_pictures import PictureStore, picture
from .scenes_query import cancellable
from .session import Session
from .words import translate

PREVIEW_PROPERTY = "groundtrack/preview"  # of a layer: the scene that it shows


class Previews(QObject):
    """Signals: `shown` a layer, `failed` a sentence."""

    shown = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, session: Session, iface: Any, store: PictureStore, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._iface = iface
        self._store = store
        self._cancel = Cancel()
        self._transport = session.storage()
        self._errands = Errands(1, self, self._transport.close)

    def can_show(self, scene: Scene) -> bool:
        """Whether it is known where a picture of the scene would lie, or there are tiles of it."""
        return _tiles_of(scene) is not None or corners_of(scene) is not None

    def show_all(self, account: Account, scenes: Sequence[Scene]) -> None:
        """Bring the quicklooks of scenes onto the map; what is there already is only switched on."""
        provider, folder = cancellable(self._session.provider(account), self._cancel), scenes_folder()
        for scene in scenes:
            there = _layer_of(scene)
            if there is not None:
                QgsProject.instance().layerTreeRoot().findLayer(there).setItemVisibilityCheckedParentRecursive(True)
            elif _tiles_of(scene) is not None:
                self._add_tiles(scene, _tiles_of(scene))
            elif self.can_show(scene):
                make = partial(self._make, provider, scene, folder / safe_name(scene.id))
                self._errands.do(make, partial(self._add, scene), self._complain)

    def stop(self) -> None:
        """Fetch no more; returns at once."""
        self._cancel.set()
        self._errands.stop()

    def _make(self, provider: Provider, scene: Scene, folder: Path) -> RasterFacts:
        """On a worker: fetch the picture, give it its corners, look into it. Projects keep the layer, so its file is no cached one."""
        target = folder / "quicklook.tif"
        if not target.exists():
            try:
                asset = provider.quicklook(scene)
            finally:
                provider.transport.close()
            if asset is None or asset.needs_sign_in:
                raise NotFound("The service has no quicklook of this scene.", advice="Open its assets instead.")
            picture(self._transport, self._store, scene, asset, self._cancel)
            folder.mkdir(parents=True, exist_ok=True)
            drape(self._store.place(scene), scene, target)
        return inspect(str(target))

    def _add(self, scene: Scene, facts: RasterFacts) -> None:
        moment = moment_of(scene)
        name = translate("Groundtrack", "Preview {}").format(scene_title(scene))
        try:
            layer = raster_layer(facts, "", name, (moment, moment) if moment else None)
        except ResultError as problem:
            self._complain(problem)
            return
        self._put(scene, layer)

    def _add_tiles(self, scene: Scene, tiles: Any) -> None:
        """Tiles are drawn by QGIS itself, which sends nothing of the account along."""
        name = translate("Groundtrack", "Preview {}").format(scene_title(scene))
        layer = QgsRasterLayer(f"type=xyz&url={quote(tiles.url, safe=':/{}')}&zmin=0&zmax=22", name, "wms")
        if layer.isValid():
            self._put(scene, layer)
        else:
            self.failed.emit(translate("Groundtrack", "The address of the preview tiles is not one that QGIS can draw."))

    def _put(self, scene: Scene, layer: Any) -> None:
        layer.setCustomProperty(PREVIEW_PROPERTY, scene.id)
        with_dirty(lambda: put_below_footprints(layer))
        self.shown.emit(layer)

    def _complain(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.failed.emit(str(error))


def _tiles_of(scene: Scene) -> Optional[SceneAsset]:
    return next((asset for asset in scene.assets if asset.media_type == TILES), None)


def _layer_of(scene: Scene) -> Optional[Any]:
    layers = QgsProject.instance().mapLayers().values()
    return next((layer for layer in layers if layer.customProperty(PREVIEW_PROPERTY) == scene.id), None)
