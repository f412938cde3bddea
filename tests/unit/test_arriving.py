"""A result becomes a table while it arrives: the same table as later, and nothing half made wherever it is cut off."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import Cancelled
from groundtrack.results import arriving, batches, growing_table, growth, table_maker, table_process
from groundtrack.results.arriving import ArrivingTable
from groundtrack.results.charts import charts_path, read_chart
from groundtrack.results.geojson import convert
from groundtrack.results.tables import GENERIC, TableSpec
from osgeo import ogr
from support.geojson import CHANGE, MULTI, collection, feature

STEP = 2000


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little text in many pieces, in this process: another one would not know of these sizes."""
    monkeypatch.setattr(table_process, "interpreter", lambda: None)
    monkeypatch.setattr(arriving, "LEAST", 1)
    monkeypatch.setattr(arriving, "LEAST_HERE", 1)
    monkeypatch.setattr(growth, "_BLOCK", 2500)
    monkeypatch.setattr(batches, "MOST", 20)
    monkeypatch.setattr(growing_table, "BULK", 60)


class Delivery:
    """A file that grows, and who reads along."""

    def __init__(self, folder: Path, spec: TableSpec = GENERIC) -> None:
        self.target = folder / "result.geojson"
        self.part = folder / "result.geojson.part"
        self.table = folder / "result.gpkg"
        self.spec = spec
        self.reader = ArrivingTable(self.target, spec)

    def bring(self, text: bytes, upto: int | None = None) -> None:
        """Let the file grow step by step."""
        with self.part.open("wb") as file:
            for start in range(0, len(text[:upto]), STEP):
                file.write(text[start : start + STEP])
                file.flush()
                self.reader.grown(self.part, file.tell())

    def end(self) -> bool:
        """The last byte has come. Whether a table was made."""
        self.reader.catch_up(Cancel(), lambda: None)
        self.part.rename(self.target)
        self.reader.placed()
        self.reader.stop()
        return self.table.exists()

    def left(self) -> list[str]:
        """What is half made."""
        return [path.name for path in self.table.parent.iterdir() if "arriving" in path.name]

    def rows(self, path: Path | None = None) -> list[Any]:
        layer = (dataset := ogr.Open(str(path or self.table))).GetLayer(0)
        assert dataset is not None
        return [(row.GetFID(), row.items(), row.geometry().ExportToWkt()) for row in layer]

    def schema(self, path: Path | None = None) -> list[Any]:
        layer = (dataset := ogr.Open(str(path or self.table))).GetLayer(0)
        assert dataset is not None
        fields = [layer.GetLayerDefn().GetFieldDefn(index) for index in range(layer.GetLayerDefn().GetFieldCount())]
        shape = (layer.GetName(), layer.GetGeomType(), layer.GetFIDColumn(), layer.GetGeometryColumn(), layer.GetExtent())
        return [*shape, layer.GetFeatureCount(), [(field.GetName(), field.GetTypeName(), field.GetSubType()) for field in fields]]

    def converted(self) -> Path:
        """The table made afterwards."""
        other = self.target.with_name("after.gpkg")
        convert(self.target, other, self.spec, progress=lambda share: None, cancelled=lambda: False)
        return other


@pytest.fixture
def delivery(tmp_path: Path) -> Iterator[Delivery]:
    made = Delivery(tmp_path)
    yield made
    made.reader.stop()


def square(n: int) -> dict[str, Any]:
    west, south = n % 40 * 0.1, n // 40 * 0.1
    return {"type": "Polygon", "coordinates": [[[west, south], [west + 0.05, south], [west + 0.05, south + 0.05], [west, south]]]}


def text_of(*features: dict[str, Any]) -> bytes:
    return json.dumps(collection(*features)).encode()


MANY = [feature(square(n), n=n, kind="abc"[n % 3], share=n / 7, on=n % 2 == 0) for n in range(600)]


def test_the_table_is_the_one_that_would_be_made_later(delivery: Delivery) -> None:
    delivery.bring(text_of(*MANY))
    assert delivery.end()
    later = delivery.converted()
    assert delivery.rows() == delivery.rows(later)
    assert delivery.schema() == delivery.schema(later)
    assert {path.name for path in delivery.table.parent.iterdir()} == {"result.geojson", "result.gpkg", "after.gpkg"}


def test_the_index_is_whole_found_by_and_kept_up(delivery: Delivery) -> None:
    delivery.bring(text_of(*MANY))
    assert delivery.end()
    dataset = ogr.Open(str(delivery.table), 1)
    layer = dataset.GetLayer(0)
    assert layer.TestCapability(ogr.OLCFastSpatialFilter)
    layer.SetSpatialFilterRect(1.01, 0.51, 1.04, 0.54)
    assert [row["n"] for row in layer] == [5 * 40 + 10]
    layer.SetSpatialFilter(None)
    layer.DeleteFeature(1)
    added = ogr.Feature(layer.GetLayerDefn())
    added.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON((50 50,51 50,51 51,50 50))"))
    layer.CreateFeature(added)
    layer.SetSpatialFilterRect(50, 50, 51, 51)
    assert layer.GetFeatureCount() == 1
    layer = dataset = None
    with closing(sqlite3.connect(delivery.table)) as database:
        assert database.execute("SELECT rtreecheck('rtree_features_geom')").fetchone() == ("ok",)
        assert database.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone() == (600,)


