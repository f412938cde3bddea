"""Found scenes as a table, and what is shown of it."""

from __future__ import annotations

import enum
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, Qt

from ..providers.scenes import Scene
from .scenes_query import Found

SCENE_ROLE = Qt.ItemDataRole.UserRole + 1
UNKNOWN = -1.0  # sorts below every number


class Column(enum.IntEnum):
    """The columns of the table."""

    DATE = 0
    CLOUD = 1
    COVERAGE = 2
    PLATFORM = 3
    COLLECTION = 4
    PIXELS = 5
    OFF_NADIR = 6
    SOURCE = 7
    PRICE = 8


_ALWAYS = frozenset((Column.DATE, Column.CLOUD, Column.COVERAGE, Column.PLATFORM, Column.COLLECTION))
_RIGHT = (Column.CLOUD, Column.COVERAGE, Column.PIXELS, Column.OFF_NADIR, Column.PRICE)


class ScenesModel(QAbstractTableModel):
    """Each scene once, sorted by a column, without those that cover too little of the area.

    It sorts and hides by itself: a proxy would ask for each value many times, which takes a third of a second for 5,000 scenes.
    """

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._found: Dict[str, Found] = {}  # all of them, as they came
        self._shown: List[Found] = []
        self._rows: Dict[str, int] = {}
        self._labels: Dict[str, str] = {}
        self._least = 0.0
        self._column, self._descending = int(Column.DATE), True
        self._told = set(_ALWAYS)
        self._titles = (self.tr("Date"), self.tr("Clouds"), self.tr("Coverage"), self.tr("Platform"), self.tr("Collection"),
                        self.tr("Pixels"), self.tr("Off-nadir"), self.tr("Provider"), self.tr("Price"))  # fmt: skip

    @property
    def total(self) -> int:
        """How many scenes there are, hidden ones included."""
        return len(self._found)

    def found(self, row: int) -> Found:
        return self._shown[row]

    def row(self, scene_id: str) -> int:
        """The row of a scene, -1 when it is not shown."""
        return self._rows.get(scene_id, -1)

    def tells(self, column: Column) -> bool:
        """Whether the service says anything in this column."""
        return column in self._told

    def clear(self) -> None:
        """Forget all scenes."""
        self.beginResetModel()
        self._told = set(_ALWAYS)
        self._found.clear()
        self._show([])
        self.endResetModel()

    def add(self, found: Sequence[Found]) -> Tuple[Found, ...]:
        """Take up scenes; those that are here already are left out. Returns the new ones."""
        new = {item.scene.id: item for item in found if item.scene.id not in self._found}
        self._found.update(new)
        missing = [column for column in Column if column not in self._told]
        self._told.update(column for column in missing if any(self.text(item, column) for item in new.values()))
        shown = [item for item in new.values() if self._covers(item)]
        if shown:
            first = len(self._shown)
            self.beginInsertRows(QModelIndex(), first, first + len(shown) - 1)
            self._show([*self._shown, *shown])
            self.endInsertRows()
            self._sort_again()
        return tuple(new.values())

    def set_least(self, percent: float) -> None:
        """Hide scenes that cover less than this; one of unknown coverage is shown."""
        self.beginResetModel()
        self._least = percent
        self._show(self._sorted([item for item in self._found.values() if self._covers(item)]))
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort, now and whenever scenes are added."""
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._sort_again()

    def label_collections(self, labels: Sequence[Tuple[str, str]]) -> None:
        """How the service's words for its collections are shown."""
        self._labels = dict(labels)

    def redraw(self, scene_id: str) -> None:
        """The picture of a scene has come."""
        row = self.row(scene_id)
        if row >= 0:
            index = self.index(row, Column.DATE)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    def _covers(self, found: Found) -> bool:
        return not self._least or found.share is None or found.share >= self._least

    def _sorted(self, found: List[Found]) -> List[Found]:
        return sorted(found, key=lambda item: _sort_key(item, self._column, self.text), reverse=self._descending)

    def _sort_again(self) -> None:
        before, after = self._shown, self._sorted(self._shown)
        if all(old is new for old, new in zip(before, after)):
            return
        self.layoutAboutToBeChanged.emit()
        kept = self.persistentIndexList()
        self._show(after)
        self.changePersistentIndexList(kept, [self.index(self._rows[before[index.row()].scene.id], index.column()) for index in kept])
        self.layoutChanged.emit()

    def _show(self, found: List[Found]) -> None:
        self._shown = found
        self._rows = {item.scene.id: row for row, item in enumerate(found)}

    # Qt's side ---------------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.COVERAGE:
            return self.tr("How much of the area the scene covers")
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found, column = self._shown[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(found, column)
        if role == SCENE_ROLE:
            return found.scene
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _RIGHT:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(found)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._titles[column]}: {self.text(found, column)}"
        return None

    def text(self, found: Found, column: int) -> str:
        """A cell in words."""
        scene = found.scene
        if column == Column.DATE:
            return scene.taken[:16].replace("T", " ") or scene.title or scene.id
        if column == Column.CLOUD:
            return _percent(scene.cloud)
        if column == Column.COVERAGE:
            return _percent(found.share)
        if column == Column.PLATFORM:
            return platform_title(scene)
        if column == Column.PIXELS:
            return self.tr("{} m").format(QLocale().toString(scene.gsd, "g", 3)) if scene.gsd else ""
        if column == Column.OFF_NADIR:
            return f"{QLocale().toString(scene.off_nadir, 'f', 0)}°" if scene.off_nadir is not None else ""
        if column == Column.SOURCE:
            return scene.source
        if column == Column.PRICE:
            return scene.price
        return self._labels.get(scene.collection, scene.collection)

    def _tool_tip(self, found: Found) -> str:
        scene = found.scene
        lines = [scene.title, scene.id, f"{scene.taken[:19].replace('T', ' ')} UTC" if scene.taken else "", platform_title(scene)]
        if scene.gsd:
            lines.append(self.tr("Pixels of {} m").format(QLocale().toString(scene.gsd, "g", 3)))
        if scene.off_nadir is not None:
            lines.append(self.tr("{} off nadir").format(self.text(found, Column.OFF_NADIR)))
        lines += [scene.source, scene.price]
        return "\n".join(line for line in lines if line)


def platform_title(scene: Scene) -> str:
    """The satellite as people write it: “Sentinel-2A” for sentinel-2a."""
    name = scene.platform
    return name[:1].upper() + (f"{name[1:-1]}{name[-1:].upper()}" if name[-2:-1].isdigit() else name[1:])


def _percent(value: Optional[float]) -> str:
    if value is None:
        return "–"
    if 99.5 <= value < 100:
        return "99 %"  # not quite all of it
    return f"{value:.0f} %" if value >= 1 or not value else "< 1 %"


def _sort_key(found: Found, column: int, text: Callable[[Found, int], str]) -> Any:
    if column == Column.DATE:
        return found.scene.taken
    if column == Column.CLOUD:
        return UNKNOWN if found.scene.cloud is None else found.scene.cloud
    if column == Column.COVERAGE:
        return UNKNOWN if found.share is None else found.share
    if column == Column.PIXELS:
        return found.scene.gsd or UNKNOWN
    if column == Column.OFF_NADIR:
        return UNKNOWN if found.scene.off_nadir is None else abs(found.scene.off_nadir)
    return text(found, column).lower()
