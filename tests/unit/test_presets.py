"""Presets as values: relative days, JSON of every age, what must not get in, and what comes out for a request."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import from_bounds
from groundtrack.presets.dates import RelativeDate, relative_date, resolved
from groundtrack.presets.files import LARGEST, file_stem, read_presets, write_presets
from groundtrack.presets.filling import filled, fitting, variables
from groundtrack.presets.preset import FIXED, LAYER, SCHEMA, AreaRule, Each, Preset, PresetError, from_dict, parse_json
from groundtrack.presets.secretive import is_secretive, without_secrets
from groundtrack.providers.fields import Field, Kind

SQUARE = from_bounds(3.9, 51.95, 4.2, 52.1)
WEEKLY = Preset("Weekly port watch", "sateais", "ship", "Port of X", {"date": "today - 3 days"}, AreaRule(LAYER, "harbours"))


@pytest.mark.parametrize(
    ("text", "today", "day"),
    [
        ("today", "2026-11-20", "2026-11-20"),
        ("Today - 30 days", "2026-11-20", "2026-10-21"),
        ("today-1day", "2026-03-01", "2026-02-28"),
        ("today + 2 weeks", "2026-12-25", "2027-01-08"),
        ("today - 1 month", "2026-03-31", "2026-02-28"),
        ("today - 1 year", "2028-02-29", "2027-02-28"),
        ("month start", "2026-11-20", "2026-11-01"),
        ("month start - 12 months", "2026-11-20", "2025-11-01"),
        ("month end - 1 month", "2028-03-31", "2028-02-29"),
        ("month end - 1 year", "2028-02-29", "2027-02-28"),
        ("year start", "2026-11-20", "2026-01-01"),
        ("year end - 1 year", "2026-11-20", "2025-12-31"),
        ("2026-05-04", "2026-11-20", "2026-05-04"),
        ("tomorrow", "2026-11-20", "tomorrow"),
        ("today - 9999 years", "2026-11-20", "today - 9999 years"),
    ],
)
def test_days_in_relation_to_today(text: str, today: str, day: str) -> None:
    assert resolved(text, dt.date.fromisoformat(today)) == day


def every_day(first: int = 2023, last: int = 2032) -> list[dt.date]:
    """Ten years with three leap days."""
    start = dt.date(first, 1, 1)
    return [start + dt.timedelta(days=number) for number in range((dt.date(last, 12, 31) - start).days + 1)]


def on(text: str, today: dt.date) -> dt.date:
    return dt.date.fromisoformat(resolved(text, today))


def test_the_same_month_last_year_is_that_whole_month_on_every_day() -> None:
    for today in every_day():
        first, last = on("month start - 1 year", today), on("month end - 1 year", today)
        assert (first.year, first.month, first.day) == (today.year - 1, today.month, 1), today
        assert (last + dt.timedelta(days=1)).day == 1, today
        assert (last.year, last.month) == (first.year, first.month), today


def test_the_last_month_is_the_whole_one_before_on_every_day() -> None:
    for today in every_day():
        first, last = on("month start - 1 month", today), on("month end - 1 month", today)
        assert last + dt.timedelta(days=1) == on("month start", today), today
        assert (first.day, first.month, first.year) == (1, last.month, last.year), today


def test_thirty_days_are_thirty_and_months_keep_the_day_where_they_can() -> None:
    for today in every_day():
        assert today - on("today - 30 days", today) == dt.timedelta(days=30), today
        for text, months in (("today - 1 month", 1), ("today - 1 year", 12), ("today - 3 months", 3)):
            day = on(text, today)
            assert (today.year - day.year) * 12 + today.month - day.month == months, (text, today)
            is_last = (day + dt.timedelta(days=1)).day == 1
            assert day.day == today.day or (is_last and day.day < today.day), (text, today)


@pytest.mark.parametrize("value", [None, 7, ["today"], {"today": 1}, "", "today - days", "2 days"])
def test_what_is_no_relative_day(value: Any) -> None:
    assert relative_date(value) is None


@pytest.mark.parametrize(
    "rule", [RelativeDate(), RelativeDate(amount=-1), RelativeDate("month end", -12, "month"), RelativeDate("year start")]
)
def test_a_relative_day_survives_its_text(rule: RelativeDate) -> None:
    assert relative_date(str(rule)) == rule


def test_a_preset_survives_json() -> None:
    fixed = Preset("Bänke", "local", "ndvi", "", {"image": "a.tif", "bands": ["1", "2"]}, AreaRule(FIXED, shapes=(SQUARE,)))
    each = replace(WEEKLY, each=Each("name", 50.0)), replace(WEEKLY, each=Each())
    for preset in (WEEKLY, fixed, Preset("bare", "sateais", "ship"), *each):
        assert from_dict(json.loads(preset.to_json()), "x") == preset


def test_the_first_schema_is_migrated() -> None:
    old = {
        "schema": 1,
        "name": "Old",
        "provider": "sateais",
        "operation": "ship",
        "values": {"date": "2026-05-04"},
        "aoi": SQUARE.geojson(),
    }
    preset = from_dict(old, "old.json")
    assert preset.area == AreaRule(FIXED, shapes=(SQUARE,))
    assert preset.to_dict()["schema"] == SCHEMA
    assert from_dict({"schema": 1, "provider": "sateais", "operation": "ship"}, "old.json").area is None


def test_the_second_schema_said_nothing_of_one_job_for_each_feature() -> None:
    preset = from_dict({**WEEKLY.to_dict(), "schema": 2, "each": 7}, "old.json")
    assert (preset, preset.unknown, preset.to_dict()["schema"]) == (WEEKLY, (), SCHEMA)


def test_a_newer_preset_is_kept_as_it_is() -> None:
    newer = {"schema": SCHEMA + 1, "name": "Later", "provider": ["two", "services"], "moon": "full"}
    preset = from_dict(newer, "later.json")
    assert preset.name == "Later"
    assert preset.newer is not None
    assert preset.to_dict() == newer


def test_unknown_members_are_passed_over_and_named() -> None:
    preset = from_dict({**WEEKLY.to_dict(), "url": "https://evil.example", "api_key": "x"}, "x")
    assert preset.unknown == ("url", "api_key")
    assert "evil" not in preset.to_json()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"schema": ' + "9" * 5000 + "}", "not JSON"),
        ('{"schema": NaN}', "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "no preset of Groundtrack"),
        ('{"schema": true}', "schema"),
        ('{"schema": 0}', "schema 0"),
        ('{"schema": "2"}', "schema 2"),
        ('{"schema": 2, "values": []}', "“values” must be an object"),
        ('{"schema": 2, "name": {}}', "“name” must be text"),
        ('{"schema": 2, "area": {"rule": "everywhere"}}', "“everywhere”"),
        ('{"schema": 2, "area": {"rule": ["view"]}}', "rule"),
        ('{"schema": 2, "area": {"rule": "layer"}}', "no layer"),
        ('{"schema": 2, "area": {"rule": "fixed", "shapes": []}}', "no shape"),
        ('{"schema": 2, "area": {"rule": "fixed", "shapes": [7]}}', "cannot be used"),
        ('{"schema": 2, "area": {"rule": "fixed", "shapes": [{"type": "Polygon", "coordinates": [[["a", 1]]]}]}}', "cannot be used"),
        ('{"schema": 1, "aoi": [1]}', "cannot be used"),
        ('{"schema": 3, "each": true}', "“each” must be an object"),
        ('{"schema": 3, "each": {"id_field": 7}}', "“id_field” must be text"),
        ('{"schema": 3, "each": {"budget": true}}', "“budget” must be a number"),
        ('{"schema": 3, "each": {"budget": 0}}', "greater than 0"),
        ('{"schema": 3, "each": {"budget": 1e300}}', "“budget” must be a number"),
    ],
)
def test_odd_json_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(PresetError, match=words) as refused:
        from_dict(parse_json(text, "odd.json"), "odd.json")
    assert len(str(refused.value)) < 300


def test_names_are_one_short_line() -> None:
    preset = from_dict({"schema": 2, "name": "a\n\tb\u202e\u0000" + "c" * 500}, "x")
    assert preset.name.startswith("a bc")
    assert len(preset.name) <= 120


@pytest.mark.parametrize(
    "value",
    [
        "dbname='x' authcfg=a1b2c3d", "https://user:word@example.org/a.tif", "https://example.org/a.tif?X-Amz-Signature=abc",
        "https://example.org/a?x=1&api_key=abc", ["a.tif", "https://example.org/a?token=b"], {"deep": {"er": "sk_live_abc"}},
        "Authorization: Bearer abc", "AKIAABCDEFGHIJKLMNOP",
    ],
)  # fmt: skip
def test_secrets_never_get_into_a_preset(value: Any) -> None:
    assert is_secretive(value)
    text = Preset("x", "local", "ndvi", "", {"image": value, "note": "kept"}).to_json()
    assert json.loads(text)["values"] == {"note": "kept"}


@pytest.mark.parametrize("value", ["a.tif", "https://example.org/a.tif?x=1", "return a&&key==1;", "let key=3;", 5, None, ["S1A_IW"]])
def test_ordinary_values_are_kept(value: Any) -> None:
    assert without_secrets({"x": value}) == ({"x": value}, ())


def test_variables_are_filled_where_they_stand() -> None:
    fields = (Field("name", "Name"), Field("ids", "IDs", Kind.LIST), Field("script", "Script", Kind.SCRIPT))
    values = {"name": "{port} in {year}", "ids": ["{port}-1", "x"], "script": "const {a} = b;", "n": 5, "odd": "{} {1} { x }"}
    assert variables(values, fields) == ("port", "year")
    done = filled(values, {"port": "Rotterdam {year}"}, fields)
    assert done == {**values, "name": "Rotterdam {year} in {year}", "ids": ["Rotterdam {year}-1", "x"]}


def test_values_are_read_by_the_fields() -> None:
    fields = (
        Field("date", "Date", Kind.DATE, required=True), Field("kind", "Kind", Kind.CHOICE, choices=(("a", "First"), ("b", "Second"))),
        Field("size", "Size", Kind.NUMBER, maximum=9), Field("ids", "IDs", Kind.LIST),
    )  # fmt: skip
    today = dt.date(2026, 11, 20)
    good, wrong = fitting(fields, {"date": "today - 3 days", "kind": "Second", "size": "7", "ids": "a, b", "other": object()}, today)
    assert good == {"date": "today - 3 days", "kind": "b", "size": 7.0, "ids": ("a", "b")}
    assert wrong == {}
    good, wrong = fitting(fields, {"date": "soon", "kind": {"x": 1}, "size": [1], "ids": 5}, today)
    assert good == {}
    assert sorted(wrong) == ["date", "ids", "kind", "size"]


def test_files_hold_one_or_many(tmp_path: Path) -> None:
    newer = Preset("Later", newer={"schema": 9, "name": "Later"})
    write_presets(tmp_path / "one.json", [WEEKLY])
    write_presets(tmp_path / "deep" / "many.json", [WEEKLY, newer])
    assert read_presets(tmp_path / "one.json") == (WEEKLY,)
    assert read_presets(tmp_path / "deep" / "many.json") == (WEEKLY, newer)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["one.json"]


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(PresetError, match="cannot be read"):
        read_presets(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PresetError, match="not JSON"):
        read_presets(path)
    path.write_text(" " * (LARGEST + 1))
    with pytest.raises(PresetError, match="too large"):
        read_presets(path)
    path.write_text(json.dumps({"schema": 2, "presets": [WEEKLY.to_dict()] * 201}))
    with pytest.raises(PresetError, match="at most 200"):
        read_presets(path)
    path.write_text('{"schema": 2, "presets": []}')
    with pytest.raises(PresetError, match="empty"):
        read_presets(path)


@pytest.mark.parametrize(
    ("name", "stem"), [("Weekly port watch", "Weekly_port_watch"), ("../../etc/x", "etc_x"), ("///", "preset"), ("ä: b?", "ä_b")]
)
def test_file_names_are_harmless(name: str, stem: str) -> None:
    assert file_stem(name) == stem


def test_addresses_are_found_wherever_values_hold_them() -> None:
    from groundtrack.presets.addresses import addresses
    from groundtrack.providers.astra import OPERATIONS as ASTRA

    assert addresses({"webhook_url": "https://h.example/x", "scene_ids": ("sentinel-2:S2A",), "other": "http://no"}, ASTRA[0].fields) == (
        "https://h.example/x",
    )
    several = {"a": "B04.tif; s3://b/k.tif#4", "b": {"c": ["/vsicurl?url=https%3A%2F%2Fh"]}}
    assert addresses(several) == ("s3://b/k.tif#4", "/vsicurl?url=https%3A%2F%2Fh")
    assert addresses({"a": "C:/data/x.tif", "b": "2026-05-04", "c": "//VERSION=3\n// see https://docs.example"}) == ()


def test_a_very_long_value_makes_no_very_long_sentence() -> None:
    field = Field("count", "Count", Kind.INTEGER)
    _, wrong = fitting((field,), {"count": "9x" * 100_000}, dt.date(2026, 11, 20))
    assert wrong["count"].startswith("Count must be a number, not “9x9x")
    assert len(wrong["count"]) < 400
