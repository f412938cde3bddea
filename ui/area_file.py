"""An area from a file, whatever GDAL can open. For workers: nothing here touches a widget or the project."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any, Iterator, List, Sequence

from osgeo import gdal, ogr, osr

from ..aoi import Aoi, AoiError, Polygon, from_wkb
from .area_reading import refuse_too_many
from .words import translate

_SURFACES = frozenset((ogr.wkbPolygon, ogr.wkbMultiPolygon, ogr.wkbCurvePolygon, ogr.wkbMultiSurface))
_MIXED = frozenset((ogr.wkbUnknown, ogr.wkbGeometryCollection))


class SeveralLayers(AoiError):
    """A file has several polygon layers: one of `names` is to be chosen."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(translate("Groundtrack", "The file has several polygon layers ({}). Choose one.").format(", ".join(names[:4])))
        self.names = tuple(names)


def of_file(path: str, layer: str = "") -> Aoi:
    """Every polygon of the file's polygon layer, in EPSG:4326. Raises AoiError with a sentence that says why there is none.

    A file with several needs the name of one; without it SeveralLayers is raised.
    """
    name = Path(path).name
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        dataset = gdal.OpenEx(f"/vsizip/{path}" if path.lower().endswith(".zip") else path, gdal.OF_VECTOR)
        if dataset is None:
            raise AoiError(translate("Groundtrack", "“{}” cannot be opened as vector data.").format(name))
        return _of_layer(_one_layer(dataset, name, layer), name)
    finally:
        gdal.PopErrorHandler()


def is_geojson(path: Path) -> bool:
    """Whether a JSON file begins as GeoJSON does. Raises OSError."""
    kinds = "Feature|FeatureCollection|Polygon|MultiPolygon|GeometryCollection"
    with path.open(encoding="utf-8", errors="replace") as file:
        return re.match(rf'\s*{{\s*"type"\s*:\s*"(?:{kinds})"', file.read(200)) is not None


def of_long_geojson(text: str) -> Aoi:
    """GeoJSON read by GDAL, which lets others work meanwhile. Raises AoiError."""
    place = f"/vsimem/{uuid.uuid4().hex}.geojson"
    gdal.FileFromMemBuffer(place, text.encode())
    try:
        return of_file(place)
    finally:
        gdal.Unlink(place)


def of_long_wkt(text: str) -> Aoi:
    """One polygon or multipolygon in degrees, read by GDAL for the same reason. Raises AoiError."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        shape = ogr.CreateGeometryFromWkt(text)
        if shape is None:
            raise AoiError(translate("Groundtrack", "The text is not a polygon in WKT, such as POLYGON((10 50, 11 50, 11 51, 10 50))."))
        return from_wkb(_as_wkb(shape, None, ""))
    finally:
        gdal.PopErrorHandler()


def _one_layer(dataset: Any, name: str, wanted: str) -> Any:
    layers = [dataset.GetLayer(index) for index in range(dataset.GetLayerCount())]
    found = [layer for layer in layers if _kind(layer) in _SURFACES] or [layer for layer in layers if _kind(layer) in _MIXED]
    if not found:
        raise AoiError(translate("Groundtrack", "“{}” has no polygons.").format(name))
    chosen = [layer for layer in found if layer.GetName() == wanted] or found
    if len(chosen) > 1:
        raise SeveralLayers([layer.GetName() for layer in found])
    return chosen[0]


def _kind(layer: Any) -> int:
    return int(ogr.GT_Flatten(layer.GetGeomType()))


def _of_layer(layer: Any, name: str) -> Aoi:
    transform = _to_degrees(layer, name)
    polygons: List[Polygon] = []
    corners = 0
    for shape in _shapes(layer):
        data = _as_wkb(shape, transform, name)
        corners += len(data) // 16
        refuse_too_many(corners)
        polygons += from_wkb(data).polygons
    if not polygons:
        raise AoiError(translate("Groundtrack", "“{}” has no polygons.").format(name))
    return Aoi(tuple(polygons))


def _shapes(layer: Any) -> Iterator[Any]:
    layer.ResetReading()
    feature = layer.GetNextFeature()
    while feature is not None:
        shape = feature.GetGeometryRef()
        if shape is not None and not shape.IsEmpty():
            yield shape
        feature = layer.GetNextFeature()


def _to_degrees(layer: Any, name: str) -> Any:
    """The way from the layer's CRS; None when it is in degrees. A file that names no CRS is taken for degrees if it looks like it."""
    source = layer.GetSpatialRef()
    if source is None:
        west, east, south, north = layer.GetExtent()
        if max(abs(west), abs(east)) <= 360 and max(abs(south), abs(north)) <= 90:
            return None
        raise AoiError(translate("Groundtrack", "“{}” does not tell its CRS. Add it to the project and set the CRS there.").format(name))
    wgs84 = osr.SpatialReference()
    wgs84.ImportFromEPSG(4326)
    for crs in (source, wgs84):
        crs.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    if source.IsSame(wgs84):
        return None
    transform = osr.CreateCoordinateTransformation(source, wgs84)
    if transform is None:
        raise AoiError(translate("Groundtrack", "The CRS of “{}” has no place on earth. Georeference it first.").format(name))
    return transform


def _as_wkb(shape: Any, transform: Any, name: str) -> bytes:
    straight = shape.GetLinearGeometry() if shape.HasCurveGeometry() else shape.Clone()
    straight.FlattenTo2D()
    if transform is not None and straight.Transform(transform) != 0:
        text = translate("Groundtrack", "“{}” cannot be converted to longitude and latitude: it lies outside the range of its CRS.")
        raise AoiError(text.format(name))
    return bytes(straight.ExportToWkb(ogr.wkbNDR))
