"""Found scenes as a table, and what is shown of it."""

from __future__ import annotations

import enum
from typing import Any, Dict, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, QSortFilterProxyModel, Qt

from ..providers.scenes import Scene
from .scenes_query import Found

SCENE_ROLE = Qt.ItemDataRole.UserRole + 1
SORT_ROLE = Qt.ItemDataRole.UserRole + 2
UNKNOWN = -1.0  # sorts below every number


class Column(enum.IntEnum):
    """The columns of the table."""

    DATE = 0
    CLOUD = 1
    COVERAGE = 2
    PLATFORM = 3
    COLLECTION = 4


class ScenesModel(QAbstractTableModel):
    """Scenes in the order in which the service told them; each once."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._found: List[Found] = []
        self._rows: Dict[str, int] = {}
        self._labels: Dict[str, str] = {}
        self._titles = (self.tr("Date"), self.tr("Clouds"), self.tr("Coverage"), self.tr("Platform"), self.tr("Collection"))

    def found(self, row: int) -> Found:
        return self._found[row]

    def row(self, scene_id: str) -> int:
        """The row of a scene, -1 when it is not here."""
        return self._rows.get(scene_id, -1)

    def clear(self) -> None:
        """Forget all scenes."""
        self.beginResetModel()
        self._found.clear()
        self._rows.clear()
        self.endResetModel()

    def add(self, found: Sequence[Found]) -> Tuple[Found, ...]:
        """Append scenes; those that are here already are left out. Returns the new ones."""
        new = tuple({item.scene.id: item for item in found if item.scene.id not in self._rows}.values())
        if new:
            first = len(self._found)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._found.extend(new)
            self._rows.update((item.scene.id, first + number) for number, item in enumerate(new))
            self.endInsertRows()
        return new

    def label_collections(self, labels: Sequence[Tuple[str, str]]) -> None:
        """How the service's words for its collections are shown."""
        self._labels = dict(labels)

    def redraw(self, scene_id: str) -> None:
        """The picture of a scene has come."""
        row = self.row(scene_id)
        if row >= 0:
            index = self.index(row, Column.DATE)
            self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])

    # Qt's side ---------------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        if role == Qt.ItemDataRole.ToolTipRole and section == Column.COVERAGE:
            return self.tr("How much of the area the scene covers")
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found, column = self._found[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(found, column)
        if role == SCENE_ROLE:
            return found.scene
        if role == SORT_ROLE:
            return _sort_key(found, column, self.text)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (Column.CLOUD, Column.COVERAGE):
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
            return scene.taken[:16].replace("T", " ") or scene.id
        if column == Column.CLOUD:
            return _percent(scene.cloud)
        if column == Column.COVERAGE:
            return _percent(found.share)
        if column == Column.PLATFORM:
            return platform_title(scene)
        return self._labels.get(scene.collection, scene.collection)

    def _tool_tip(self, found: Found) -> str:
        scene = found.scene
        lines = [scene.id, f"{scene.taken[:19].replace('T', ' ')} UTC" if scene.taken else "", platform_title(scene)]
        if scene.gsd:
            lines.append(self.tr("Pixels of {} m").format(QLocale().toString(scene.gsd, "g", 3)))
        return "\n".join(line for line in lines if line)


class ScenesFilter(QSortFilterProxyModel):
    """Sorts by any column and hides scenes that cover too little of the area; a scene of unknown coverage is shown."""

    def __init__(self, model: ScenesModel, parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._model = model
        self._least = 0.0
        self.setSortRole(SORT_ROLE)
        self.setDynamicSortFilter(True)
        self.setSourceModel(model)

    def set_least(self, percent: float) -> None:
        """Hide scenes that cover less than this."""
        self._least = percent
        self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:
        if not self._least:
            return True
        share = self._model.found(row).share
        return share is None or share >= self._least


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


def _sort_key(found: Found, column: int, text: Any) -> Any:
    if column == Column.DATE:
        return found.scene.taken
    if column == Column.CLOUD:
        return UNKNOWN if found.scene.cloud is None else found.scene.cloud
    if column == Column.COVERAGE:
        return UNKNOWN if found.share is None else found.share
    return text(found, column).lower()
