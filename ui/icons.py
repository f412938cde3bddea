"""Our own icons, from the compiled resources or, in a fresh clone, from disk; QGIS's by their theme name."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QFile
from qgis.PyQt.QtGui import QIcon

_FOLDER = Path(__file__).parent / "icons"


def icon(name: str) -> QIcon:
    """One of our icons by its file name without ending; an empty icon when there is none."""
    resource = f":/plugins/groundtrack/ui/icons/{name}.svg"
    if QFile.exists(resource):
        return QIcon(resource)
    path = _FOLDER / f"{name}.svg"
    return QIcon(str(path)) if name and path.exists() else QIcon()


def theme_icon(name: str) -> QIcon:
    """An icon of the present QGIS theme, such as "mIconWarning"."""
    return QgsApplication.getThemeIcon(f"/{name}.svg")
