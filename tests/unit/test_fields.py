"""Fields turn text or typed values into one type each, and say in one sentence what is wrong."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from groundtrack.providers.fields import Field, FieldError, Kind, ShownIf, parse_all

CHOICES = (("", "Any"), ("ascending", "Ascending"), ("leastCC", "Least cloud"))
NIGHT_IN_TOKYO = dt.datetime(2026, 5, 5, 3, tzinfo=dt.timezone(dt.timedelta(hours=9)))


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Kind.TEXT, "  port ", "port"),
        (Kind.TEXT, 12, "12"),
        (Kind.SCRIPT, "  a\n", "  a\n"),
        (Kind.NUMBER, "1.5", 1.5),
        (Kind.INTEGER, "3", 3),
        (Kind.INTEGER, 3.0, 3),
        (Kind.BOOLEAN, "Yes", True),
        (Kind.BOOLEAN, "off", False),
        (Kind.BOOLEAN, False, False),
        (Kind.DATE, "2026-05-04", "2026-05-04"),
        (Kind.DATE, dt.date(2026, 5, 4), "2026-05-04"),
        (Kind.DATE, dt.datetime(2026, 5, 4, 23), "2026-05-04"),
        (Kind.DATE, NIGHT_IN_TOKYO, "2026-05-04"),
        (Kind.LIST, "a, b ,,c", ("a", "b", "c")),
        (Kind.SCENES, ["a", "b"], ("a", "b")),
        (Kind.BANDS, ("B04",), ("B04",)),
        (Kind.JSON, '{"a": [1]}', {"a": [1]}),
        (Kind.JSON, {"a": 1}, {"a": 1}),
    ],
)
def test_each_kind_reads_text_and_typed_values(kind: Kind, raw: Any, value: Any) -> None:
    assert Field("x", "Input", kind).parse(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw", "said"),
    [
        (Kind.NUMBER, "many", "must be a number"),
        (Kind.NUMBER, "nan", "finite"),
        (Kind.NUMBER, "inf", "finite"),
        (Kind.INTEGER, "2.5", "whole number"),
        (Kind.BOOLEAN, "perhaps", "true or false"),
        (Kind.DATE, "4.5.2026", "a date like 2026-05-04"),
        (Kind.DATE, "2026-02-30", "a date like"),
        (Kind.LIST, 7, "must be a list"),
        (Kind.JSON, "{", "not valid JSON"),
    ],
)
def test_a_wrong_value_is_named_with_its_label(kind: Kind, raw: Any, said: str) -> None:
    with pytest.raises(FieldError, match=said) as caught:
        Field("x", "Input", kind).parse(raw)
    assert "Input" in str(caught.value)


@pytest.mark.parametrize("empty", [None, "", "   ", (), [], ","])
def test_empty_means_no_value_and_is_refused_only_where_required(empty: Any) -> None:
    assert Field("x", "Scenes", Kind.LIST).parse(empty) is None
    with pytest.raises(FieldError, match="Scenes is missing"):
        Field("x", "Scenes", Kind.LIST, required=True).parse(empty)


def test_false_and_zero_are_values() -> None:
    assert Field("x", "X", Kind.BOOLEAN, required=True).parse(False) is False
    assert Field("x", "X", Kind.NUMBER, required=True).parse(0) == 0


def test_bounds_are_inclusive_and_name_the_unit() -> None:
    field = Field("cloud", "Cloud cover", Kind.NUMBER, minimum=0, maximum=100, unit="%")
    assert field.parse(0) == 0
    assert field.parse("100") == 100
    with pytest.raises(FieldError, match="above the largest value 100 %"):
        field.parse(100.1)
    with pytest.raises(FieldError, match="below the smallest value 0 %"):
        field.parse(-1)


@pytest.mark.parametrize(("raw", "value"), [("ASCENDING", "ascending"), ("least cloud", "leastCC"), ("leastcc", "leastCC"), ("any", None)])
def test_a_choice_is_known_by_value_or_label_in_any_case(raw: str, value: Any) -> None:
    assert Field("x", "Order", Kind.CHOICE, choices=CHOICES).parse(raw) == value


def test_an_unknown_choice_lists_the_known_ones() -> None:
    with pytest.raises(FieldError, match=r"cannot be “up”; choose one of ascending, leastCC"):
        Field("x", "Order", Kind.CHOICE, choices=CHOICES).parse("up")


def test_a_fields_own_check_refuses() -> None:
    field = Field("x", "X", check=lambda value: "Not this one." if value == "bad" else None)
    assert field.parse("good") == "good"
    with pytest.raises(FieldError, match="Not this one"):
        field.parse("bad")


SCENE_OR_DATE = (
    Field("scene", "Scene"),
    Field("date", "Date", Kind.DATE, required=True, shown_if=ShownIf("scene", ())),
    Field("side", "Side", Kind.CHOICE, "nearest", choices=(("nearest", "Nearest"),), shown_if=ShownIf("scene", ())),
    Field("depth", "Depth", Kind.INTEGER, 3, shown_if=ShownIf("scene")),
)


def test_what_does_not_apply_is_neither_asked_for_nor_sent() -> None:
    assert parse_all(SCENE_OR_DATE, {"scene": "S1", "date": "rubbish"}) == ({"scene": "S1", "depth": 3}, {})


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_field_counts_as_empty_for_those_that_depend_on_it(blank: Any) -> None:
    values, wrong = parse_all(SCENE_OR_DATE, {"scene": blank})
    assert wrong == {"date": "Date is missing."}
    assert values == {"side": "nearest"}


def test_shown_if_compares_with_listed_values() -> None:
    condition = ShownIf("format", ("tiff", "png"))
    assert condition.holds({"format": "png"})
    assert not condition.holds({"format": "jpeg"})
    assert not condition.holds({})
