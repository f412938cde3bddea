"""From named inputs, as a person gives them, to a `Task`: which file, which band.

An index takes its bands from files of their own (`red`, `nir` …) or from one `image`, there by number (`red_band` …) or by the role that
the image's names and metadata tell. A change takes the images `before` and `after`; `bands` names the roles to use, with numbers where
wanted (`red=3`). A formula may use the roles of `image`, its bands by number (`b4`) and the files `a` to `d`.
"""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..aoi import Aoi
from . import change, masks
from .compute import Task
from .indices import NORMALIZED, Formula, parse_formula
from .reader import Quality
from .roles import ROLES
from .sources import Band, RasterProblem, bands_of, is_remote, parse_sources, short_name

Values = Mapping[str, Any]

FILES = ("image", "before", "after", "mask", "mask_before", "mask_after", *ROLES, "a", "b", "c", "d")


def uses_network(values: Values) -> bool:
    """Whether looking at the inputs would ask a server."""
    return any(is_remote(str(values[name])) for name in FILES if values.get(name))


def meant(values: Values, message: str) -> str:
    """The input whose file a message names, else the first that was given, "" when there is none."""
    given = [name for name in FILES if values.get(name)]
    named = (name for name in given if any(short_name(source.name) in message for source in parse_sources(values[name])))
    return next(named, given[0] if given else "")


def task_of(operation: str, title: str, values: Values, aoi: Optional[Aoi]) -> Task:
    """The task of parsed values. Opens the files. Raises RasterProblem."""
    index: Any = operation
    if operation == "change_detection":
        bands, index = _two_dates(values), float(values["threshold"])
    elif operation == "formula":
        index = _formula(values["expression"])
        bands = {name: _variable(name, values) for name in index.names}
    else:
        bands = {role: _of_index(role, values) for role in NORMALIZED[operation]}
    quality = tuple(_quality(name, values) for name in ("mask", "mask_before", "mask_after") if values.get(name))
    return Task(
        title=title, index=index, bands=bands, quality=quality, aoi=aoi, shift=values.get("offset") or 0.0,
        grid=values.get("grid", "finer"), resolution=values.get("resolution"), resampling=values.get("resampling", "bilinear"),
        whole_numbers=values.get("data_type") == "int16",
    )  # fmt: skip


def guesses(operation: str, values: Values) -> Dict[str, Tuple[int, Band]]:
    """Bands of an index that were guessed: by role, the number within `image` and the band. Raises RasterProblem."""
    if operation not in NORMALIZED or not values.get("image"):
        return {}
    bands = bands_of(values["image"])
    open_roles = [role for role in NORMALIZED[operation] if not values.get(role) and not values.get(f"{role}_band")]
    return {role: (bands.index(band) + 1, band) for role in open_roles for band in [_by_role(bands, role)] if band is not None}


def untold_changes(values: Values) -> Tuple[str, ...]:
    """Classes that a change of these inputs cannot tell. Raises RasterProblem."""
    return change.untold([name.partition(".")[2] for name in _two_dates(values)])


def _formula(text: str) -> Formula:
    try:
        return parse_formula(text)
    except RasterProblem as problem:
        raise RasterProblem(str(problem), "expression") from None


def _of_index(role: str, values: Values) -> Band:
    if values.get(role):
        return _single(values[role], role, role)
    if not values.get("image"):
        raise RasterProblem(f"{ROLES[role]} is missing: give an image with several bands, or a file for this band.", role)
    bands = bands_of(values["image"])
    name = short_name(values["image"])
    if len(bands) == 1:
        raise RasterProblem(f"{name} has only one band. Give an image with several bands, or one file for each band.", "image")
    number = values.get(f"{role}_band")
    if number:
        return _numbered(bands, number, name, f"{role}_band")
    band = _by_role(bands, role)
    if band is None:
        raise RasterProblem(f"Nothing in {name} tells which band is {ROLES[role].lower()}. Give its number.", f"{role}_band")
    return band


