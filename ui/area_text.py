"""Areas as text: GeoJSON, WKT, bounding boxes in the notations people copy from maps, tools and addresses.

Everything is longitude and latitude in degrees, unless the text names its CRS (`SRID=…;`, `[EPSG:…]`, a GeoJSON `crs`).
"""

from __future__ import annotations

import json
import re
from typing import Any, List, Mapping, Optional, Tuple

from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransformContext, QgsGeometry, QgsWkbTypes

from ..aoi import Aoi, AoiError, from_bounds, from_geojson, from_wkb, from_wkt
from ..aoi_repairs import as_seen
from .words import translate

Bounds = Tuple[float, float, float, float]

_NUMBER = r"[-+−]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
_MINUTES, _SECONDS = r"(\d+(?:\.\d+)?)\s*['′’m]", r"(\d+(?:\.\d+)?)\s*(?:\"|″|”|''|s)"
_ANGLE = re.compile(rf"({_NUMBER})\s*(?:[°d]\s*(?:{_MINUTES}\s*)?(?:{_SECONDS}\s*)?)?([NSEWO])?(?![A-Za-z])")
_LETTERS = re.compile(r"([NSEWO])\s*(\d)")
_SIDES = {
    "west": "west", "w": "west", "xmin": "west", "minx": "west", "left": "west", "minlon": "west", "lonmin": "west", "ulx": "west",
    "south": "south", "s": "south", "ymin": "south", "miny": "south", "bottom": "south", "minlat": "south", "latmin": "south",
    "east": "east", "e": "east", "xmax": "east", "maxx": "east", "right": "east", "maxlon": "east", "lonmax": "east", "lrx": "east",
    "north": "north", "n": "north", "ymax": "north", "maxy": "north", "top": "north", "maxlat": "north", "latmax": "north",
}  # fmt: skip
_NAMED = re.compile(rf"[\"']?\b([A-Za-z]+)(?:_?(?:[A-Za-z]+))?[\"']?\s*[=:]\s*[\"']?({_NUMBER})")
_SHAPE = re.compile(r"\s*(?:(?:MULTI)?(?:POINT|LINESTRING|CURVE|SURFACE)|CURVEPOLYGON|COMPOUNDCURVE|CIRCULARSTRING|GEOMETRYCOLLECTION)\b",
                    re.IGNORECASE)  # fmt: skip
_ADDRESS = re.compile(rf"^\S+[?&#](?:\S*&)?(?:bbox|extent)=((?:{_NUMBER}(?:,|%2C)){{3}}{_NUMBER})(?:(?:,|%2C)(\S*?(?:EPSG|epsg)[^&\s]*))?")
_CRS = re.compile(r"\[?\b(?:EPSG|SRID)\s*(?::{1,2}|=|/0/)\s*(\d+)\s*\]?\s*;?", re.IGNORECASE)


def from_text(text: str) -> Aoi:
    """The area that a text tells. Raises AoiError with a sentence that says what is wrong with it."""
    found = _from_text(text)
    if not found.polygons:
        raise AoiError(translate("Groundtrack", "The text is an area without any polygon. Copy one that has some."))
    return found


def _from_text(text: str) -> Aoi:
    stripped = text.strip()
    if not stripped:
        raise AoiError(translate("Groundtrack", "The clipboard holds no text. Copy a polygon or a bounding box."))
    if stripped[0] in "{[" and not re.fullmatch(r"\[[^\[{\]]*\]", stripped):
        return _from_json(stripped)
    address = _ADDRESS.match(stripped)
    if address:
        code = re.search(r"(\d+)$", address.group(2) or "")
        crs = f"EPSG:{code.group(1)}" if code else ""
        numbers = address.group(1).replace("%2C", ",")
        return _in_degrees(_rectangle(_box(numbers, False, degrees=_is_degrees(crs))), crs)
    code = _CRS.search(stripped)
    plain = (stripped[: code.start()] + stripped[code.end() :]).strip() if code else stripped
    crs = f"EPSG:{code.group(1)}" if code else ""
    if _SHAPE.match(plain):
        return _in_degrees(_from_any_wkt(plain), crs)
    if re.search(r"\b(MULTI)?POLYGON", plain, re.IGNORECASE):
        return _in_degrees(_from_wkt_lines(plain), crs)
    return _in_degrees(_rectangle(_box(plain, bool(code and "[" in code.group()), degrees=_is_degrees(crs))), crs)


