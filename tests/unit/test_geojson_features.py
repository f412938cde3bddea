"""The quick way to a clean feature and the thorough one lead to the same feature."""

from __future__ import annotations

import json
from typing import Any

import pytest
from groundtrack.results.features import FeatureCleaner
from groundtrack.results.tables import GENERIC
from hypothesis import given
from hypothesis import strategies as st
from support.geojson import CHANGE, SQUARE, feature

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=9))
VALUES = st.one_of(SCALARS, SCALARS, SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))
NAMES = st.one_of(st.sampled_from(["id", "type", "geometry", "upper_chart", "area"]), st.text(max_size=4))
LINE, POINT = {"type": "LineString", "coordinates": [[0, 1e-7], [1.5, -2]]}, {"type": "Point", "coordinates": [1, 2, 3]}
SHAPES = st.sampled_from([SQUARE, LINE, POINT])


@st.composite
def features(draw: st.DrawFn) -> bytes:
    members = {"type": "Feature", "properties": draw(st.dictionaries(NAMES, VALUES, max_size=5)), "geometry": draw(SHAPES)}
    if draw(st.booleans()):
        members["id"] = draw(st.one_of(st.none(), st.integers(0, 10**20), st.text(max_size=3)))
    order = draw(st.permutations(list(members)))
    separators = draw(st.sampled_from([None, (",", ":"), (" ,\n", " : ")]))
    return json.dumps({name: members[name] for name in order}, ensure_ascii=draw(st.booleans()), separators=separators).encode()


def meaning(text: bytes) -> tuple[str, list[Any]]:
    """Attributes and shape, less what a table does not tell apart: the member `id` null, which is no attribute."""
    found = json.loads(text)
    attributes = {name: value for name, value in (found["properties"] or {}).items() if name != "id" or value is not None}
    return json.dumps(attributes), found["geometry"]


@given(features())
def test_both_ways_give_the_same(text: bytes) -> None:
    for spec in (GENERIC, CHANGE):
        quick, thorough = FeatureCleaner(spec), FeatureCleaner(spec)
        kept, taken_apart = quick._kept(text), thorough._taken_apart(text)
        assert taken_apart is not None
        if kept is not None:
            assert kept.side == taken_apart.side == b""
            assert meaning(kept.text) == meaning(taken_apart.text)
            assert quick.geometries == thorough.geometries


@pytest.mark.parametrize("more", [{}, {"id": 5}, {"id": "a"}, {"id": None}])
def test_what_services_usually_send_goes_the_quick_way(more: dict[str, Any]) -> None:
    usual = {**more, **feature(a=1, b="x", c=1.5, d=True, e=None)}
    assert FeatureCleaner(GENERIC)._kept(json.dumps(usual).encode()) is not None
    assert FeatureCleaner(CHANGE)._kept(json.dumps({**usual, "properties": {"upper_chart": 1}}).encode()) is None
