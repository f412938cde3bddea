"""Draw what each script of the library shows, from one made-up landscape, into evalscripts/<script>.png.

Run it when a script is added or changed: .venv/bin/python scripts/draw_thumbnails.py
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from osgeo import gdal

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 96, 60
# reflectance of B02 B03 B04 B08 B11, backscatter of VV VH in dB, class of the scene classification
KINDS = {
    "fields": ((0.06, 0.10, 0.08, 0.42, 0.22), (-11.0, -18.0), 4),
    "forest": ((0.03, 0.05, 0.035, 0.30, 0.13), (-8.5, -14.0), 4),
    "soil": ((0.10, 0.14, 0.19, 0.27, 0.34), (-13.0, -21.0), 5),
    "water": ((0.07, 0.06, 0.035, 0.02, 0.01), (-20.0, -27.0), 6),
    "town": ((0.14, 0.16, 0.18, 0.22, 0.24), (-3.0, -11.0), 5),
    "shadow": ((0.02, 0.025, 0.02, 0.10, 0.06), (-9.5, -15.0), 3),
    "cloud": ((0.55, 0.56, 0.57, 0.62, 0.45), (-11.0, -18.0), 9),
}
BANDS = ("B02", "B03", "B04", "B08", "B11")


def main() -> None:
    """Write all pictures."""
    library, palettes = load("evalscripts.library"), load("results.palettes")
    scene = landscape()
    for entry in library.ENTRIES:
        save(ROOT / "evalscripts" / f"{entry.key}.png", picture(entry.key, scene, palettes))


def load(name: str) -> Any:
    """A module of the plugin, which is the folder above this one."""
    if "groundtrack" not in sys.modules:
        spec = importlib.util.spec_from_file_location("groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)])
        sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
    return importlib.import_module(f"groundtrack.{name}")


def landscape() -> dict[str, np.ndarray]:
    """A river between fields, a forest, a town and a cloud with its shadow: bands, backscatter and classes by name."""
    noise = np.random.default_rng(5)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(float)
    patches = (x // 13 + 2 * (y // 11)).astype(int)
    kind = np.where(noise.random(64)[patches % 64] < 0.4, "soil", "fields").astype("<U8")
    kind[(x + 0.9 * y < 38) | ((x - 92) ** 2 / 500 + (y - 54) ** 2 / 260 < 1)] = "forest"
    kind[((x - 66) ** 2 / 160 + (y - 20) ** 2 / 70 < 1) & ((x.astype(int) % 4 > 0) | (y.astype(int) % 3 > 0))] = "town"
    kind[abs(x - 46 - 9 * np.sin(y / 11) - 0.25 * (y - 30)) < 4.2] = "water"
    on_radar = kind.copy()
    for name, dx, dy in (("shadow", 7, 6), ("cloud", 0, 0)):
        kind[((x - 20 - dx) ** 2 / 110 + (y - 40 - dy) ** 2 / 36 < 1) | ((x - 30 - dx) ** 2 / 60 + (y - 44 - dy) ** 2 / 30 < 1)] = name
    shade = 1 + 0.10 * (noise.random((HEIGHT, WIDTH)) - 0.5)
    scene = {band: spread(kind, lambda item, n=number: item[0][n]) * shade for number, band in enumerate(BANDS)}
    speckle = noise.gamma(6.0, 1 / 6.0, (2, HEIGHT, WIDTH))
    for number, name in enumerate(("VV", "VH")):
        scene[name] = 10 ** (spread(on_radar, lambda item, n=number: item[1][n]) / 10) * speckle[number]
    scene["SCL"] = spread(kind, lambda item: item[2])
    return scene


def spread(kind: np.ndarray, value: Callable[[Any], float]) -> np.ndarray:
    """A number for each pixel by its kind."""
    made = np.zeros(kind.shape)
    for name, item in KINDS.items():
        made[kind == name] = value(item)
    return made


def picture(key: str, scene: dict[str, np.ndarray], palettes: Any) -> np.ndarray:
    """Red, green and blue of what a script delivers, drawn as its layer is."""
    first = key.replace("_8bit", "")
    pairs = {"ndvi": ("B08", "B04"), "ndwi": ("B03", "B08"), "ndmi": ("B08", "B11")}
    if first in pairs:
        one, other = (scene[name] for name in pairs[first])
        return coloured((one - other) / (one + other), lambda value: palettes.index_colour(first, value))
    if first == "scl":
        return coloured(scene["SCL"], lambda value: palettes.SCL[int(value)][1])
    if first.startswith("true_color"):
        return np.stack([np.clip(2.5 * scene[name], 0, 1) * 255 for name in ("B04", "B03", "B02")])
    vv, vh, ratio = (10 * np.log10(values) for values in (scene["VV"], scene["VH"], scene["VV"] / scene["VH"]))
    stretched = [np.clip((values - low) / (high - low), 0, 1) * 255 for values, low, high in ((vv, -20, 0), (vh, -27, -7), (ratio, 0, 15))]
    return np.stack(stretched if key.endswith("_8bit") else [stretched[0]] * 3)


def coloured(values: np.ndarray, colour: Callable[[float], str]) -> np.ndarray:
    """Each value in its colour."""
    flat = [bytes.fromhex(colour(float(value))[1:]) for value in values.ravel()]
    return np.array([list(item) for item in flat], float).T.reshape(3, *values.shape)


def save(path: Path, bands: np.ndarray) -> None:
    """Write a small PNG."""
    memory = gdal.GetDriverByName("MEM").Create("", WIDTH, HEIGHT, 3, gdal.GDT_Byte)
    for number, values in enumerate(bands, 1):
        memory.GetRasterBand(number).WriteArray(np.round(values / 8).clip(0, 31).astype(np.uint8) * 8 + 4)  # few colours pack well
    gdal.GetDriverByName("PNG").CreateCopy(str(path), memory, options=["ZLEVEL=9"])
    path.with_name(path.name + ".aux.xml").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
