"""Shared checks: what would be refused is found before any call, with a repair that cures it."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import replace

import pytest
from groundtrack.aoi import Aoi, from_bounds
from groundtrack.providers.base import Problem, Severity
from groundtrack.providers.checks import check_days, check_request
from groundtrack.providers.fields import Field, Kind
from groundtrack.providers.operation import AoiRule, Needs, Operation, Request

DAYS = (Field("date_start", "Start date", Kind.DATE, required=True), Field("date_end", "End date", Kind.DATE, required=True))
RULE = AoiRule(most_parts=1, holes=False, most_km2=50, most_vertices=20)
TASK = Operation("task", "Ground Change", "", DAYS, RULE)
SCENES = Operation("scenes", "Ships", "", (Field("scene_id", "Scene ID"),), AoiRule(Needs.OPTIONAL, replaced_by="scene_id"))
AREA = from_bounds(11.5, 48.1, 11.56, 48.14)
GOOD = Request("task", {"date_start": "2024-01-01", "date_end": "2025-01-01"}, AREA, tag="t-1")
FAR = from_bounds(12, 48, 12.01, 48.01)
HOLE = ((11.52, 48.11), (11.53, 48.11), (11.53, 48.12), (11.52, 48.11))


def found(request: Request, operation: Operation = TASK) -> tuple[Problem, ...]:
    return (*check_request(operation, request), *check_days(operation, request, 3))


def codes(request: Request, operation: Operation = TASK) -> list[str]:
    return [problem.code for problem in found(request, operation)]


def test_a_sound_request_has_no_problems() -> None:
    assert found(GOOD) == ()


def test_a_wrong_or_unknown_value_is_told_with_its_field() -> None:
    problems = found(replace(GOOD, values={"date_start": "soon", "date_end": "2025-01-01", "cloud": 3}))
    assert [(problem.code, problem.field) for problem in problems] == [("field", "date_start"), ("unknown_field", "cloud")]
    assert "Start date must be a date" in problems[0].message


def test_an_area_is_required_or_replaced_by_a_scene() -> None:
    assert codes(replace(GOOD, aoi=None)) == ["no_area"]
    (problem,) = found(Request("scenes"), SCENES)
    assert "Scene ID" in problem.message
    assert codes(Request("scenes", {"scene_id": "S1"}), SCENES) == []
    assert codes(Request("scenes", {}, AREA), SCENES) == []


def test_area_and_scene_together_are_refused_and_the_repair_keeps_the_scene() -> None:
    (problem,) = found(Request("scenes", {"scene_id": "S1"}, AREA), SCENES)
    (mended,) = problem.repair.apply(Request("scenes", {"scene_id": "S1"}, AREA, "t"))
    assert mended == Request("scenes", {"scene_id": "S1"}, None, "t")
    assert codes(Request("scenes", {"scene_id": "  "}, AREA), SCENES) == []


BOW_TIE = Aoi(((((11.5, 48.1), (11.56, 48.14), (11.56, 48.1), (11.5, 48.14), (11.5, 48.1)),),))
MANY = tuple((11.5 + 0.02 * n / 50, 48.1 + 0.02 * (n % 2) * n / 50) for n in range(50))


@pytest.mark.parametrize(
    ("area", "code"),
    [
        (Aoi((AREA.polygons[0], FAR.polygons[0])), "parts"),
        (Aoi(((AREA.polygons[0][0], HOLE),)), "holes"),
        (Aoi((((*MANY, (11.52, 48.09), MANY[0]),),)), "vertices"),
        (from_bounds(11.5, 48.1, 11.8, 48.3), "too_large"),
        (BOW_TIE, "crossing"),
        (Aoi(((AREA.polygons[0][0][:-1],),)), "unclosed"),
    ],
)
def test_each_limit_of_the_area_is_told_and_repaired(area: Aoi, code: str) -> None:
    waiting, rounds = [replace(GOOD, aoi=area)], 0
    assert code in codes(waiting[0])
    while any(found(request) for request in waiting):
        rounds += 1
        assert rounds < 6
        waiting = [mended for request in waiting for mended in repaired(request)]
    assert all(request.values == GOOD.values and request.tag == "t-1" for request in waiting)


def repaired(request: Request) -> tuple[Request, ...]:
    problems = found(request)
    return problems[0].repair.apply(request) if problems else (request,)


def test_several_parts_become_one_job_each() -> None:
    (problem,) = found(replace(GOOD, aoi=Aoi((AREA.polygons[0], FAR.polygons[0]))))
    assert problem.repair.label == "Send 2 Jobs, One for Each Part"
    assert [request.aoi for request in problem.repair.apply(replace(GOOD, aoi=Aoi((AREA.polygons[0], FAR.polygons[0]))))] == [AREA, FAR]


def test_an_area_just_below_the_limit_is_only_a_warning() -> None:
    side = (49.5 / AREA.area_km2) ** 0.5
    (problem,) = found(replace(GOOD, aoi=from_bounds(11.5, 48.1, 11.5 + 0.06 * side, 48.1 + 0.04 * side)))
    assert (problem.code, problem.severity) == ("near_limit", Severity.WARNING)


def test_no_repair_proposes_hundreds_of_paid_jobs() -> None:
    huge = replace(GOOD, aoi=from_bounds(0, 40, 12, 52))
    (problem,) = found(huge)
    assert problem.code == "too_large"
    assert problem.message.endswith("takes at most 50 km², about 7 × 7 km.")
    assert [repair.label for repair in problem.repairs()] == ["Use a Square of 48.5 km² in the Middle"]
    (mended,) = problem.repair.apply(huge)
    assert codes(mended) == []
    assert mended.aoi is not None
    assert mended.aoi.area_km2 == pytest.approx(48.5, rel=1e-3)
    west, south, east, north = mended.aoi.bounds
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((6, 46))


def test_a_repair_that_makes_several_jobs_says_that_each_is_charged() -> None:
    (parts,) = found(replace(GOOD, aoi=Aoi((AREA.polygons[0], FAR.polygons[0]))))
    (large,) = found(replace(GOOD, aoi=from_bounds(11.5, 48.1, 11.7, 48.2)))
    assert "each is charged by itself" in parts.message
    assert "each is charged by itself" in large.message
    assert [repair.label for repair in large.repairs()] == ["Split Into Several Jobs", "Use a Square of 48.5 km² in the Middle"]


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [("2025-01-02", "2025-01-01", "date_order"), ("2025-01-01", "2025-01-01", "date_order"), ("2021-01-01", "2024-01-02", "too_long")],
)
def test_dates_in_the_wrong_order_or_too_far_apart(start: str, end: str, code: str) -> None:
    request = replace(GOOD, values={"date_start": start, "date_end": end})
    (problem,) = found(request)
    assert problem.code == code
    if problem.repair:
        assert codes(problem.repair.apply(request)[0]) == []


@pytest.mark.parametrize(("start", "end"), [("2021-01-01", "2024-01-01"), ("2020-02-29", "2023-02-28"), ("2021-02-28", "2024-02-28")])
def test_three_years_to_the_day_are_allowed(start: str, end: str) -> None:
    assert codes(replace(GOOD, values={"date_start": start, "date_end": end})) == []


def test_shortening_a_series_that_ends_on_a_leap_day() -> None:
    request = replace(GOOD, values={"date_start": "2019-01-01", "date_end": "2024-02-29"})
    (problem,) = found(request)
    assert problem.repair.apply(request)[0].values["date_start"] == "2021-03-01"


def test_a_day_in_the_future_is_refused_and_today_is_not() -> None:
    today = dt.datetime.now(dt.timezone.utc).date()
    tomorrow = (today + dt.timedelta(days=1)).isoformat()
    (problem,) = found(replace(GOOD, values={"date_start": "2025-01-01", "date_end": tomorrow}))
    assert (problem.code, problem.field) == ("future", "date_end")
    assert codes(replace(GOOD, values={"date_start": "2025-01-01", "date_end": today.isoformat()})) == []


def test_simplifying_tells_what_it_does_to_the_area_and_offers_the_envelope() -> None:
    ring = tuple((11.52 + 0.02 * math.cos(n / 50 * math.pi), 48.12 + 0.01 * math.sin(n / 50 * math.pi)) for n in range(100))
    request = replace(GOOD, aoi=Aoi((((*ring, ring[0]),),)))
    (problem,) = found(request)
    simple, envelope = problem.repairs()
    for repair in (simple, envelope):
        (mended,) = repair.apply(request)
        percent = float(re.search(r"\(([+−]\d+\.\d\d) % Area\)", repair.label).group(1).replace("−", "-"))
        assert percent == pytest.approx((mended.aoi.area_km2 / request.aoi.area_km2 - 1) * 100, abs=0.006)
        assert codes(mended) == []
    assert envelope.apply(request)[0].aoi.vertices == 4


def test_several_parts_may_also_be_sent_as_one() -> None:
    request = replace(GOOD, aoi=Aoi((AREA.polygons[0], FAR.polygons[0])))
    (problem,) = found(request)
    assert [repair.label for repair in problem.others] == ["Keep the Largest Part", "Take the Envelope"]
    assert problem.others[0].apply(request)[0].aoi == AREA
