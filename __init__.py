"""Groundtrack: Earth observation jobs for an outlined area, from order to layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .plugin import GroundtrackPlugin


def classFactory(iface: QgisInterface) -> GroundtrackPlugin:
    """Return the plugin; called by QGIS with its interface object."""
    from .plugin import GroundtrackPlugin

    return GroundtrackPlugin(iface)
