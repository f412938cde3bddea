"""Statistics of a result, gathered while it is computed."""

from __future__ import annotations

import math
from typing import Any, Dict, List, Mapping

import numpy as np

_SAMPLE = 1_000_000  # pixels that the histogram is made from, at most about
_BINS = 50
_SAFE = 1e12  # values up to here can be squared and added up as 32-bit floats


class ValueStats:
    """Mean, smallest and largest value of all pixels and a histogram of evenly spread ones."""

    def __init__(self, pixels: int) -> None:
        self._step = max(1, math.ceil(math.sqrt(pixels / _SAMPLE)))
        self._count, self._hectares = 0, 0.0
        self._mean = self._squares = 0.0  # of the differences from the mean
        self._low, self._high = math.inf, -math.inf
        self._sample: List[Any] = []

    def add(self, values: Any, known: Any, pixel_hectares: float) -> None:
        """Count one window of 32-bit floats; `known` tells where there is a value (None: everywhere)."""
        step = self._step
        self._sample.append(values[::step, ::step][... if known is None else known[::step, ::step]].ravel())
        numbers = values.ravel() if known is None else values[known]
        if not numbers.size:
            return
        self._hectares += numbers.size * pixel_hectares
        self._low, self._high = min(self._low, float(numbers.min())), max(self._high, float(numbers.max()))
        self._merge(numbers)

    def result(self) -> Dict[str, Any]:
        """JSON values: pixels, area_ha, min, max, mean, std and histogram {from, to, counts, every}; None where there is no pixel."""
        found: Dict[str, Any] = {"kind": "values", "pixels": self._count, "area_ha": round(self._hectares, 4)}
        if not self._count:
            return {**found, "min": None, "max": None, "mean": None, "std": None, "histogram": None}
        mean, spread = self._mean, math.sqrt(self._squares / self._count)
        low, high = self._low, self._high
        sample = np.concatenate(self._sample).astype(np.float64)
        places = (sample - low) / (high - low) if high > low else np.zeros_like(sample)  # numpy's own range fails near the largest floats
        counts, _ = np.histogram(places, bins=_BINS, range=(0.0, 1.0))
        histogram = {"from": low, "to": high, "counts": counts.tolist(), "every": self._step**2}
        return {**found, "min": low, "max": high, "mean": mean, "std": spread, "histogram": histogram}

    def _merge(self, numbers: Any) -> None:
        """Chan's way of joining means and spreads: exact also where values are large and close together."""
        size, mean = numbers.size, float(numbers.mean(dtype=np.float64))
        if max(abs(self._low), abs(self._high)) > _SAFE:
            numbers = numbers.astype(np.float64)
        away = numbers - np.float32(mean)
        shift, joined = mean - self._mean, self._count + size
        squares = float(np.dot(away, away)) - size * (float(np.float32(mean)) - mean) ** 2
        self._squares += max(0.0, squares) + shift * shift * self._count * size / joined
        self._mean += shift * size / joined
        self._count = joined


class ClassStats:
    """Pixels and hectares of each class."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._pixels = np.zeros(256, np.int64)
        self._hectares = np.zeros(256)

    def add(self, classes: Any, pixel_hectares: float) -> None:
        """Count one window."""
        counts = np.bincount(classes.ravel(), minlength=256)
        self._pixels += counts
        self._hectares += counts * pixel_hectares

    def result(self) -> Dict[str, Any]:
        """JSON values: pixels, area_ha and classes [{value, name, pixels, area_ha}]."""
        rows: List[Dict[str, Any]] = [
            {"value": code, "name": name, "pixels": int(self._pixels[code]), "area_ha": round(float(self._hectares[code]), 4)}
            for code, name in self._names.items()
        ]
        pixels, hectares = sum(row["pixels"] for row in rows), round(sum(row["area_ha"] for row in rows), 4)
        return {"kind": "classes", "pixels": pixels, "area_ha": hectares, "classes": rows}
