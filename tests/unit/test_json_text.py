"""JSON of any size is read as Python's parser reads it, without stopping other threads for long."""

from __future__ import annotations

import json
import threading
import time

import pytest
from groundtrack.providers.json_text import SMALL, gentle_loads
from hypothesis import given
from hypothesis import strategies as st

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)


def padded(value: object, indent: int | None = None) -> str:
    """A text too long to be parsed in one go, which holds `value`."""
    return json.dumps({"filler": "x" * SMALL, "value": value}, indent=indent)


@given(VALUES)
def test_small_and_large_texts_give_the_same_values(value: object) -> None:
    assert gentle_loads(json.dumps(value)) == value
    assert gentle_loads(padded(value))["value"] == value
    assert gentle_loads(padded(value, indent=2))["value"] == value


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_are_none_become_none(word: str) -> None:
    assert gentle_loads(f'{{"a": {word}, "b": [1, {word}]}}') == {"a": None, "b": [1, None]}
    long = f'{{"filler": "{"x" * SMALL}", "a": [[[[{word}]]], {word}]}}'
    assert gentle_loads(long)["a"] == [[[[None]]], None]


@pytest.mark.parametrize("text", ["", "{", "[1,]", '{"a" 1}', '{"a": 1,}', "[1] 2", "{1: 2}", "[1 2]"])
def test_broken_texts_are_refused_at_any_size(text: str) -> None:
    with pytest.raises(ValueError):
        gentle_loads(text)
    with pytest.raises(ValueError):
        gentle_loads(" " * SMALL + text)


def test_empty_containers_and_top_level_arrays() -> None:
    blank = " " * (SMALL + 1)
    assert gentle_loads(f"{blank}[]{blank}") == []
    assert gentle_loads(f"{blank}{{}}") == {}
    assert gentle_loads(f'{blank}[{{}}, [], 1, "a"]') == [{}, [], 1, "a"]


def test_other_threads_run_while_a_large_text_is_read() -> None:
    feature = {"type": "Feature", "properties": {f"name{n}": n * 1.5 for n in range(12)}, "geometry": None}
    text = json.dumps({"type": "FeatureCollection", "features": [feature] * 60_000})
    started = time.monotonic()
    json.loads(text)
    in_one_go = time.monotonic() - started
    # the best of three: a busy machine stops threads for reasons of its own
    assert min(longest_pause(text) for _ in range(3)) < in_one_go / 2


def longest_pause(text: str) -> float:
    """Seconds for which this thread could not run while another one read the text."""
    reading = threading.Thread(target=gentle_loads, args=(text,))
    longest, last = 0.0, time.monotonic()
    reading.start()
    while reading.is_alive():
        reading.join(0.001)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    return longest


@pytest.mark.parametrize("depth", [5000, SMALL])
def test_a_text_nested_without_end_is_no_json(depth: int) -> None:
    with pytest.raises(ValueError, match="nested"):
        gentle_loads("[" * depth + "]" * depth)