@pytest.mark.parametrize("count", [1, 2, 51, 52, 53])
def test_an_index_of_few_leaves(delivery: Delivery, count: int) -> None:
    delivery.bring(text_of(*MANY[:count]))
    assert delivery.end()
    with closing(sqlite3.connect(delivery.table)) as database:
        assert database.execute("SELECT rtreecheck('rtree_features_geom')").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM rtree_features_geom WHERE maxx >= 0").fetchone() == (count,)


@pytest.mark.parametrize(
    "odd",
    [
        [feature(square(900), n=2**40)], [feature(square(900), n=2.5)], [feature(square(900), n=2**70)], [feature(square(900), on=7)],
        [feature(square(900), n=None, kind=None)], [feature(square(900), later="2025-01-02")], [feature(square(900), n={"a": [1, None]})],
        [feature(square(900), share=float("nan"))], [feature(square(900), kind=["x", "y"])], [feature(MULTI, n=1)],
        [feature(None, n=1), feature({"type": "Polygon", "coordinates": [[[0, "x"], [1, 0]]]}, n=2)],
        [{**feature(square(900), n=3), "id": 5}], [feature(square(900), kind="x" * 40_000)],
    ],
    ids=lambda odd: json.dumps(odd[-1])[:60],
)
@pytest.mark.parametrize("place", [0, 590])
def test_what_is_unusual_leads_to_the_same_table(delivery: Delivery, odd: list[dict[str, Any]], place: int) -> None:
    delivery.bring(text_of(*MANY[:place], *odd, *MANY[place:]))
    delivery.end()
    later = delivery.converted()
    made = delivery.table if delivery.table.exists() else later
    assert delivery.rows(made) == delivery.rows(later)
    before, after = delivery.schema(made), delivery.schema(later)
    assert (before[:-1], sorted(before[-1])) == (after[:-1], sorted(after[-1]))


def test_a_value_that_does_not_fit_leaves_the_table_to_the_conversion_afterwards(delivery: Delivery) -> None:
    delivery.bring(text_of(*MANY, feature(square(900), n="many")))
    assert not delivery.end()
    assert delivery.left() == []
    assert delivery.schema(delivery.converted())[-1][0] == ("n", "String", ogr.OFSTNone)


def test_sentences_about_the_result_stay_with_the_table(delivery: Delivery) -> None:
    odd = (feature(None, n=1), feature({"type": "Polygon", "coordinates": [[[0, "x"], [1, 0]]]}, n=2))
    delivery.bring(text_of(*MANY[:300], *odd, *MANY[300:]))
    assert delivery.end()
    assert ogr.Open(str(delivery.table)).GetLayer(0).GetMetadataItem("DESCRIPTION") == (
        "2 of 602 features have no usable shape and were left out."
    )


def test_bulky_values_go_to_the_side_file(tmp_path: Path) -> None:
    delivery = Delivery(tmp_path, CHANGE)
    chart = {"series": list(range(30))}
    delivery.bring(text_of(*(feature(square(n), deviation=n / 600, upper_chart=chart if n % 2 else {"n": n}) for n in range(600))))
    assert delivery.end()
    assert [read_chart(delivery.table, fid) for fid in (1, 600)] == [{"upper_chart": {"n": 0}}, {"upper_chart": chart}]
    charts_path(delivery.table).unlink()
    assert delivery.rows() == delivery.rows(delivery.converted())


def test_a_file_that_begins_again_is_read_again(delivery: Delivery) -> None:
    text = text_of(*(feature(square(n), old=n) for n in range(600)))
    delivery.bring(text, upto=len(text) // 2)
    delivery.bring(text_of(*MANY))
    assert delivery.end()
    assert [values["n"] for _, values, _ in delivery.rows()] == list(range(600))


@pytest.mark.parametrize("text", [text_of(*MANY)[:-50], b"[" + b"<html>" * 2000, b'{"features":[]}', text_of(*MANY) + b"{}"])
def test_what_is_no_whole_result_makes_no_table(delivery: Delivery, text: bytes) -> None:
    delivery.bring(text)
    assert not delivery.end()
    assert delivery.left() == []


def test_what_is_small_is_left_alone(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arriving, "LEAST", 10**9)
    delivery.bring(text_of(*MANY))
    assert delivery.reader.behind == 0
    assert not delivery.end()


def test_a_disk_without_room_is_left_to_the_download(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_maker, "ROOM", 2**70)
    delivery.bring(text_of(*MANY))
    assert not delivery.end()


def test_stopping_takes_away_what_was_begun(delivery: Delivery) -> None:
    text = text_of(*MANY)
    delivery.bring(text, upto=len(text) // 2)
    delivery.reader.stop()
    assert delivery.reader._done.wait(30)
    assert delivery.left() == []
    assert not delivery.table.exists()


def test_a_person_who_cancels_does_not_wait_for_the_table(delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    blocks = growth.Growth.blocks
    monkeypatch.setattr(growth.Growth, "blocks", lambda self: held.wait(30) and blocks(self))
    delivery.bring(text_of(*MANY))
    cancel, told = Cancel(), threading.Event()
    threading.Thread(target=lambda: told.wait(30) and (cancel.set(), held.set())).start()
    with pytest.raises(Cancelled):
        delivery.reader.catch_up(cancel, told.set)
    assert not delivery.table.exists()


def test_what_a_crash_left_is_swept_away(delivery: Delivery) -> None:
    folder = delivery.table.with_name(".result-arriving-x1")
    folder.mkdir()
    (folder / "table.gpkg").write_bytes(b"half of it")
    other = delivery.table.with_name(".result-2-arriving-x1")
    other.mkdir()
    delivery.bring(text_of(*MANY))
    assert delivery.end()
    assert len(delivery.rows()) == 600
    assert delivery.left() == [other.name]
