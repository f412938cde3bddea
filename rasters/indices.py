"""The formulas: normalized differences by name, and free ones from text.

Every formula takes arrays of floats by name and gives one array of floats; where it has no value (division by zero, a root of a
negative number) that is not finite.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import reduce
from typing import Any, Callable, Dict, Mapping, Tuple

import numpy as np

from .sources import RasterProblem

# (band that raises the index, band that lowers it)
NORMALIZED: Dict[str, Tuple[str, str]] = {
    "ndvi": ("nir", "red"),
    "ndwi": ("green", "nir"),
    "ndmi": ("nir", "swir16"),
    "nbr": ("nir", "swir22"),
}

_OPERATORS: Dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide, ast.Pow: np.power, ast.Mod: np.mod,
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip
_SIGNS: Dict[type, Callable[[Any], Any]] = {
    ast.USub: np.negative,
    ast.UAdd: np.positive,
    ast.Not: lambda value: _number(np.logical_not(value)),
}
_FUNCTIONS: Dict[str, Tuple[int, Callable[..., Any]]] = {
    "sqrt": (1, np.sqrt), "abs": (1, np.abs), "log": (1, np.log), "log10": (1, np.log10), "exp": (1, np.exp),
    "sin": (1, np.sin), "cos": (1, np.cos), "tan": (1, np.tan), "atan": (1, np.arctan),
    "min": (2, np.minimum), "max": (2, np.maximum), "where": (3, np.where), "clip": (3, np.clip),
}  # fmt: skip
_LONGEST = 2000  # letters of a formula
_DEEPEST = 60  # levels of brackets
_LARGEST = 1e300  # number


def normalized(high: Any, low: Any) -> Any:
    """(high - low) / (high + low); infinite or NaN where the sum is 0. Overwrites `high`."""
    total = high + low
    np.subtract(high, low, out=high)
    with np.errstate(all="ignore"):
        np.divide(high, total, out=high)
    return high


@dataclass(frozen=True)
class Formula:
    """A checked expression over named bands."""

    text: str
    names: Tuple[str, ...]
    _tree: ast.expr

    def __call__(self, bands: Mapping[str, Any]) -> Any:
        """The values as an array of the bands' shape, NaN where there is none."""
        shape = next(iter(bands.values())).shape
        with np.errstate(all="ignore"):
            result = np.array(np.broadcast_to(_value(self._tree, bands), shape), dtype=np.float64)
        result[~np.isfinite(result)] = np.nan
        return result


def parse_formula(text: str) -> Formula:
    """Read an expression such as `(nir - red) / (nir + red + 0.5) * 1.5`. Raises RasterProblem with a sentence.

    It may hold numbers, names of bands, + - * / ** %, comparisons, `and`, `or`, `not`, brackets and the functions sqrt, abs, log, log10,
    exp, sin, cos, tan, atan, min, max, where(condition, a, b) and clip(value, low, high). Nothing else is ever carried out.
    """
    if len(text) > _LONGEST:
        raise RasterProblem(f"The formula is longer than {_LONGEST:,} letters.")
    try:
        tree = ast.parse(" ".join(text.split()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise RasterProblem(f"“{text.strip()[:80]}” is not a formula. Write something like (nir - red) / (nir + red).") from None
    _check(tree, 0)
    names = tuple(dict.fromkeys(node.id.lower() for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in _FUNCTIONS))
    if not names:
        raise RasterProblem("The formula names no band. Use names such as red, nir or b4.")
    return Formula(text, names, tree)


def _check(node: ast.AST, depth: int) -> None:
    """Refuse everything that is not arithmetic."""
    if depth > _DEEPEST:
        raise RasterProblem("The formula has too many brackets inside each other.")
    for part in _parts(node):
        _check(part, depth + 1)


def _parts(node: ast.AST) -> Tuple[ast.expr, ...]:
    """The operands of a permitted node. Raises RasterProblem for any other."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and abs(node.value) < _LARGEST:
        return ()
    if isinstance(node, ast.Name) and node.id not in _FUNCTIONS:
        return ()
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return node.left, node.right
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SIGNS:
        return (node.operand,)
    if isinstance(node, ast.Compare) and all(type(op) in _OPERATORS for op in node.ops):
        return (node.left, *node.comparators)
    if isinstance(node, ast.BoolOp):
        return tuple(node.values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        count = _FUNCTIONS[node.func.id][0]
        if len(node.args) != count or node.keywords or any(isinstance(item, ast.Starred) for item in node.args):
            raise RasterProblem(f"{node.func.id} takes {count} value{'s' if count > 1 else ''}.")
        return tuple(node.args)
    raise RasterProblem(
        f"The formula may not hold “{ast.unparse(node)[:60]}”; only arithmetic, comparisons and a few functions are understood."
    )


def _value(node: ast.AST, bands: Mapping[str, Any]) -> Any:
    """The value of a checked node."""
    if isinstance(node, ast.Constant):
        return np.float64(node.value)  # type: ignore[arg-type]  # checked to be a number
    if isinstance(node, ast.Name):
        return bands[node.id.lower()]
    values = [_value(part, bands) for part in _parts(node)]
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)](*values)
    if isinstance(node, ast.UnaryOp):
        return _SIGNS[type(node.op)](values[0])
    if isinstance(node, ast.Compare):
        truths = [_OPERATORS[type(op)](one, other) for op, one, other in zip(node.ops, values, values[1:])]
        return _number(reduce(np.logical_and, truths))
    if isinstance(node, ast.BoolOp):
        return _number(reduce(np.logical_and if isinstance(node.op, ast.And) else np.logical_or, values))
    return _FUNCTIONS[node.func.id][1](*values)  # type: ignore[attr-defined]  # nothing else is left


def _number(truth: Any) -> Any:
    """1 for true, 0 for false."""
    return np.asarray(truth, np.float64)
