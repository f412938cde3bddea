"""Whatever a result holds, the table that is made while it arrives is the one that would be made of it later."""

from __future__ import annotations

import json
import random
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundtrack.results import batches, growing_table, growth
from groundtrack.results.charts import charts_path
from groundtrack.results.errors import ResultError
from groundtrack.results.families import specs_in, take_apart
from groundtrack.results.geojson import convert
from groundtrack.results.growth import Growth
from groundtrack.results.table_maker import CHARTS, TABLE, make_table
from groundtrack.results.tables import GENERIC, TableSpec
from osgeo import gdal, ogr
from support.geojson import CHANGE, collection, feature
from support.geojson_random import document, line, multipolygon, polygon

MANY, ROUND = 60, 30  # features before and after what is odd


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growth, "_BLOCK", 1500)
    for module in (batches, growing_table):
        monkeypatch.setattr(module, "MOST", 7)
    monkeypatch.setattr(growing_table, "BULK", 14)


@pytest.fixture(autouse=True)
def _silent() -> Any:
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    yield
    gdal.PopErrorHandler()


class Both:
    """A text made into a table in both ways; None where there is none."""

    def __init__(self, folder: Path, text: bytes, spec: TableSpec = GENERIC) -> None:
        source = folder / "result.geojson"
        source.write_bytes(text)
        file = Growth()
        file.grown(str(source), len(text))
        file.complete()
        self.spec, self.along, self.after = spec, None, None
        try:
            make_table(file, folder / "work", spec, lambda size: None)
            self.along = folder / "along.gpkg"
            (folder / "work" / TABLE).rename(self.along)
            if (folder / "work" / CHARTS).exists():
                (folder / "work" / CHARTS).rename(charts_path(self.along))
        except Exception as problem:  # whatever it is, the table is made later
            self.why: object = problem
        try:
            convert(source, folder / "after.gpkg", spec, progress=lambda share: None, cancelled=lambda: False)
            self.after = folder / "after.gpkg"
        except ResultError as problem:
            self.why = problem

    def tell(self, path: Path) -> list[Any]:
        """All that is in a table: its columns, its rows as they are stored, what is known about it."""
        layer = (dataset := ogr.Open(str(path))).GetLayer(0)
        assert dataset is not None
        fields = [layer.GetLayerDefn().GetFieldDefn(index) for index in range(layer.GetLayerDefn().GetFieldCount())]
        told = [layer.GetGeomType(), layer.GetFIDColumn(), layer.GetGeometryColumn(), layer.GetFeatureCount()]
        told += [pytest.approx(layer.GetExtent(), rel=1e-9, abs=1e-9)] if path == self.after else [layer.GetExtent()]
        told += [(field.GetName(), field.GetTypeName(), field.GetSubType()) for field in fields]
        with closing(sqlite3.connect(path)) as database:
            database.text_factory = bytes
            told += database.execute(f'SELECT * FROM "{self.spec.layer}" ORDER BY 1').fetchall()
            index = f"rtree_{self.spec.layer}_{layer.GetGeometryColumn()}"
            told += [database.execute("SELECT rtreecheck(?)", (index,)).fetchone()]
        if charts_path(path).exists():
            with closing(sqlite3.connect(charts_path(path))) as database:
                told += [(fid, zlib.decompress(data)) for fid, data in database.execute("SELECT fid, data FROM charts ORDER BY fid")]
        return told

    def are_alike(self) -> bool:
        """What is left to later is right, too."""
        return self.along is None or (self.after is not None and self.tell(self.along) == self.tell(self.after))


@pytest.mark.parametrize("start", range(0, 300, 30))
def test_any_result_leads_to_the_same_table(tmp_path: Path, start: int) -> None:
    made = 0
    for seed in range(start, start + 30):
        folder = tmp_path / str(seed)
        folder.mkdir()
        both = Both(folder, document(seed), CHANGE if seed % 5 == 0 else GENERIC)
        assert both.are_alike(), seed
        made += both.along is not None
    assert made >= 5


def alike(number: int, coordinates: str = "", values: str = "") -> str:
    """A feature that is written like all others here."""
    corners = f"[[[{number}.5,1],[{number}.6,1],[{number}.6,2],[{number}.5,1]]]"
    return (
        f'{{"type":"Feature","properties":{{{values or f"{chr(34)}n{chr(34)}:{number}"}}},'
        f'"geometry":{{"type":"Polygon","coordinates":{coordinates or corners}}}}}'
    )


@pytest.mark.parametrize(
    "coordinates",
    [
        "[[[1,2],[3,4],[5,NaN],[1,2]]]", "[[[1,2],[3,4],[-Infinity,6],[1,2]]]", "[[[1,2],[3,4],[5,1e400],[1,2]]]", "[]", "[ ]", "[[]]",
        "[[[1,2],[3,4],[5,1 6],[1,2]]]", "[[[1,2],[3,4],[5,6],[1,2 3]]]", "[[[1,2],[3,4],[5,6],[1,2x]]]", "[[[1,2],[3,4],[5,6][1,2]]]",
        '[[[1,2],[3,"4"],[5,6],[1,2]]]', '[[[1,2],[3,4],[5,6],[1,2]]],"bbox":[1,2,3,4]', "[[[1,2,3],[3,4,3],[5,6,3],[1,2,3]]]",
    ],
)  # fmt: skip
def test_one_odd_shape_among_features_that_are_written_alike(tmp_path: Path, coordinates: str) -> None:
    features = [alike(number) for number in range(MANY)]
    for place in (MANY // 2, MANY - 1):
        folder = tmp_path / str(place)
        folder.mkdir()
        text = ",".join([*features[:place], alike(place, coordinates), *features[place:]])
        assert Both(folder, b'{"type":"FeatureCollection","features":[%b]}' % text.encode()).are_alike()


def test_a_text_ends_where_it_would_end_later(tmp_path: Path) -> None:
    features = [alike(number, values=r'"t":"ab\u0000c"' if number == MANY // 2 else '"t":"abc"') for number in range(MANY)]
    both = Both(tmp_path, b'{"type":"FeatureCollection","features":[%b]}' % ",".join(features).encode())
    assert both.along is not None
    assert both.are_alike()


def test_lines_that_follow_polygons_of_both_kinds_get_a_layer_of_their_own(tmp_path: Path) -> None:
    dice = random.Random(1)
    shapes = [*(make(dice) for make in (polygon, multipolygon) * ROUND), *(make(dice) for make in (polygon, line) * ROUND)]
    both = Both(tmp_path, json.dumps(collection(*(feature(shape, n=1) for shape in shapes))).encode())
    assert both.are_alike()
    made = both.along or both.after
    assert made is not None
    take_apart(made, GENERIC, lambda: False)
    assert [spec.layer for spec in specs_in(made, GENERIC)] == ["features_lines", "features"]


@pytest.mark.parametrize(
    "late",
    [{"n": 1, "m": 2, "new": 3}, {"n": 1, "new": 3, "m": 2}, {"new": 3, "n": 1, "m": 2}, {"n": 1, "new": 3}, {"m": 2, "n": 1}],
)
def test_columns_have_the_order_that_they_would_have_later(tmp_path: Path, late: dict[str, int]) -> None:
    dice = random.Random(2)
    features = [feature(polygon(dice), **values) for values in [{"n": 1, "m": 2}] * MANY + [late] * MANY]
    both = Both(tmp_path, json.dumps(collection(*features)).encode())
    assert both.are_alike()
    assert both.along is not None or list(late) != ["n", "m", "new"]
