"""Statistics beside a result, as they are shown with its job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from groundtrack.jobs.job import Job, new_job
from groundtrack.providers.operation import Request
from groundtrack.rasters import change, summary
from groundtrack.rasters.stats import ClassStats, ValueStats
from groundtrack.results.palettes import CLASSES, index_colour
from groundtrack.results.statistics import statistics_of


def job_of(operation: str, *files: Path) -> Job:
    return new_job("local", "This computer", Request(operation), 0.0, files=tuple(map(str, files)))


def values(path: Path, numbers: Any) -> None:
    stats = ValueStats(numbers.size)
    stats.add(numbers, None, 0.01)
    summary.write(path, stats.result())


def test_an_index_has_a_table_and_a_histogram_in_the_colours_of_the_map(tmp_path: Path) -> None:
    path = tmp_path / "ndvi.tif"
    values(path, np.linspace(-0.5, 0.9, 10_000, dtype=np.float32).reshape(100, 100))
    found = statistics_of(job_of("ndvi", path))
    assert {name: value for name, value, _ in found.rows} == {
        "Mean": "0.2", "Smallest": "−0.5", "Largest": "0.9", "Standard deviation": "0.4042", "Area with values": "100.00 ha",
    }  # fmt: skip
    assert found.ends == ("−0.5", "0.9")
    assert len(found.bars) == 50
    assert found.bars[0].colour != found.bars[-1].colour
    assert found.bars[-1].colour == index_colour("ndvi", 0.9 - 0.014)
    assert found.bars[0].label.startswith("−0.5 … −0.472: 2.0%")


def test_a_formula_has_no_colours_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "formula.tif"
    values(path, np.arange(100, dtype=np.float32).reshape(10, 10))
    assert {bar.colour for bar in statistics_of(job_of("formula", path)).bars} == {""}


def test_classes_have_hectares_shares_and_their_colours(tmp_path: Path) -> None:
    path = tmp_path / "change_detection.tif"
    stats = ClassStats({code: name for code, (name, _) in change.CLASSES.items()})
    stats.add(np.repeat(np.array([0, 1, 4, 255], np.uint8), [70, 20, 10, 5]).reshape(3, 35), 0.01)
    summary.write(path, stats.result())
    found = statistics_of(job_of("change_detection", path))
    assert found.rows[0] == ("No change", "0.70 ha · 70.0%", "#d6d6d2")
    assert found.rows[1] == ("Vegetation gain", "0.20 ha · 20.0%", "#269448")
    assert [round(bar.height, 3) for bar in found.bars] == [1.0, 0.286, 0.0, 0.0, 0.143]


def test_the_map_and_the_file_give_the_classes_the_same_colours() -> None:
    assert [(name.lower(), "#{:02x}{:02x}{:02x}".format(*colour)) for name, colour in change.CLASSES.values()] == list(CLASSES)


def test_a_result_without_values_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ndvi.tif"
    summary.write(path, ValueStats(4).result())
    found = statistics_of(job_of("ndvi", path))
    assert found.rows == (("Area with values", "none", ""),)
    assert found.bars == ()


def test_other_results_have_no_statistics(tmp_path: Path) -> None:
    assert statistics_of(job_of("ndvi", tmp_path / "delivered.tif")) is None
    assert statistics_of(job_of("ndvi")) is None


def test_one_value_everywhere_has_no_histogram(tmp_path: Path) -> None:
    path = tmp_path / "ndvi.tif"
    values(path, np.full((5, 5), 0.3, np.float32))
    found = statistics_of(job_of("ndvi", path))
    assert found.bars == ()
    assert found.rows[0] == ("Mean", "0.3", "")


def test_spread_is_exact_where_values_are_large_and_close_together() -> None:
    rng = np.random.default_rng(2)
    numbers = (20_000 + rng.normal(0, 0.5, (300, 400))).astype(np.float32)
    stats = ValueStats(numbers.size)
    for part in (numbers[:100], numbers[100:101], numbers[101:]):
        stats.add(part, None, 0.01)
    found = stats.result()
    assert abs(found["mean"] - numbers.mean(dtype=float)) < 1e-6
    assert abs(found["std"] - numbers.std(dtype=float)) < 1e-5
    one = ValueStats(4)
    one.add(np.full((2, 2), 0.7647, np.float32), None, 0.01)
    assert one.result()["std"] < 1e-7
