"""Numbers as the person's own language writes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from groundtrack.ui.words import area, duration, localised
from qgis.PyQt.QtCore import QLocale


@pytest.fixture
def german() -> Iterator[None]:
    before = QLocale()
    QLocale.setDefault(QLocale("de_DE"))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It has 14,270 km², at most 50 km².", "It has 14.270 km², at most 50 km²."),
        ("It has 24.4 km², close to 25 km².", "It has 24,4 km², close to 25 km²."),
        ("1,234,567.25 corners", "1.234.567,25 corners"),
        ("Version 1.2.3 at 10.5, 20.5 on 2026-05-04", "Version 1.2.3 at 10.5, 20.5 on 2026-05-04"),
    ],
)
def test_a_sentence_and_the_area_line_write_numbers_alike(german: None, text: str, shown: str) -> None:
    assert localised(text) == shown


def test_a_limit_is_told_without_a_fraction(german: None) -> None:
    assert [area(50.0), area(24.44), area(14270.3), area(0.5)] == ["50 km²", "24,4 km²", "14.270 km²", "0,50 km²"]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [((0.2, 10), "about 1–10 min"), ((0.1, 0.5), "about 1 min"), ((15, 30), "about 15–30 min"), ((60, 600), "about 1–10 h")],
)
def test_a_usual_time_is_never_nothing(minutes: tuple[float, float], text: str) -> None:
    assert duration(minutes) == text
