"""Free formulas: what they give, and that nothing but arithmetic is ever carried out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from groundtrack.rasters.indices import parse_formula
from groundtrack.rasters.sources import RasterProblem
from hypothesis import given
from hypothesis import strategies as st

BANDS = {"red": np.array([[1.0, 0.0, 4.0]]), "nir": np.array([[3.0, 0.0, -4.0]]), "b2": np.array([[2.0, 5.0, 7.0]])}
RED, NIR, B2 = BANDS.values()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(nir - red) / (nir + red)", [0.5, np.nan, np.nan]),
        ("2.5 * (NIR - Red) / (nir + 2.4 * red + 1)", 2.5 * (NIR - RED) / (NIR + 2.4 * RED + 1)),
        ("sqrt(nir)", [np.sqrt(3), 0, np.nan]),
        ("max(red, nir) - min(red, nir)", np.abs(RED - NIR)),
        ("where(red > nir, 1, -1)", [-1, -1, 1]),
        ("where(0 < red <= 1 and not nir == 0, b2, 0)", [2, 0, 0]),
        ("(red > 0) - (nir > 0)", [0, 0, 1]),
        ("clip(b2, 3, 6)", [3, 5, 6]),
        ("-b2 ** 2 + b2 % 2", -(B2**2) + B2 % 2),
        ("red * 0 + 7", [7, 7, 7]),
        ("log(red)", [0, np.nan, np.log(4)]),
    ],
)
def test_values(text: str, expected: Any) -> None:
    formula = parse_formula(text)
    np.testing.assert_allclose(formula({name: BANDS[name] for name in formula.names})[0], np.ravel(expected), rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')", "red.__class__", "(lambda: red)()", "[red for red in nir]", "red if nir else b2", "open(red)",
        "red[0]", "'red'", "red; nir", "f'{red}'", "red := 1", "print(red)", "sqrt(red, nir)", "sqrt(*red)", "max(red, nir, key=b2)",
        "1 + 2", "", "red +", "1e999 * red", "red @ nir", "red << 2", "sqrt", "min", "red, nir", "red+" * 999,
        "(" * 90 + "red" + ")" * 90 + "+" * 90, "-" * 70 + "red",
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(RasterProblem) as refused:
        parse_formula(text)
    assert str(refused.value).endswith(".")


@given(st.text(alphabet="rednirb12 ()+-*/.,<>=_'[]:abcsqtwh", max_size=60))
def test_no_text_does_anything_but_compute_or_be_refused(text: str) -> None:
    try:
        formula = parse_formula(text)
    except RasterProblem:
        return
    values = formula(dict.fromkeys(formula.names, RED))
    assert values.shape == RED.shape
    assert not np.isinf(values).any()
