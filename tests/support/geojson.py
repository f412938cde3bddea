"""Delivered GeoJSON to try out, and a folder to convert it in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from groundtrack.results.geojson import Converted, convert
from groundtrack.results.tables import GENERIC, TABLES, TableSpec
from osgeo import ogr

SQUARE = {"type": "Polygon", "coordinates": [[[11.5, 48.1], [11.6, 48.1], [11.6, 48.2], [11.5, 48.2], [11.5, 48.1]]]}
MULTI = {"type": "MultiPolygon", "coordinates": [SQUARE["coordinates"]]}
CHANGE = TABLES["sateais_timeseries"]


def feature(geometry: Any = SQUARE, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


class Workshop:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "download.part"
        self.target = folder / "Wyniki – Gdańsk.gpkg"
        self.progress: list[float] = []

    def convert(self, content: Any, spec: TableSpec = GENERIC) -> Converted:
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.source.write_bytes(text)
        return convert(self.source, self.target, spec, progress=self.progress.append, cancelled=lambda: False)

    def rows(self) -> list[dict[str, Any]]:
        dataset = ogr.Open(str(self.target))
        return [row.items() for row in dataset.GetLayer(0)]

    def types(self) -> dict[str, str]:
        dataset = ogr.Open(str(self.target))
        fields = dataset.GetLayer(0).GetLayerDefn()
        every = [fields.GetFieldDefn(index) for index in range(fields.GetFieldCount())]
        assert all(field.GetSubType() in (ogr.OFSTNone, ogr.OFSTBoolean) for field in every)
        return {field.GetName(): "Boolean" if field.GetSubType() else field.GetTypeName() for field in every}

    def left(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()} - {self.source.name}
