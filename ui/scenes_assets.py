"""The files of one scene, and those of them that a person wants as layers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import List, Optional, Tuple

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QLocale, Qt
from qgis.PyQt.QtGui import QCloseEvent
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QProgressBar,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..jobs.downloads import LinkExpired
from ..providers.base import Account
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled
from ..providers.scenes import Scene, SceneAsset
from ..results.errors import ResultError
from ..results.in_place import chosen_wish
from ..results.raster_layers import raster_layer
from ..results.rasters import RasterFacts
from ..results.remote import InPlace, opens_in_place
from .scenes_errands import Errands
from .scenes_files import open_asset
from .scenes_layers import moment_of, put_below_footprints, scene_title
from .scenes_query import cancellable
from .sentence import ERROR, INFO, Sentence, plain_label
from .session import Session
from .words import translate

_ASSET = Qt.ItemDataRole.UserRole
_BANDS = 1024


class AssetsDialog(QDialog):
    """Lists what can be opened of a scene. The links are asked for when it opens."""

    def __init__(self, session: Session, account: Account, scene: Scene, folder: Path, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._provider = session.provider(account)
        self._scene = scene
        self._folder = folder
        self._cancel = Cancel()
        self._errands = Errands(1, self, self._provider.transport.close)
        self._waiting: List[SceneAsset] = []
        self._failed: List[str] = []
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(translate("Groundtrack", "Assets of {}").format(scene_title(scene)))
        self._lay_out()
        self.resize(self.fontMetrics().averageCharWidth() * 80, self.fontMetrics().lineSpacing() * 24)
        self.notice.say(translate("Groundtrack", "Asking the service…"))
        question = lambda provider: cancellable(provider, self._cancel).scene_assets(scene)  # noqa: E731
        session.ask(self, account, question, self._fill, self._complain)

    def chosen(self) -> Tuple[SceneAsset, ...]:
        """The assets that are ticked."""
        items = [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]
        return tuple(item.data(0, _ASSET) for item in items if item.checkState(0) == Qt.CheckState.Checked)

    def add(self) -> None:
        """Bring what is ticked onto the map, one after another."""
        self._waiting, self._failed = list(self.chosen()), []
        self._next()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)

    def reject(self) -> None:
        self._stop()
        super().reject()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        tr = partial(translate, "Groundtrack")
        name = plain_label(self._scene.id, self)
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tree = QTreeWidget(self)
        self.tree.setHeaderLabels([tr("Name"), tr("Content"), tr("Format"), tr("Size")])
        self.tree.setRootIsDecorated(False)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setAccessibleName(tr("Assets"))
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.tree.itemChanged.connect(lambda *_: self._refresh())
        chosen = chosen_wish()
        self._wish = InPlace.LASTING if chosen is InPlace.ALWAYS else chosen
        self.in_place = QCheckBox(tr("Open links that expire instead of downloading"), self)
        self.in_place.setChecked(chosen is InPlace.ALWAYS)
        self.in_place.setToolTip(tr("Faster, but such a layer becomes empty when its link ends."))
        self.progress = QProgressBar(self)
        self.progress.hide()
        self.notice = Sentence(self)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self.add_button = self.buttons.addButton(tr("Add to Map"), QDialogButtonBox.ButtonRole.ActionRole)
        self.add_button.setDefault(True)
        self.add_button.setEnabled(False)
        self.add_button.clicked.connect(lambda _: self.add())
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (name, self.tree, self.in_place, self.progress, self.notice, self.buttons):
            column.addWidget(widget)

    def _fill(self, assets: Tuple[SceneAsset, ...]) -> None:
        for asset in assets:
            size = QLocale().formattedDataSize(asset.size) if asset.size is not None else ""
            kind = asset.media_type.partition(";")[0].rpartition("/")[2].upper()
            title = asset.title if asset.title != asset.name else asset.common_name
            item = QTreeWidgetItem([asset.name, title, kind, size])
            item.setData(0, _ASSET, asset)
            item.setCheckState(0, Qt.CheckState.Unchecked)
            item.setTextAlignment(3, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
            if asset.needs_sign_in:
                item.setDisabled(True)
                item.setToolTip(0, translate("Groundtrack", "Its storage asks for a sign-in of its own."))
            self.tree.addTopLevelItem(item)
        for column in (0, 2, 3):
            self.tree.resizeColumnToContents(column)
        none = translate("Groundtrack", "The service offers no files of this scene. Try another scene.")
        self.notice.say("" if assets else none, INFO)
        self._refresh()

    def _refresh(self) -> None:
        self.add_button.setEnabled(bool(self.chosen()) and not self._waiting)

    def _next(self) -> None:
        self._refresh()
        if not self._waiting:
            self.progress.hide()
            self.notice.say(" ".join(self._failed), ERROR)
            return
        asset = self._waiting[0]
        self.progress.setRange(0, 0)
        self.progress.show()
        wish = InPlace.ALWAYS if self.in_place.isChecked() else self._wish
        opening, loading = translate("Groundtrack", "Opening {}…"), translate("Groundtrack", "Downloading {}…")
        self.notice.say((opening if opens_in_place(asset, wish) else loading).format(asset.name))
        report = self._errands.reporter(self._show_share)
        task = partial(open_asset, self._provider, self._scene, asset, self._folder, wish, self._cancel, report)
        self._errands.do(task, partial(self._add_layer, asset), partial(self._miss, asset))

    def _show_share(self, share: float) -> None:
        self.progress.setRange(0, _BANDS if share >= 0 else 0)
        self.progress.setValue(round(max(0.0, share) * _BANDS))

    def _add_layer(self, asset: SceneAsset, facts: RasterFacts) -> None:
        moment = moment_of(self._scene)
        try:
            layer = raster_layer(facts, "", f"{scene_title(self._scene)} {asset.name}", (moment, moment) if moment else None)
        except ResultError as problem:
            self._miss(asset, problem)
            return
        put_below_footprints(layer)
        QgsProject.instance().setDirty(True)
        self._untick(asset)
        self._done(asset)

    def _untick(self, asset: SceneAsset) -> None:
        for row in range(self.tree.topLevelItemCount()):
            if self.tree.topLevelItem(row).data(0, _ASSET) == asset:
                self.tree.topLevelItem(row).setCheckState(0, Qt.CheckState.Unchecked)

    def _miss(self, asset: SceneAsset, problem: Exception) -> None:
        if isinstance(problem, Cancelled):
            return
        expired = translate("Groundtrack", "The link has ended. Close this list and open it again for new links.")
        text = expired if isinstance(problem, LinkExpired) else str(problem)
        self._failed.append(f"{asset.name}: {text}")
        self._done(asset)

    def _done(self, asset: SceneAsset) -> None:
        self._waiting = [other for other in self._waiting if other is not asset]
        self._next()

    def _complain(self, error: Exception) -> None:
        self.notice.say(str(error), ERROR)

    def _stop(self) -> None:
        self._cancel.set()
        self._errands.stop()