def _two_dates(values: Values) -> Dict[str, Band]:
    roles = _wanted_roles(values.get("bands") or ())
    found: Dict[str, Dict[str, Band]] = {}
    for date in ("before", "after"):
        bands = bands_of(values[date])
        name = short_name(values[date])
        if len(bands) == 1:
            raise RasterProblem(f"{name} has only one band. Change detection needs red and near infrared at least.", date)
        picked = {role: _numbered(bands, number, name, "bands") if number else _by_role(bands, role) for role, number in roles.items()}
        found[date] = {role: band for role, band in picked.items() if band is not None}
        missing = [role for role in roles if role not in found[date] and (role in change.NEEDED or values.get("bands"))]
        if missing:
            raise RasterProblem(
                f"Nothing in {name} tells which band is {ROLES[missing[0]].lower()}. Give numbers, such as red=3, nir=4.", "bands"
            )
    shared = [role for role in roles if role in found["before"] and role in found["after"]]
    return {f"{date}.{role}": bands[role] for date, bands in found.items() for role in shared}


def _wanted_roles(texts: Sequence[str]) -> Dict[str, Optional[int]]:
    """`red=3` as a role and its number; without any text, all roles that a change can use."""
    if not texts:
        return dict.fromkeys((*change.NEEDED, *change.USEFUL))
    wanted: Dict[str, Optional[int]] = {}
    for text in texts:
        match = re.fullmatch(r"\s*([a-z0-9]+)\s*(?:=\s*(\d+)\s*)?", text.lower())
        if not match or match.group(1) not in (*change.NEEDED, *change.USEFUL):
            raise RasterProblem(f"“{text}” is not a band of change detection. Use red, nir, green and swir16, such as red=3.", "bands")
        wanted[match.group(1)] = int(match.group(2)) if match.group(2) else None
    missing = next((role for role in change.NEEDED if role not in wanted), None)
    if missing:
        raise RasterProblem(f"Change detection needs red and nir; {missing} is not among the bands.", "bands")
    return wanted


def _variable(name: str, values: Values) -> Band:
    if name in "abcd" and len(name) == 1:
        if not values.get(name):
            raise RasterProblem(f"The formula uses {name}, but no file is given for it.", name)
        return _single(values[name], name, "")
    if not values.get("image"):
        raise RasterProblem(f"The formula uses {name}, but no image is given.", "image")
    bands = bands_of(values["image"])
    if re.fullmatch(r"b\d+", name):
        return _numbered(bands, int(name[1:]), short_name(values["image"]), "expression")
    band = _by_role(bands, name)
    if band is None:
        hint = f"b1 to b{len(bands)}" if len(bands) > 1 else "b1"
        raise RasterProblem(
            f"The formula uses {name}, which no band of {short_name(values['image'])} is known as. Use {hint}.", "expression"
        )
    return band


def _quality(name: str, values: Values) -> Quality:
    kind = values.get("mask_kind", "auto")
    band = _single(values[name], name, "")
    if kind == "auto":
        kind = masks.guess_kind(short_name(band.name)) or masks.guess_kind(band.label)
    if not kind:
        raise RasterProblem(f"The name of {short_name(band.name)} does not tell what kind of quality band it is. Choose it.", "mask_kind")
    return Quality(band, kind)


def _single(text: str, field: str, role: str) -> Band:
    """The one band that a text names, or the one of several with the role."""
    bands: List[Band] = list(bands_of(text))
    if len(bands) > 1:
        bands = [band for band in bands if role and band.role == role]
    if len(bands) != 1:
        raise RasterProblem(f"{short_name(text)} has several bands. Write the number of the wanted one behind it, such as #4.", field)
    return bands[0]


def _numbered(bands: Sequence[Band], number: int, name: str, field: str) -> Band:
    if not 1 <= number <= len(bands):
        raise RasterProblem(f"{name} has no band {number}; it has {len(bands)}.", field)
    return bands[number - 1]


def _by_role(bands: Sequence[Band], role: str) -> Optional[Band]:
    return next((band for band in bands if band.role == role), None)