def _rectangle(bounds: Bounds) -> Aoi:
    return as_seen(from_bounds(*bounds))


def _from_any_wkt(text: str) -> Aoi:
    """The polygons of a collection, and surfaces with curved edges."""
    shape = QgsGeometry.fromWkt(text)
    if QgsWkbTypes.isCurvedType(shape.wkbType()):
        shape = QgsGeometry(shape.constGet().segmentize())
    found = from_wkb(shape.asWkb().data()) if not shape.isEmpty() else Aoi(())
    if not found.polygons and not shape.isEmpty():
        kind = QgsWkbTypes.displayString(shape.wkbType())
        raise AoiError(translate("Groundtrack", "An area must be made of polygons, not {}.").format(kind))
    if not found.polygons:
        raise AoiError(translate("Groundtrack", "The text is not a polygon in WKT, such as POLYGON((10 50, 11 50, 11 51, 10 50))."))
    return found


def _from_json(text: str) -> Aoi:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise AoiError(translate("Groundtrack", "The text starts like JSON, but it is not complete. Copy all of it.")) from None
    if isinstance(data, list) and data and isinstance(data[0], Mapping):
        data = {"type": "FeatureCollection", "features": data}
    if _depth(data) == 2 and len(data) == 2:  # two corners
        return _rectangle(_ordered(_of_list([*data[0][:2], *data[1][:2]])))
    if isinstance(data, list):
        data = {"type": "MultiPolygon" if _depth(data) == 4 else "Polygon", "coordinates": data if _depth(data) > 2 else [data]}
    if "type" not in data:
        return _rectangle(_ordered(_named(text) or _of_list(data.get("bbox") or data.get("extent"))))
    return _in_degrees(from_geojson(data), _named_crs(data))


def _depth(value: Any) -> int:
    return 1 + _depth(value[0]) if isinstance(value, list) and value else 0


def _of_list(value: Any) -> Optional[Bounds]:
    if isinstance(value, list) and len(value) in (4, 6) and all(isinstance(item, (int, float)) for item in value):
        half = len(value) // 2  # six numbers have heights
        return float(value[0]), float(value[1]), float(value[half]), float(value[half + 1])
    return None


def _named_crs(data: Mapping[str, Any]) -> str:
    crs = data.get("crs")
    name = str(crs.get("properties", {}).get("name", "")) if isinstance(crs, Mapping) else ""
    code = re.search(r"EPSG:+(?:[\d.]*:)?(\d+)$", name, re.IGNORECASE)
    return f"EPSG:{code.group(1)}" if code else ""


def _from_wkt_lines(text: str) -> Aoi:
    """One text over several lines, or a table with a polygon at the start of each line, as QGIS copies features."""
    try:
        return from_wkt(text)
    except AoiError:
        lines = [line.split("\t")[0].strip("\"' ") for line in text.splitlines() if "POLYGON" in line.upper()]
        if len(lines) < 2 and "\t" not in text:
            raise
    return Aoi(tuple(polygon for line in lines for polygon in from_wkt(line).polygons))


def _box(text: str, pairs_of_axes: bool, *, degrees: bool) -> Bounds:
    """Four bounds in any notation; `pairs_of_axes` is QGIS's extent: xmin, xmax, ymin, ymax."""
    named = _named(text)
    if named:
        return _ordered(named, degrees)
    envelope = re.match(r"\s*ENVELOPE\s*\(", text, re.IGNORECASE)  # west, east, north, south
    body = re.sub(r"^\s*(?:BBOX|BOX|BOX2D|BOX3D|ENVELOPE|EXTENT|RECT\w*|ST_MakeEnvelope|bounds|bbox)\s*[=:]?\s*(?=[(\[\d+-])", "", text,
                  flags=re.IGNORECASE).strip("()[] \t;")  # fmt: skip
    numbers, letters = _angles(body)
    if len(numbers) != 4:
        raise AoiError(_not_four(len(numbers), text))
    if letters.count("") == 0:
        return _ordered(_by_letters(numbers, letters), degrees)
    first, second, third, fourth = numbers
    if envelope:
        return _ordered((first, fourth, second, third), degrees)
    return _ordered((first, third, second, fourth) if pairs_of_axes else (first, second, third, fourth), degrees)


