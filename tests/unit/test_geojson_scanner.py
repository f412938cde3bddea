"""Features come out of the text exactly as they went in, wherever the blocks are cut."""

from __future__ import annotations

import json

import pytest
from groundtrack.results.errors import ResultError
from groundtrack.results.members import members
from groundtrack.results.scanner import FeatureScanner
from hypothesis import given
from hypothesis import strategies as st

NASTY = st.text(alphabet=st.sampled_from('{}[]":,\\\n\t é€😀ab"features"/'), max_size=12)
NUMBERS = st.one_of(st.integers(-(10**6), 10**6), st.floats(width=32))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, NASTY),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NASTY, inner, max_size=4)),
    max_leaves=12,
)
FEATURES = st.fixed_dictionaries({"type": st.just("Feature"), "geometry": VALUES, "properties": VALUES})
MEMBERS = st.dictionaries(NASTY.filter(lambda name: name != "features"), VALUES, max_size=3)


def scan(text: bytes, cuts: list[int]) -> list[bytes]:
    scanner = FeatureScanner()
    found, start = [], 0
    for cut in [*sorted(cuts), len(text)]:
        found += scanner.feed(text[start:cut])
        start = max(start, cut)
    return found + scanner.finish()


def same(left: object, right: object) -> bool:
    return json.dumps(left) == json.dumps(right)  # NaN is not equal to itself


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, list[object]]:
    features = draw(st.lists(FEATURES, max_size=5))
    before, after = draw(MEMBERS), draw(MEMBERS)
    document = {**before, "features": features, **{k: v for k, v in after.items() if k not in before}, "type": "FeatureCollection"}
    form = draw(st.sampled_from(["collection", "array", "feature"] if features else ["collection", "feature"]))
    whole = document if form == "collection" else features
    if form == "feature":
        features = [{**draw(FEATURES), "geometry": {"type": "Point", "coordinates": [0, 0]}}]
        whole = features[0]
    text = json.dumps(whole, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from([None, 1])))
    start = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n", b"\xef\xbb\xbf\n"]))
    return start + text.encode() + draw(st.sampled_from([b"", b"\n", b" \r\n\n"])), features


@given(documents(), st.data())
def test_any_json_cut_anywhere_gives_the_same_features(document: tuple[bytes, list[object]], data: st.DataObject) -> None:
    text, features = document
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    found = [json.loads(piece) for piece in scan(text, cuts)]
    assert same(found, features)


@given(documents())
def test_byte_by_byte(document: tuple[bytes, list[object]]) -> None:
    text, features = document
    assert same([json.loads(piece) for piece in scan(text, list(range(len(text))))], features)


@given(documents(), st.data())
def test_a_cut_off_document_is_never_taken_for_whole(document: tuple[bytes, list[object]], data: st.DataObject) -> None:
    text = document[0].strip()
    end = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ResultError):
        scan(text[:end], [])


@given(st.dictionaries(NASTY, VALUES, max_size=6), st.sampled_from([None, 2]))
def test_members_are_the_objects_own(content: dict[str, object], indent: int | None) -> None:
    split = members(json.dumps(content, indent=indent).encode())
    assert same({json.loads(b'"%b"' % name): json.loads(value) for name, value in split.items()}, content)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"a"}', '{"a":}', '{"a":1', '{"a":1,}', '{"a":[1}', '{"a":1 "b":2}', '{"a":nope}', '{"a":"x}']
)
def test_members_of_a_broken_object(text: str) -> None:
    with pytest.raises(ValueError):
        members(text.encode())


def test_a_block_that_ends_in_the_middle_of_an_escape() -> None:
    text = rb'[{"type":"Feature","a":"\\\\\"}{","b":"\\"}]'
    whole = [text[1:-1]]
    assert all(scan(text, [first, second]) == whole for first in range(len(text)) for second in range(first, len(text)))


def test_features_are_handed_out_as_soon_as_they_are_complete() -> None:
    scanner = FeatureScanner()
    assert scanner.feed(b'{"type":"FeatureCollection","features":[{"a":1},{"b"') == [b'{"a":1}']
    assert scanner.feed(b':2}') == [b'{"b":2}']
    assert scanner.feed(b"]}") == []
    assert scanner.finish() == []


def test_lists_beside_the_features_are_not_features() -> None:
    text = b'{"links":[{"href":"x"}],"nested":{"features":[{"no":1}]},"features" :\n [{"yes":1}],"more":[{"no":2}],"type":"x"}'
    assert scan(text, []) == [b'{"yes":1}']


@pytest.mark.parametrize(
    "text",
    [
        b'{"type":"FeatureCollection","features":[]}',
        b'{"features" : [ ], "name":"x", "type" : "FeatureCollection"}',
        b'{"links":[1],"type":"FeatureCollection","bbox":[1,2,3,4],"features":[\n]}\n',
    ],
)
def test_a_collection_may_be_empty(text: bytes) -> None:
    for cuts in ([], list(range(len(text)))):
        assert scan(text, cuts) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty file"),
        (b" \n ", "empty file"),
        (b"<html><body>502 {}</body></html>", "not GeoJSON"),
        (b"PK\x03\x04{}{}", "not GeoJSON"),
        (b'"features"', "not GeoJSON"),
        (b"[]", "no features"),
        (b'{"type":"Feature"}', "no features"),
        (b'{"type":"Feature","geometry":null}', "no features"),
        (b'{"features":[]}', "no features"),
        (b'{"features":[],"type":"Page"}', "no features"),
        (b'{"type":"FeatureCollection"}', "no features"),
        (b'{"message":"Not Found"}', "no features"),
        (b'{"type":"FeatureCollection","features":null}', "no features"),
        (b'{"type":"FeatureCollection","features":[{"type":"Feature"}', "incomplete"),
        (b'{"features":[]}}', "damaged"),
        (b'{"features":[]} {"features":[]}', "damaged"),
        (b'{"features":[]} and more', "damaged"),
    ],
)
def test_what_is_no_geojson_says_so(text: bytes, words: str) -> None:
    for cuts in ([], list(range(len(text)))):
        with pytest.raises(ResultError, match=words):
            scan(text, cuts)


def test_a_huge_text_without_features_is_given_up_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundtrack.results.scanner._LARGEST_HEAD", 5000)
    scanner = FeatureScanner()
    scanner.feed(b'{"rows":"')
    for _ in range(4):
        assert scanner.feed(b"x" * 1000) == []
    with pytest.raises(ResultError, match="no features"):
        scanner.feed(b"x" * 1000)
