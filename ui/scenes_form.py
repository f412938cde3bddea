"""What is searched for: service, area, days, clouds, collection."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.core import QgsSettings
from qgis.gui import QgisInterface, QgsDateEdit, QgsFilterLineEdit, QgsSpinBox
from qgis.PyQt.QtCore import QDate, Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from ..aoi import Aoi
from ..providers.base import Can
from ..providers.fields import Field
from ..providers.scenes import SceneQuery
from .account_picker import AccountPicker
from .area_row import AreaRow
from .field_widgets import guard_wheel, narrow
from .form import OperationForm
from .icons import theme_icon
from .scenes_area import SharedArea
from .session import Session
from .suggestions import Suggestions
from .words import translate

DAYS = 30  # the first days offered: this many until today
ANY_CLOUD = 100
LIMIT = 100
MOST = 500
_SETTINGS = "groundtrack/scenes_"


class ScenesForm(QWidget):
    """Signals: `search_wanted`, `cancel_wanted`."""

    search_wanted = pyqtSignal()
    cancel_wanted = pyqtSignal()

    def __init__(self, session: Session, iface: QgisInterface, other: AreaRow, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._session = session
        self._searching = False
        self._fields: Tuple[Field, ...] = ()
        self.filters = OperationForm((), self)
        self.suggestions = Suggestions(session, self)
        self.account = AccountPicker(session, self, Can.SCENES)
        self.area = SharedArea(session, iface, other, self)
        self._make_inputs()
        self._lay_out()
        self.account.changed.connect(self._offer_choices)
        self.button.clicked.connect(self.toggle)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            enter = QShortcut(QKeySequence(key), self)
            enter.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            enter.activated.connect(self._enter)
        self._offer_choices()
        self.show_searching(False)

    def query(self) -> SceneQuery:
        """What is asked for, still without the area."""
        cloud = self.cloud.value()
        days = sorted(edit.date().toString(Qt.DateFormat.ISODate) for edit in (self.start, self.end))
        most = None if cloud == ANY_CLOUD else float(cloud)
        return SceneQuery(Aoi(()), days[0], days[1], most, self.collections(), self.limit.value(), filters=self.filters.values())

    def collections(self) -> Tuple[str, ...]:
        """The chosen collections in the service's words; empty for all."""
        if self.collection_box.count() > 1:
            chosen = self.collection_box.currentData()
            return (chosen,) if chosen else ()
        return tuple(part.strip() for part in self.collection_text.text().split(",") if part.strip())

    def show_searching(self, searching: bool) -> None:
        """Turn the button into one that cancels, or back."""
        self._searching = searching
        self.progress.setVisible(searching)
        text = translate("Groundtrack", "Cancel") if searching else translate("Groundtrack", "Search")
        self.button.setText(text)
        self.button.setIcon(theme_icon("mTaskCancel" if searching else "search"))

    def toggle(self) -> None:
        """What the button does."""
        if self._searching:
            self.cancel_wanted.emit()
        else:
            self._remember()
            self.search_wanted.emit()

    def close_down(self) -> None:
        """Let go of the map."""
        self.area.close_down()

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _make_inputs(self) -> None:
        settings = QgsSettings()
        today = QDate.currentDate()
        self.start, self.end = self._day(today.addDays(-DAYS)), self._day(today)
        self.start.setAccessibleName(translate("Groundtrack", "First day"))
        self.end.setAccessibleName(translate("Groundtrack", "Last day"))
        self.cloud = QgsSpinBox(self)
        self.cloud.setRange(0, ANY_CLOUD)
        self.cloud.setClearValue(ANY_CLOUD)
        self.cloud.setPrefix(translate("Groundtrack", "at most "))
        self.cloud.setSuffix(" %")
        self.cloud.setSingleStep(10)
        self.cloud.setValue(settings.value(f"{_SETTINGS}cloud", ANY_CLOUD, type=int))
        self.cloud.setToolTip(translate("Groundtrack", "Cloud cover of the whole scene. Scenes without a figure are shown as well."))
        self.limit = QgsSpinBox(self)
        self.limit.setRange(1, MOST)
        self.limit.setClearValue(LIMIT)
        self.limit.setPrefix(translate("Groundtrack", "up to "))
        self.limit.setValue(settings.value(f"{_SETTINGS}limit", LIMIT, type=int))
        self.limit.setToolTip(translate("Groundtrack", "Scenes that are asked for at once; Load More brings the next ones."))
        self.limit.setAccessibleName(translate("Groundtrack", "Scenes at once"))
        self.collection_box = narrow(QComboBox(self))
        self.collection_text = QgsFilterLineEdit(self)
        self.collection_text.setPlaceholderText(translate("Groundtrack", "All"))
        for widget in (self.cloud, self.limit, self.start, self.end):
            guard_wheel(widget)
        self.progress = QProgressBar(self)
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(self.fontMetrics().height() // 2)
        self.button = QPushButton(self)

    def _day(self, day: QDate) -> QgsDateEdit:
        edit = QgsDateEdit(self)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        edit.setAllowNull(False)
        edit.setDate(day)
        edit.setToolTip(translate("Groundtrack", "Both days are included. Days begin and end in UTC."))
        edit.setMinimumWidth(edit.fontMetrics().averageCharWidth() * 14)
        return edit

    def _lay_out(self) -> None:
        rows = QFormLayout()
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        days, collection, last = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        days.addWidget(self.start, 1)
        days.addWidget(QLabel("–", self))
        days.addWidget(self.end, 1)
        collection.addWidget(self.collection_box)
        collection.addWidget(self.collection_text)
        last.addWidget(self.limit, 1)
        last.addWidget(self.button, 1)
        for label, field, buddy in (
            (translate("Groundtrack", "Service"), self.account, self.account.combo),
            (translate("Groundtrack", "Area"), self.area, self.area.row.source_box),
            (translate("Groundtrack", "Dates"), days, self.start),
            (translate("Groundtrack", "Clouds"), self.cloud, self.cloud),
            (translate("Groundtrack", "Collection"), collection, self.collection_box),
            (translate("Groundtrack", "Scenes"), last, self.limit),
        ):
            title = QLabel(label, self)
            title.setBuddy(buddy)
            rows.addRow(title, field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(rows)
        column.addWidget(self.filters)
        column.addWidget(self.progress)
        self._column = column

    def _offer_choices(self) -> None:
        account = self.account.shown_account()
        provider = self._session.provider(account) if account else None
        self._offer_collections(provider.scene_collections if provider else ())
        fields = provider.scene_filters if provider else ()
        if fields != self._fields:
            self._fields = fields
            before, self.filters = self.filters, OperationForm(fields, self)
            self._column.replaceWidget(before, self.filters)
            before.setParent(None)
            before.deleteLater()
        self.suggestions.offer(self.filters, fields, self.account.account())

    def _offer_collections(self, known: Tuple[Tuple[str, str], ...]) -> None:
        chosen = self.collection_box.currentData()
        self.collection_box.clear()
        self.collection_box.addItem(translate("Groundtrack", "All"), "")
        for word, label in known:
            self.collection_box.addItem(label, word)
        self.collection_box.setCurrentIndex(max(0, self.collection_box.findData(chosen or "")))
        self.collection_box.setVisible(bool(known))
        self.collection_text.setVisible(not known)

    def _enter(self) -> None:
        if not self._searching:
            self.toggle()

    def _remember(self) -> None:
        QgsSettings().setValue(f"{_SETTINGS}cloud", self.cloud.value())
        QgsSettings().setValue(f"{_SETTINGS}limit", self.limit.value())
