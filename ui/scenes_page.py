"""The page of scenes: what to search for, what was found, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, List, Optional, Tuple

from qgis.core import QgsRectangle
from qgis.gui import QgsSpinBox
from qgis.PyQt.QtCore import QPoint, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QAction,
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QShortcut,
    QStackedWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from ..network import home
from ..providers.base import Account, Provider
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, InvalidRequest
from ..providers.operation import Request
from ..providers.scenes import Scene, SceneQuery
from .area_row import AreaRow
from .field_widgets import guard_wheel
from .icons import theme_icon
from .jobs_map import zoom_to
from .scenes_assets import AssetsDialog
from .scenes_footprints import Footprints
from .scenes_form import ScenesForm
from .scenes_layers import scenes_folder
from .scenes_model import ScenesModel
from .scenes_pictures import PictureStore
from .scenes_preview import Previews
from .scenes_query import FoundPage, in_order, look, one_area
from .scenes_quicklooks import Quicklooks
from .scenes_table import ScenesTable
from .sentence import ERROR, INFO, WARNING, Sentence, plain_label
from .session import Session
from .table_rows import choose_rows, chosen_rows
from .words import count, translate


class ScenesPage(QWidget):
    """Signals: `use_requested` (account key, scene ids, earliest first, a Request with the values they need or None);
    `accounts_wanted` when there is none that can search.
    """

    use_requested = pyqtSignal(str, object, object)
    accounts_wanted = pyqtSignal()

    def __init__(self, session: Session, iface: Any, area: AreaRow, parent: Optional[QWidget] = None) -> None:
        """`area` is the row of New Job, whose area is searched."""
        super().__init__(parent)
        self._session = session
        self._iface = iface
        self._account: Optional[Account] = None  # of what is shown
        self._more: Optional[SceneQuery] = None
        self._cancel = Cancel()
        self._ticket = 0
        self._selecting = False
        self._searched = False
        self.model = ScenesModel(self)
        self.quicklooks = Quicklooks(session.storage(), PictureStore(home() / "quicklooks"), self)
        self.previews = Previews(session, iface, self.quicklooks.store, self)
        self.footprints = Footprints(self)
        self.form = ScenesForm(session, iface, area, self)
        self._layer_boxes = (area.layer_box, self.form.area.row.layer_box)
        self._build()
        self._connect()
        self._choose_page()
        self._follow_selection()

    def chosen(self) -> List[Scene]:
        """The selected scenes, from top to bottom."""
        return [self.model.found(row).scene for row in chosen_rows(self.table)]

    def search(self) -> None:
        """Search anew; what was found before goes."""
        account = self._usable_account()
        if account is None:
            return
        self._account, self._more, self._searched = account, None, False
        self.model.clear()
        self.footprints.clear()
        self.quicklooks.forget_failures()
        self.model.label_collections(self._session.provider(account).scene_collections)
        reading, asked = self.form.area.reading(), self.form.query()

        def question(provider: Provider, cancel: Cancel) -> FoundPage:
            query = replace(asked, aoi=one_area(reading()))
            return look(provider, query, query.aoi, cancel)

        self._ask(question)

    def load_more(self) -> None:
        """Bring the next page below what is there."""
        query = self._more
        if query is not None and self._account is not None:
            self._ask(lambda provider, cancel: look(provider, query, query.aoi, cancel))

    def cancel(self) -> None:
        """Give up the search at once."""
        self._end_search()
        self.notice.say(translate("Groundtrack", "The search was cancelled."), INFO)
        self._choose_page()

    def close_down(self) -> None:
        """Leave nothing on the map and fetch no more."""
        self._end_search()
        self.quicklooks.stop()
        self.previews.stop()
        self.form.close_down()
        self.footprints.close_down()

    # Building ----------------------------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.notice = Sentence(self)
        self.least = QgsSpinBox(self)
        self.least.setRange(0, 100)
        self.least.setSingleStep(10)
        self.least.setClearValue(0)
        self.least.setPrefix(translate("Groundtrack", "at least "))
        self.least.setSuffix(" %")
        self.least.setToolTip(translate("Groundtrack", "Hide scenes that cover less of the area, in the table and on the map"))
        guard_wheel(self.least)
        label = QLabel(translate("Groundtrack", "Coverage"), self)
        label.setBuddy(self.least)
        self.count = QLabel(self)
        self.more_button = QPushButton(translate("Groundtrack", "Load More"), self)
        self.table = ScenesTable(self.quicklooks, self)
        self.table.setAccessibleName(translate("Groundtrack", "Scenes"))
        self.table.setModel(self.model)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._nothing = plain_label(parent=self)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setMargin(16)
        self.add_button = QPushButton(theme_icon("symbologyAdd"), translate("Groundtrack", "Add an Account…"), self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self._empty())
        self._filter_row = QWidget(self)
        row = QHBoxLayout(self._filter_row)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (label, self.least):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.more_button)
        column = QVBoxLayout(self)
        for widget in (self.form, self.notice, self._filter_row):
            column.addWidget(widget)
        column.addWidget(self.stack, 1)
        column.addWidget(self._make_bar())

    def _empty(self) -> QWidget:
        holder = QWidget(self)
        column = QVBoxLayout(holder)
        column.addStretch(1)
        column.addWidget(self._nothing)
        column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return holder

    def _make_bar(self) -> QToolBar:
        bar = QToolBar(self)
        bar.setIconSize(QSize(16, 16) if self._iface is None else self._iface.iconSize(True))
        tr = partial(translate, "Groundtrack")
        tip = tr("Put the chosen scenes into New Job, the earliest first")
        self.use_action = self._action("mActionRedo", tr("Use in Job"), tip, self._use)
        tip = tr("Lay the quicklook onto the map where its corners are known")
        self.preview_action = self._action("mActionAddRasterLayer", tr("Show Preview on Map"), tip, self._show_previews)
        self.assets_action = self._action("mActionFileOpen", tr("Open Assets…"), tr("Open bands of the scene as layers"), self.open_assets)
        self.zoom_action = self._action("mActionZoomToSelected", tr("Zoom to Scene"), tr("Bring the chosen scenes into view"), self._zoom)
        self.copy_action = self._action("mActionEditCopy", tr("Copy Scene ID"), tr("Copy the IDs of the chosen scenes"), self._copy)
        self._deeds = (self.use_action, self.preview_action, self.assets_action, self.zoom_action, self.copy_action)
        bar.addActions(list(self._deeds))
        bar.widgetForAction(self.use_action).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return bar

    def _action(self, picture: str, text: str, tip: str, do: Any) -> QAction:
        action = QAction(theme_icon(picture), text, self)
        action.setToolTip(tip)
        action.triggered.connect(lambda _: do())
        return action

    def _connect(self) -> None:
        self.form.search_wanted.connect(self.search)
        self.form.cancel_wanted.connect(self.cancel)
        self.form.account.changed.connect(self._choose_page)
        self.add_button.clicked.connect(self.accounts_wanted)
        self.more_button.clicked.connect(lambda _: self.load_more())
        self.least.valueChanged.connect(self._set_least)
        self.table.seen.connect(lambda: self.quicklooks.want(self.table.scenes_in_view()))
        self.table.customContextMenuRequested.connect(self._open_menu)
        self.table.doubleClicked.connect(lambda _: self._zoom())
        self.table.selectionModel().selectionChanged.connect(self._follow_selection)
        self.quicklooks.arrived.connect(self.model.redraw)
        self.footprints.chosen.connect(self._select_from_map)
        self.previews.failed.connect(lambda text: self.notice.say(text, ERROR))
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self._use)

    # Searching -----------------------------------------------------------------------------------------------------------------------

    def _usable_account(self) -> Optional[Account]:
        picker = self.form.account
        account = picker.account() or (picker.account() if picker.unlock() else None)
        if account is None:
            self.notice.say(picker.out_of_reach(), WARNING)
        return account

    def _ask(self, question: Any) -> None:
        self._end_search()
        cancel = self._cancel = Cancel()
        self.notice.say("")
        self.form.show_searching(True)
        self.more_button.setEnabled(False)
        put = lambda provider: question(provider, cancel)  # noqa: E731
        self._ticket = self._session.ask(self, self._account, put, self._take, self._complain)
        self._choose_page()

    def _end_search(self) -> None:
        self._session.drop(self._ticket)
        self._ticket = 0
        self._cancel.set()
        self.form.show_searching(False)
        self.more_button.setEnabled(True)

    def _take(self, page: FoundPage) -> None:
        self._end_search()
        self._searched, self._more = True, page.more
        new = self.model.add(page.rows)
        self.footprints.add(new)
        if self.footprints.layer is not None:
            for box in self._layer_boxes:
                box.setExceptedLayerList([self.footprints.layer])
        told = list(page.warnings)
        if page.rows and not new and not page.more:
            told.append(translate("Groundtrack", "There are no further scenes."))
        self.notice.say(" ".join(told), WARNING if page.warnings else INFO)
        self._choose_page()

    def _complain(self, error: Exception) -> None:
        self._end_search()
        if not isinstance(error, Cancelled):
            self.notice.say(str(error), ERROR)
        self._choose_page()

    # What is seen ------------------------------------------------------------------------------------------------------------------

    def _choose_page(self) -> None:
        shown, there = self.model.rowCount(), self.model.total
        self._filter_row.setVisible(bool(there))
        self.more_button.setVisible(self._more is not None)
        scenes = count(there, translate("Groundtrack", "1 scene"), translate("Groundtrack", "{} scenes"))
        self.count.setText(scenes if shown == there else translate("Groundtrack", "{some} of {all}").format(some=shown, all=scenes))
        self.stack.setCurrentIndex(0 if shown else 1)
        self._nothing.setText("" if shown else self._why_empty(there))
        without = self.form.account.info() is None
        self.add_button.setVisible(without)
        self.form.button.setEnabled(not without)

    def _why_empty(self, there: int) -> str:
        if self.form.account.info() is None:
            return translate("Groundtrack", "No account here can search for scenes. Add one of a service that has a scene search.")
        if self._ticket:
            return translate("Groundtrack", "Searching…")
        if there:
            return translate("Groundtrack", "All scenes are hidden. Lower the coverage that is asked for.")
        if self._searched:
            return translate("Groundtrack", "Nothing was found. Try more days, more clouds, or another collection.")
        return translate("Groundtrack", "Search for satellite scenes of the area. Choose one or two of them and use them in a job.")

    def _set_least(self, percent: int) -> None:
        chosen = tuple(scene.id for scene in self.chosen())
        self.model.set_least(float(percent))
        self.footprints.set_least(float(percent))
        self._select_from_map(chosen)
        self.footprints.select(scene.id for scene in self.chosen())
        self.table.look_again()
        self._choose_page()

    def _follow_selection(self, *_: Any) -> None:
        scenes = self.chosen()
        for action in self._deeds:
            action.setEnabled(bool(scenes))
        account = self._account
        files = account is None or self._session.provider(account).scene_files
        self.assets_action.setEnabled(len(scenes) == 1 and files)
        self.preview_action.setEnabled(any(self.previews.can_show(scene) for scene in scenes))
        if not self._selecting:
            self.footprints.select(scene.id for scene in scenes)

    def _select_from_map(self, scene_ids: Tuple[str, ...]) -> None:
        self._selecting = True
        choose_rows(self.table, (row for row in map(self.model.row, scene_ids) if row >= 0))
        self._selecting = False

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([action for action in self._deeds if action.isEnabled()])
        if not menu.isEmpty():
            menu.popup(self.table.viewport().mapToGlobal(place))

    # What is done ------------------------------------------------------------------------------------------------------------------

    def _use(self) -> None:
        scenes, info = self.chosen(), self._account
        if not scenes or info is None:
            return
        ids = in_order(scenes)
        try:
            task, values = self._session.provider(info).scene_values(sorted(scenes, key=lambda scene: ids.index(scene.id)))
        except InvalidRequest as problem:
            self.notice.say(str(problem), WARNING)
            return
        self.use_requested.emit(f"{info.provider}/{info.name}", ids, Request(task, values) if task else None)

    def _show_previews(self) -> None:
        if self._account is not None:
            self.previews.show_all(self._account, self.chosen())

    def open_assets(self) -> Optional[AssetsDialog]:
        """List the files of the chosen scene."""
        scenes = self.chosen()
        if self._account is None or len(scenes) != 1:
            return None
        dialog = AssetsDialog(self._session, self._account, scenes[0], scenes_folder(), self)
        dialog.open()
        return dialog

    def _zoom(self) -> None:
        boxes = [QgsRectangle(*scene.bounds) for scene in self.chosen() if scene.bounds]
        if boxes:
            whole = boxes[0]
            for box in boxes[1:]:
                whole.combineExtentWith(box)
            zoom_to(self._iface, whole)

    def _copy(self) -> None:
        QApplication.clipboard().setText("\n".join(in_order(self.chosen())))
