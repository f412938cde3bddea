"""Mapflow without a service: what would be refused, and what is only doubtful."""

from __future__ import annotations

from typing import Any

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers.base import Severity
from groundtrack.providers.mapflow import Mapflow
from groundtrack.providers.mapflow_ask import Known
from groundtrack.providers.mapflow_check import find
from groundtrack.providers.operation import Request
from support.mapflow import ACCOUNT, AREA, KNOWN, OURS


def found(aoi: Aoi = AREA, known: Known = KNOWN, **values: Any) -> dict[str, str]:
    """Messages that stop the request, by field."""
    request = Request("processing", {"model": "🏠 Buildings", **values}, aoi)
    return {p.field: p.message for p in find(Mapflow.fixed_operations[0], request, known, ACCOUNT) if p.severity is Severity.ERROR}


def warned(**values: Any) -> str:
    request = Request("processing", {"model": "🏠 Buildings", **values}, AREA)
    return " ".join(p.message for p in find(Mapflow.fixed_operations[0], request, KNOWN, ACCOUNT) if p.severity is Severity.WARNING)


@pytest.mark.parametrize(
    ("values", "field", "part"),
    [
        ({"model": "Lighthouses"}, "model", "no model “Lighthouses”"),
        ({"blocks": "Chimneys"}, "blocks", "no option “Chimneys”"),
        ({**OURS, "source": "mapbox"}, "source_url", "not both"),
        ({"source": "mapbox", "mosaic_id": "m"}, "mosaic_id", "not both"),
        ({"source_url": "ftp://x/{z}/{x}/{y}"}, "source_url", "must begin with"),
        ({"source_url": "https://x.test/{z}/{x}.png"}, "source_url", "lacks {y}"),
        ({"source_url": "https://x.test/{z}", "source_type": "QUADKEY"}, "source_url", "lacks {q}"),
        ({"source_url": "https://me:pw1234@x.test/{z}/{x}/{y}"}, "source_url", "account’s settings"),
        ({"inference_params": "[1]"}, "inference_params", "JSON object"),
        ({"meta": '{"a": {"b": 1}}'}, "meta", "flat JSON object"),
        ({"meta": "{"}, "meta", "not valid JSON"),
        ({"zoom": 23}, "zoom", "above"),
        ({"source": "fine"}, "", "at least 5 km²"),
        ({"model": ""}, "model", "missing"),
    ],
)
def test_what_would_be_refused_is_said_at_its_input(values: dict, field: str, part: str) -> None:
    assert part in found(**values)[field]


def test_sound_requests_have_no_problems_and_nothing_unknown_is_judged() -> None:
    for values in ({}, {"source": "mapbox", "zoom": 18}, OURS, {"mosaic_id": "m"}):
        assert found(**values) == {}
    assert found(known=Known(), model="Lighthouses", blocks="Chimneys") == {}


def test_doubts_are_warnings() -> None:
    assert "usually takes zooms from 17 to 19" in warned(zoom=20)
    assert "not among the imagery" in warned(source="unlisted")
    assert "takes zooms from 19 to 21" in warned(model="Solar panels", zoom=18)
    assert "seems to hold a key" in warned(source_url="https://x.test/{z}/{x}/{y}?access_token=1")
    assert "no meaning" in warned(mosaic_id="m", zoom=18)
    assert "only the images" in warned(mosaic_id="m", image_ids="a")


def test_limits_count_the_whole_area_and_the_box_of_each_part() -> None:
    wide = from_bounds(4.0, 51.0, 4.1, 51.05)
    assert "at most 25 km²" in found(wide)[""]
    thin = Aoi(((((4.0, 51.0), (4.1, 51.0501), (4.1, 51.05), (4.0, 51.0)),),))
    assert "box around" in found(thin)[""]
    for area in (wide, thin):
        request = Request("processing", {"model": "🏠 Buildings"}, area)
        (problem,) = (p for p in find(Mapflow.fixed_operations[0], request, KNOWN, ACCOUNT) if p.code == "too_large")
        pieces = problem.repair.apply(request)
        assert sum(piece.aoi.area_km2 for piece in pieces) == pytest.approx(area.area_km2, rel=0.02)
        assert [found(piece.aoi) for piece in pieces] == [{}] * len(pieces)