def _named(text: str) -> Optional[Bounds]:
    found = {_SIDES[_key(match)]: _float(match.group(2)) for match in _NAMED.finditer(text) if _key(match) in _SIDES}
    return (found["west"], found["south"], found["east"], found["north"]) if len(found) == 4 else None


def _key(match: Any) -> str:
    return re.split(r"[=:]", match.group())[0].strip("\"' ").replace("_", "").lower()


def _angles(text: str) -> Tuple[List[float], List[str]]:
    """Numbers with the letter of their direction; decimal commas where something else parts the numbers."""
    if ";" in text or re.fullmatch(r"\s*(?:[-+−]?\d+,\d+[°\sNSEWO]*\s+){3}[-+−]?\d+,\d+[°\sNSEWO]*", text):
        text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    if _LETTERS.match(text.strip()):  # the letters stand before their numbers
        text = re.sub(r"([NSEWO])\s*([^NSEWO,;]+?)\s*(?=[NSEWO,;]|$)", r"\2\1 ", text)
    rest = _ANGLE.sub("", text)
    if re.search(r"\w", rest):
        return [], []
    numbers, letters = [], []
    for whole, minutes, seconds, letter in _ANGLE.findall(text):
        size = abs(_float(whole)) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
        numbers.append(-size if whole[0] in "-−" or letter in ("S", "W") else size)
        letters.append(letter)
    return numbers, letters


def _by_letters(numbers: List[float], letters: List[str]) -> Bounds:
    """Longitudes and latitudes told apart by their letters, in whatever order."""
    lons = [number for number, letter in zip(numbers, letters) if letter in "EWO"]
    lats = [number for number, letter in zip(numbers, letters) if letter in "NS"]
    if len(lons) != 2:
        raise AoiError(translate("Groundtrack", "A bounding box has two longitudes (W or E) and two latitudes (S or N)."))
    return lons[0], min(lats), lons[1], max(lats)


def _ordered(bounds: Optional[Bounds], degrees: bool = True) -> Bounds:
    """West, south, east, north that make sense; across the 180° meridian east is counted on beyond 180."""
    if bounds is None:
        raise AoiError(_not_an_area())
    west, south, east, north = bounds
    if degrees and (abs(south) > 90 or abs(north) > 90):
        swapped = abs(west) <= 90 and abs(east) <= 90 and abs(south) <= 180 and abs(north) <= 180
        if swapped:
            raise AoiError(translate("Groundtrack", "The latitudes lie beyond 90°. Write longitude first: west, south, east, north."))
        text = translate("Groundtrack", "The numbers are no degrees. Add the CRS, as in “{}”.")
        raise AoiError(text.format("400000, 450000, 5700000, 5750000 [EPSG:32631]"))
    if south >= north:
        text = translate("Groundtrack", "The south ({}) does not lie below the north ({}). Write west, south, east, north.")
        raise AoiError(text.format(f"{south:g}", f"{north:g}"))
    if degrees and west >= east and west != east:
        return west, south, east + 360, north
    if west >= east:
        raise AoiError(translate("Groundtrack", "West and east are the same. Write west, south, east, north."))
    return west, south, east, north


def _in_degrees(area: Aoi, crs: str) -> Aoi:
    if _is_degrees(crs):
        return area
    from .area_reading import from_map

    known = QgsCoordinateReferenceSystem(crs)
    if not known.isValid():
        raise AoiError(translate("Groundtrack", "QGIS does not know the CRS {}.").format(crs))
    geometry = QgsGeometry()
    geometry.fromWkb(area.wkb())
    return from_map(geometry, known, QgsCoordinateTransformContext())


def _is_degrees(crs: str) -> bool:
    return crs in ("", "EPSG:4326", "EPSG:4979")


def _float(text: str) -> float:
    return float(text.replace("−", "-"))


def _not_four(number: int, text: str) -> str:
    if number and re.search(r"\d", text):
        told = translate("Groundtrack", "A bounding box has four numbers (west, south, east, north); the text has {}.")
        return told.format(number)
    return _not_an_area()


def _not_an_area() -> str:
    return translate(
        "Groundtrack", "The clipboard holds no area. Copy a polygon as GeoJSON or WKT, or a bounding box: west, south, east, north."
    )
