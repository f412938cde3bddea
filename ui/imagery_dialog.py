"""My Imagery: the mosaics and images that a person keeps at a service, room for more, and uploads on their way."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, List, Optional, Sequence

from qgis.core import QgsRectangle
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QLocale, QSize, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QDialog, QHBoxLayout, QProgressBar, QSplitter, QStackedWidget, QToolBar, QVBoxLayout, QWidget

from ..providers.base import Account
from ..providers.errors import NotFound
from ..providers.imagery import Image, ImageState, Mosaic, Storage
from .icons import theme_icon
from .imagery_ask import ask_delete, ask_name
from .imagery_files import ImageFiles
from .imagery_models import ITEM_ROLE, ImagesModel, MosaicsModel, size_words
from .imagery_pictures import SIDE, ImagePictures
from .imagery_table import ImageryTable
from .imagery_upload_dialog import UploadDialog
from .imagery_upload_list import UploadList
from .imagery_uploads import Item, Step, Uploads
from .jobs_map import zoom_to
from .sentence import ERROR, INFO, Sentence, plain_label
from .session import Session
from .table_rows import chosen_rows
from .words import count, translate

PREPARING = 15_000  # ms between two looks while images are prepared


class ImageryDialog(QDialog):
    """Signal: `chosen` carries the values that the form shall take over. Not modal; uploads go on when it is closed."""

    chosen = pyqtSignal(object)

    def __init__(self, session: Session, account: Account, uploads: Uploads, iface: Any, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session, self._account, self._uploads, self._iface = session, account, uploads, iface
        self.storage = Storage()
        self._ticket = 0
        self._told = False  # whether the service has said what there is
        uploads.tidy(f"{account.provider}/{account.name}")
        self.pictures = ImagePictures(session, account, self)
        self.setWindowTitle(translate("Groundtrack", "My Imagery – {}").format(account.name))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._build()
        self._lay_out()
        self._connect()
        self.resize(self.fontMetrics().averageCharWidth() * 150, self.fontMetrics().lineSpacing() * 34)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(PREPARING)
        self._again.timeout.connect(self._list_images)
        self.refresh()

    def mosaic(self) -> Optional[Mosaic]:
        """The chosen mosaic."""
        rows = self.mosaics.selectionModel().selectedRows()
        return rows[0].data(ITEM_ROLE) if rows else None

    def selected(self) -> List[Image]:
        """The chosen images, from top to bottom."""
        return [self.images.model().index(row, 0).data(ITEM_ROLE) for row in chosen_rows(self.images)]

    def refresh(self, select: str = "") -> None:
        """Ask for everything anew; `select` is the id of the mosaic to choose."""
        self.notice.say(translate("Groundtrack", "Asking the service…"))
        self._list_mosaics(select, "")

    def _list_mosaics(self, select: str, said: str) -> None:
        """`said` is an error that stays in view."""
        current = self.mosaic()
        wanted = select or (current.id if current else "")
        self._ask(lambda provider: (provider.mosaics(), provider.storage()), partial(self._take, wanted, said))

    def done(self, result: int) -> None:
        """Closing leaves uploads alone."""
        self.pictures.stop()
        self.files.stop()
        self._again.stop()
        super().done(result)

    # Building ----------------------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        tr = partial(translate, "Groundtrack")
        self.mosaic_model, self.image_model = MosaicsModel(self), ImagesModel(self.pictures.pixmap, self)
        self.mosaics = ImageryTable(self.mosaic_model, tr("Mosaics"), self)
        self.filter = QgsFilterLineEdit(self)
        self.filter.setPlaceholderText(tr("Filter by name or tag"))
        self.images = ImageryTable(self.image_model, tr("Images"), self, several=True)
        self.images.setIconSize(QSize(SIDE, SIDE))
        self.images.verticalHeader().setDefaultSectionSize(SIDE + 4)
        self.new_action = self._action("mActionAdd", tr("New Mosaic…"), tr("Make an empty mosaic"), self._create)
        self.upload_action = self._action("mActionSharingExport", tr("Upload…"), tr("Send a GeoTIFF or a raster layer there"), self.upload)
        self.rename_action = self._action("mActionToggleEditing", tr("Rename…"), tr("Change name and tags"), self._rename)
        self.delete_action = self._action("mActionDeleteSelected", tr("Delete…"), tr("Delete at the service, for good"), self._delete)
        self.save_action = self._action("mActionFileSave", tr("Download…"), tr("Save the chosen images on this computer"), self._save)
        self.link_action = self._action("mActionLink", tr("Link…"), tr("Add an image that lies in the storage of the service"), self._link)
        self.zoom_action = self._action("mActionZoomToSelected", tr("Zoom to Imagery"), tr("Bring it into view on the map"), self._zoom)
        self.refresh_action = self._action("mActionRefresh", tr("Refresh"), tr("Ask the service again"), self.refresh)
        self.use_action = self._action("mActionRedo", tr("Use in Job"), tr("Put the chosen imagery into New Job"), self._use)
        self.meter = QProgressBar(self)
        self.meter.setAccessibleName(tr("Storage"))
        self.meter.setTextVisible(False)  # dark themes write it dark on dark
        self.meter.hide()
        self.room = plain_label(parent=self)
        self.notice = Sentence(self)
        self.files = ImageFiles(self._session, self._account, self)
        self.list = UploadList(self._uploads, self._account, self)
        self.empty = plain_label(parent=self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setMargin(16)
        self.right = QStackedWidget(self)
        for widget in (self.images, self.empty):
            self.right.addWidget(widget)

    def _action(self, picture: str, text: str, tip: str, do: Callable[[], Any]) -> QAction:
        action = QAction(theme_icon(picture), text, self)
        action.setToolTip(tip)
        action.triggered.connect(lambda _: do())
        return action

    def _lay_out(self) -> None:
        bar = QToolBar(self)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        bar.setIconSize(QSize(16, 16))
        bar.addActions([self.use_action, self.upload_action, self.new_action, self.rename_action, self.delete_action,
                        self.refresh_action, self.zoom_action, self.save_action, self.link_action])  # fmt: skip
        panes = QSplitter(Qt.Orientation.Horizontal, self)
        left = QWidget(self)
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        for widget in (self.filter, self.mosaics):
            rows.addWidget(widget)
        panes.addWidget(left)
        panes.addWidget(self.right)
        panes.setStretchFactor(0, 2)
        panes.setStretchFactor(1, 3)
        panes.setChildrenCollapsible(False)
        foot = QHBoxLayout()
        foot.addWidget(self.room, 2)
        foot.addWidget(self.meter, 1)
        column = QVBoxLayout(self)
        column.addWidget(bar)
        column.addWidget(self.notice)
        column.addWidget(panes, 1)
        column.addWidget(self.list)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._narrow)
        self.mosaics.selectionModel().selectionChanged.connect(lambda *_: self._change_mosaic())
        self.images.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self.images.seen.connect(self._want_pictures)
        self.images.doubleClicked.connect(lambda _: self._use())
        self.pictures.arrived.connect(self.image_model.redraw)
        self._uploads.ended.connect(self._follow_upload)
        self.files.told.connect(self.notice.say)

    # Asking ------------------------------------------------------------------------------------------------------------------------

    def _ask(self, question: Callable[[Any], Any], then: Callable[[Any], None]) -> int:
        return self._session.ask(self, self._account, question, then, self._complain)

    def _change(self, question: Callable[[Any], Any], select: str = "") -> None:
        """Do something there, then look again; also when it failed, for something else may be out of date."""
        def failed(error: Exception) -> None:
            self._complain(error)
            self._list_mosaics(select, str(error))

        self._session.ask(self, self._account, question, lambda made: self.refresh(getattr(made, "id", select)), failed)

    def _take(self, wanted: str, said: str, answer: Any) -> None:
        mosaics, self.storage = answer
        self._told = True
        self.notice.say(said, ERROR)
        self.mosaic_model.fill(mosaics)
        self.mosaics.fit()
        self._show_room()
        row = self.mosaic_model.row_of(wanted)
        if mosaics:
            self.mosaics.selectRow(max(0, row))
        self._change_mosaic()

    def _change_mosaic(self) -> None:
        self.image_model.fill(())
        self._list_images()
        self._show_state()

    def _narrow(self, text: str) -> None:
        """The chosen mosaic stays so, unless the filter hides it."""
        mosaic = self.mosaic()
        self.mosaic_model.narrow(text)
        row = self.mosaic_model.row_of(mosaic.id) if mosaic is not None else -1
        if self.mosaic_model.rowCount():
            self.mosaics.selectRow(max(0, row))
        self._change_mosaic()

    def _list_images(self) -> None:
        mosaic = self.mosaic()
        self._session.drop(self._ticket)
        self._ticket = 0
        if mosaic is not None:
            self._ticket = self._ask(lambda provider: provider.images(mosaic.id), self._take_images)
        self._show_state()

    def _take_images(self, images: Any) -> None:
        self._ticket = 0
        before = {image.id for image in self.selected()}
        self.image_model.fill(images)
        self.images.fit()
        for row, image in enumerate(images):
            if image.id in before:
                self.images.selectRow(row)
        self.images.look_again()
        if any(image.state is ImageState.PREPARING for image in images):
            self._again.start()
        self._show_state()

    def _complain(self, error: Exception) -> None:
        self._ticket = 0
        self.notice.say(str(error), ERROR)
        self._show_state()

    def _want_pictures(self) -> None:
        self.pictures.want([item.id for item in self.images.items_in_view() if item.state is ImageState.READY])

    def _follow_upload(self, item: Item) -> None:
        if item.account_key == f"{self._account.provider}/{self._account.name}" and item.step is Step.DONE:
            self.refresh(item.mosaic_id)

    # What is seen ------------------------------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        mosaic, images = self.mosaic(), self.selected()
        for action in (self.rename_action, self.delete_action, self.zoom_action, self.link_action):
            action.setEnabled(mosaic is not None)
        self.rename_action.setEnabled(mosaic is not None and len(images) < 2)
        ready = [image for image in images if image.state is ImageState.READY]
        self.use_action.setEnabled(mosaic is not None and len(ready) == len(images))
        self.save_action.setEnabled(bool(images) and all(image.downloadable and image.state is ImageState.READY for image in images))
        self.right.setCurrentIndex(0 if self.image_model.rowCount() else 1)
        self.empty.setText(self._why_empty(mosaic))

    def _why_empty(self, mosaic: Optional[Mosaic]) -> str:
        if self._ticket:
            return translate("Groundtrack", "Asking the service…")
        if not self._told:
            asking = translate("Groundtrack", "Asking the service…")
            return asking if self.notice.level() != ERROR else translate("Groundtrack", "Nothing could be listed. Refresh asks again.")
        if mosaic is not None:
            return translate("Groundtrack", "This mosaic has no images yet. Upload a GeoTIFF or a raster layer.")
        if self.mosaic_model.items() and not self.mosaic_model.rowCount():
            return translate("Groundtrack", "No mosaic has this in its name or tags.")
        if not self.mosaic_model.rowCount():
            return translate("Groundtrack", "No imagery of your own is here yet. Upload a GeoTIFF or a raster layer to begin.")
        return translate("Groundtrack", "Choose a mosaic to see its images.")

    def _show_room(self) -> None:
        used, limit = self.storage.used, self.storage.limit
        self.meter.setVisible(limit is not None and used is not None)
        if limit and used is not None:
            self.meter.setRange(0, 1000)
            self.meter.setValue(min(1000, round(1000 * used / limit)))
            share, told = QLocale().toString(100 * used / limit, "f", 0), translate("Groundtrack", "{used} of {limit} used ({share} %)")
            self.room.setText(told.format(used=size_words(used), limit=size_words(limit), share=share))
        else:
            self.room.setText(translate("Groundtrack", "{} used").format(size_words(used)) if used is not None else "")

    # What is done ------------------------------------------------------------------------------------------------------------------

    def upload(self) -> UploadDialog:
        """Choose a file or a layer to send."""
        dialog = UploadDialog(self._session, self._account, self._uploads, self.mosaic_model.items(), self.storage, self.mosaic(), self)
        dialog.made.connect(self.refresh)
        dialog.open()
        return dialog

    def _create(self) -> None:
        answer = ask_name(self, translate("Groundtrack", "New Mosaic"), translate("Groundtrack", "Create"), "", ())
        if answer is not None:
            self._change(lambda provider: provider.create_mosaic(*answer))

    def _rename(self) -> None:
        mosaic, images, rename = self.mosaic(), self.selected(), translate("Groundtrack", "Rename")
        if images:
            image = images[0]
            answer = ask_name(self, translate("Groundtrack", "Rename Image"), rename, image.name)
            if answer is not None:
                self._change(lambda provider: provider.rename_image(image.id, answer[0]))
        elif mosaic is not None:
            answer = ask_name(self, translate("Groundtrack", "Rename Mosaic"), rename, mosaic.name, mosaic.tags)
            if answer is not None:
                self._change(lambda provider: provider.change_mosaic(mosaic.id, *answer), mosaic.id)

    def _delete(self) -> None:
        mosaic, images = self.mosaic(), self.selected()
        if mosaic is None:
            return
        if images:
            names = [image.name for image in images]
            one, many = translate("Groundtrack", "The image goes for good."), translate("Groundtrack", "{} images go for good.")
            text = count(len(images), one, many)
            if ask_delete(self, names[0] if len(names) == 1 else mosaic.name, text, names):
                self._change(lambda provider: _delete_images(provider, images))
            return
        inside = self.image_model.items() or None
        number = len(inside) if inside is not None else mosaic.images
        text = translate("Groundtrack", "The mosaic goes for good, whatever it holds.") if number is None else count(
            number, translate("Groundtrack", "The mosaic goes for good, and its image with it."),
            translate("Groundtrack", "The mosaic goes for good, and its {} images with it."))  # fmt: skip
        if ask_delete(self, mosaic.name, text, [image.name for image in inside or ()]):
            self._change(lambda provider: provider.delete_mosaic(mosaic.id))

    def _zoom(self) -> None:
        mosaic = self.mosaic()
        shown: List[Any] = [*self.selected()] or [mosaic]
        boxes = [QgsRectangle(*item.bounds) for item in shown if item is not None and item.bounds]
        if not boxes:
            self.notice.say(translate("Groundtrack", "The service does not tell where this imagery lies."), INFO)
            return
        whole = boxes[0]
        for box in boxes[1:]:
            whole.combineExtentWith(box)
        zoom_to(self._iface, whole)

    def _save(self) -> None:
        images, folder = self.selected(), self.files.choose_folder()
        if images and folder is not None:
            self.files.save(images, folder)

    def _link(self) -> None:
        mosaic = self.mosaic()
        address = self.files.ask_address() if mosaic is not None else ""
        if mosaic is not None and address:
            self._change(lambda provider: provider.link_image(mosaic.id, address), mosaic.id)

    def _use(self) -> None:
        mosaic, images = self.mosaic(), self.selected()
        if mosaic is not None and self.use_action.isEnabled():
            ids = tuple(image.id for image in images) or None
            self.chosen.emit({"image_ids": ids, "mosaic_id": None if ids else mosaic.id, "source": None, "source_url": None, "zoom": None})


def _delete_images(provider: Any, images: Sequence[Image]) -> None:
    """One that is gone already does not keep the others; it is told at the end."""
    gone: Optional[NotFound] = None
    for image in images:
        try:
            provider.delete_image(image.id)
        except NotFound as problem:
            gone = problem
    if gone is not None:
        raise gone
