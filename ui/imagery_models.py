"""Mosaics and images as tables."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple

from qgis.PyQt.QtCore import QAbstractTableModel, QLocale, QModelIndex, QObject, Qt
from qgis.PyQt.QtGui import QPixmap

from ..providers.imagery import Image, ImageState, Mosaic
from .icons import icon, theme_icon
from .sentence import ERROR
from .words import translate

ITEM_ROLE = Qt.ItemDataRole.UserRole + 1
PAGE = 200  # rows that are added when the end comes into view

Cell = Callable[[Any], str]


class RowsModel(QAbstractTableModel):
    """Rows of one kind, shown page by page as one scrolls. A column is its title, its text and whether it is a number."""

    def __init__(self, columns: Sequence[Tuple[str, Cell, bool]], parent: Optional[QObject] = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._whole: List[Any] = []
        self._all: List[Any] = []  # less what the filter hides
        self._shown = 0
        self._filter = ""

    def fill(self, rows: Sequence[Any]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._whole = list(rows)
        self._all = [item for item in self._whole if self._filter in self.words(item)]
        self._shown = min(PAGE, len(self._all))
        self.endResetModel()

    def items(self) -> Tuple[Any, ...]:
        """Everything there is, whether it is shown or not."""
        return tuple(self._whole)

    def narrow(self, text: str) -> None:
        """Show only rows whose words have this text, in whatever case."""
        self._filter = text.strip().casefold()
        self.fill(self._whole)

    def words(self, item: Any) -> str:
        """What a filter looks at."""
        return " ".join([item.name, *getattr(item, "tags", ())]).casefold()

    def row_of(self, identity: str) -> int:
        """The row of an item, brought into the table if need be; -1 when there is none."""
        row = next((row for row, item in enumerate(self._all) if item.id == identity), -1)
        while row >= self._shown:
            self.fetchMore(QModelIndex())
        return row

    def is_number(self, column: int) -> bool:
        """Whether a column must not be cut."""
        return self._columns[column][2]

    def redraw(self, identity: str) -> None:
        """The picture of a row has come."""
        row = next((row for row, item in enumerate(self._all[: self._shown]) if item.id == identity), -1)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0), [Qt.ItemDataRole.DecorationRole])

    # Qt's side ---------------------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._columns)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        return not parent.isValid() and self._shown < len(self._all)

    def fetchMore(self, parent: QModelIndex) -> None:
        last = min(len(self._all), self._shown + PAGE) - 1
        self.beginInsertRows(QModelIndex(), self._shown, last)
        self._shown = last + 1
        self.endInsertRows()

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item, (_, text, is_number) = self._all[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text(item)
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.TextAlignmentRole and is_number:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.tip(item)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self.picture(item)
        return None

    def tip(self, item: Any) -> Optional[str]:
        """What the pointer over a row tells."""
        return None

    def picture(self, item: Any) -> Any:
        """What stands before the name."""
        return None


class MosaicsModel(RowsModel):
    """Mosaics by name, number of images, size."""

    def __init__(self, parent: Optional[QObject] = None) -> None:
        columns = (
            (translate("Groundtrack", "Mosaic"), lambda item: item.name, False),
            (translate("Groundtrack", "Images"), lambda item: "" if item.images is None else QLocale().toString(item.images), True),
            (translate("Groundtrack", "Size"), lambda item: size_words(item.size), True),
        )
        super().__init__(columns, parent)

    def tip(self, item: Mosaic) -> str:
        lines = [item.name, ", ".join(item.tags), item.created[:16].replace("T", " "), item.id]
        return "\n".join(line for line in lines if line)


class ImagesModel(RowsModel):
    """Images by name, state, size, pixels. `pictures` gives the small picture of an image, None while there is none."""

    def __init__(self, pictures: Callable[[str], Optional[QPixmap]], parent: Optional[QObject] = None) -> None:
        self._pictures = pictures
        columns = (
            (translate("Groundtrack", "Image"), lambda item: item.name, False),
            (translate("Groundtrack", "State"), state_words, False),
            (translate("Groundtrack", "Size"), lambda item: size_words(item.size), True),
            (translate("Groundtrack", "CRS"), lambda item: item.crs, False),
            (translate("Groundtrack", "Uploaded"), lambda item: item.uploaded[:16].replace("T", " "), True),
        )
        super().__init__(columns, parent)

    def tip(self, item: Image) -> str:
        pixels = f"{item.width} × {item.height}" if item.width and item.height else ""
        bands = translate("Groundtrack", "{} bands").format(item.bands) if item.bands else ""
        return "\n".join(line for line in (item.name, ", ".join(filter(None, (pixels, bands))), item.problem, item.id) if line)

    def picture(self, item: Image) -> Any:
        if item.state is ImageState.FAILED:
            return icon(ERROR)
        return self._pictures(item.id) or theme_icon("mIconRaster")


def state_words(image: Image) -> str:
    """Whether an image can be used, in words."""
    if image.state is ImageState.FAILED:
        return translate("Groundtrack", "Failed: {}").format(image.problem) if image.problem else translate("Groundtrack", "Failed")
    return translate("Groundtrack", "Ready") if image.state is ImageState.READY else translate("Groundtrack", "Being prepared")


def size_words(size: Optional[int]) -> str:
    """A number of bytes in words, "" when it is not known."""
    return "" if size is None else str(QLocale().formattedDataSize(size))
