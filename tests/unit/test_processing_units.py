"""The cost formula: the service's worked examples to three decimals, and how cost grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from groundtrack.providers.processing_units import Work, surcharge, units, working
from hypothesis import given
from hypothesis import strategies as st

SIDES = st.integers(1, 10_000)
WORKS = st.builds(
    Work, SIDES, SIDES, st.integers(1, 12), st.booleans(), st.integers(1, 30), st.integers(1, 3), st.booleans(), st.booleans(),
    st.booleans(),
)


@pytest.mark.parametrize(("work", "expected"), [
    (Work(3600, 3400, 2), 20.752),
    (Work(10_000, 10_000, 2, is_float=True, orthorectified=True), 678.168),
    (Work(10_000, 10_000, 2, is_float=True, orthorectified=True, terrain_corrected=True), 847.711),
    (Work(2000, 2000, 3, samples=5), 50.863),
    (Work(90, 90, 2, is_float=True), 0.0412),
    (Work(100, 100, 3), 0.02543),
], ids=["ndvi", "radar", "terrain", "composite", "small", "boundary"])  # fmt: skip
def test_the_worked_examples(work: Work, expected: float) -> None:
    assert units(work) == pytest.approx(expected, abs=0.0005 if expected > 1 else 0.00005)


def test_the_factors_of_the_documented_check() -> None:
    work = Work(1024, 1024, 4, is_float=True, samples=2, orthorectified=True)
    assert units(work) / work.favour == pytest.approx(42.667, abs=0.0005)


def test_two_thirds_are_charged_from_ten_thousand_pixels_on() -> None:
    assert units(Work(100, 100, 3)) < units(Work(99, 100, 3))


DELIVERIES = [(36.72, "other", 1.10), (36.72, "gs", 3.67), (800, "other", 24), (800, "gs", 80), (800, "same", 0)]


@pytest.mark.parametrize(("megabytes", "place", "expected"), DELIVERIES)
def test_the_surcharges_of_the_examples(megabytes: float, place: str, expected: float) -> None:
    assert surcharge(megabytes, place) == pytest.approx(expected, abs=0.005)


@given(WORKS, SIDES)
def test_more_pixels_never_cost_less_beyond_the_favoured_size(work: Work, more: int) -> None:
    larger = replace(work, width=work.width + more)
    assert units(larger) / larger.favour >= units(work) / work.favour
    if work.favour == larger.favour:
        assert units(larger) >= units(work)


@given(WORKS)
def test_more_bands_samples_or_collections_cost_in_proportion(work: Work) -> None:
    assert units(replace(work, bands=work.bands * 2)) == pytest.approx(2 * units(work))
    assert units(replace(work, samples=work.samples * 3)) == pytest.approx(3 * units(work))
    assert units(replace(work, collections=work.collections + 1)) > units(work)


@given(WORKS)
def test_every_further_processing_costs_more(work: Work) -> None:
    bare = replace(work, is_float=False, orthorectified=False, terrain_corrected=False, speckle_filtered=False)
    assert units(bare) <= units(work)
    assert units(replace(bare, orthorectified=True)) < units(replace(bare, terrain_corrected=True))


def test_the_working_shows_every_factor_and_the_sum() -> None:
    text = working(Work(2000, 2000, 3, True, 5, 2, True, False, True))
    for part in ("2,000 × 2,000 px", "3 bands / 3", "32-bit float", "5 samples", "2 collections", "4 (radar", "2/3"):
        assert part in text
    assert "PU" in text
