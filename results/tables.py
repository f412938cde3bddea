"""What the table of each kind of vector result looks like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class TableSpec:
    """`style` names a file in `styles/`, `layer` the table in the GeoPackage, `title` what a person calls the result.

    `side`: attributes that go to the charts file instead of the table. With `change_field` only features whose value is at
    least `change_threshold` away from zero count as detections.
    """

    style: str
    layer: str
    title: str
    side: Tuple[str, ...] = ()
    change_field: str = ""
    change_threshold: float = 0.0


GENERIC = TableSpec("polygons", "features", "Features")

TABLES = {
    "sateais_ship": TableSpec("sateais_ship", "ships", "Ships"),
    "sateais_oilslick": TableSpec("sateais_oilslick", "oil_slicks", "Oil slicks"),
    "sateais_newbuilding": TableSpec("sateais_newbuilding", "new_buildings", "New buildings"),
    "sateais_disappearbuilding": TableSpec("sateais_disappearbuilding", "vanished_buildings", "Vanished buildings"),
    "sateais_timeseries": TableSpec(
        "sateais_timeseries",
        "change",
        "Change",
        side=("upper_chart", "lower_chart"),
        change_field="deviation",
        change_threshold=0.05,
    ),
    "mapflow_buildings": TableSpec("mapflow_buildings", "buildings", "Buildings"),
    "mapflow_roads": TableSpec("mapflow_roads", "roads", "Roads"),
    "mapflow_forest": TableSpec("mapflow_forest", "forest", "Forest"),
    "mapflow_construction": TableSpec("mapflow_construction", "construction", "Construction sites"),
    "mapflow_generic": TableSpec("mapflow_generic", "features", "Mapped features"),
}


def table_spec(style: str) -> TableSpec:
    """The table of results drawn with this style; a general one for unknown styles."""
    return TABLES.get(style, GENERIC)
