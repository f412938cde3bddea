"""The data sources of a request: the collection that was chosen, and those it is fused with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from ...evalscripts.reader import Setup
from ..base import Problem, Repair, Severity
from ..operation import Request
from .account import Deployment
from .collections import BANDS, COARSEST, Collection, collection_of
from .form import OPTIONS, SERVICE_DEFAULTS

__all__ = ["COARSEST", "Source", "of", "with_values"]


@dataclass(frozen=True)
class Source:
    """One data source. `name` is its id in the script, "" where there is only one."""

    collection: Collection
    data_filter: Mapping[str, Any] = field(default_factory=dict)
    processing: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    def told(self) -> Dict[str, Any]:
        """As the service takes it."""
        parts = {"id": self.name, "dataFilter": dict(self.data_filter), "processing": dict(self.processing)}
        return {"type": self.collection.key, **{name: part for name, part in parts.items() if part}}


def of(values: Mapping[str, Any], setup: Optional[Setup], deployment: Deployment, problems: List[Problem]) -> Tuple[Source, ...]:
    """All data sources; what is wrong with them is added to `problems`."""
    main = Source(collection_of(values["collection"]), _filter(values), _processing(values))
    found = [main, *_fused(values, main, problems)]
    if len(found) > 1 or (setup is not None and setup.inputs[0].source):
        found = _named(found, values, setup)
    for source in found:
        _check(source, deployment, problems)
    if setup is not None:
        _check_script(tuple(found), setup, problems)
    return tuple(found)


def with_values(request: Request, **changed: Any) -> Request:
    """The same request with other values."""
    return replace(request, values={**request.values, **changed})


def _filter(values: Mapping[str, Any]) -> Dict[str, Any]:
    collection = collection_of(values["collection"])
    told: Dict[str, Any] = {}
    if not collection.timeless:
        if values.get("date_start") and values.get("date_end"):
            told["timeRange"] = {"from": f"{values['date_start']}T00:00:00Z", "to": f"{values['date_end']}T23:59:59Z"}
        cloud = values.get("max_cloud_cover", 100)
        if collection.by_clouds and cloud < 100:
            told["maxCloudCoverage"] = int(cloud) if cloud == int(cloud) else cloud
        told["mosaickingOrder"] = values["mosaicking_order"]
    return {**told, **_options(values, "dataFilter")}


def _processing(values: Mapping[str, Any]) -> Dict[str, Any]:
    told = _options(values, "processing")
    if values.get("speckle_filter") == "LEE":
        window = values.get("speckle_window", 5)
        told["speckleFilter"] = {"type": "LEE", "windowSizeX": window, "windowSizeY": window}
    elif values.get("speckle_filter"):
        told["speckleFilter"] = {"type": "NONE"}
    return told


def _options(values: Mapping[str, Any], group: str) -> Dict[str, Any]:
    given = {name: values[name] for name, (where, _) in OPTIONS.items() if where == group and name in values}
    return {OPTIONS[name][1]: value for name, value in given.items() if SERVICE_DEFAULTS.get(name) != value}


def _fused(values: Mapping[str, Any], main: Source, problems: List[Problem]) -> List[Source]:
    given = values.get("fusion")
    found: List[Source] = []
    for item in given if isinstance(given, list) else [given] if given else []:
        try:
            source = _read(item, main)
        except (LookupError, ValueError) as error:
            problems.append(Problem("fusion", str(error).strip("'\""), field="fusion"))
            continue
        found.append(source)
    names = [source.name for source in found if source.name]
    if len(set(names)) < len(names) or values.get("data_id") in names:
        problems.append(Problem("fusion", "The ids of the collections must differ.", field="fusion"))
    return found


def _read(item: Any, main: Source) -> Source:
    if not isinstance(item, Mapping) or not isinstance(item.get("type"), str):
        raise ValueError("Each further collection is an object with a type, such as {\"type\": \"sentinel-1-grd\", \"id\": \"s1\"}.")
    strange = sorted(set(item) - {"type", "id", "dataFilter", "processing"})
    if strange:
        raise ValueError(f"A further collection has no member “{strange[0]}”.")
    collection = collection_of(item["type"])
    told, processing = item.get("dataFilter") or {}, item.get("processing") or {}
    if not isinstance(told, Mapping) or not isinstance(processing, Mapping):
        raise ValueError("dataFilter and processing of a further collection are objects.")
    days = main.data_filter.get("timeRange")
    if not collection.timeless and "timeRange" not in told and days:
        told = {"timeRange": days, **told}
    return Source(collection, told, processing, str(item.get("id") or ""))


def _named(found: List[Source], values: Mapping[str, Any], setup: Optional[Setup]) -> List[Source]:
    """Ids for all: as given, else what the script calls them and nobody has, else made from the collection."""
    taken = {source.name for source in found if source.name}
    wanted = [item.source for item in setup.inputs if item.source and item.source not in taken] if setup else []
    named: List[Source] = []
    for number, source in enumerate(found):
        name = source.name or (values.get("data_id") if number == 0 else None) or (wanted.pop(0) if wanted else "")
        named.append(replace(source, name=name or f"{source.collection.key.partition('-')[0]}{number + 1}"))
        if name in wanted:
            wanted.remove(name)
    return named


def _check(source: Source, deployment: Deployment, problems: List[Problem]) -> None:
    collection, order = source.collection, source.data_filter.get("mosaickingOrder")
    if collection.at and deployment.key not in collection.at:
        text = f"{collection.title} ({collection.key}) is not available at the deployment {deployment.title}."
        problems.append(Problem("deployment", text, field="collection"))
    if order == "leastCC" and not collection.least_cloudy:
        cure = Repair("Take the Most Recent", lambda request: (with_values(request, mosaicking_order="mostRecent"),))
        text = f"{collection.title} cannot be sorted by cloud cover (leastCC)."
        problems.append(Problem("order", text, field="mosaicking_order", repair=cure))
    if source.processing.get("backCoeff") == "GAMMA0_TERRAIN" and source.processing.get("orthorectify") is not True:
        cure = Repair("Switch Orthorectification On", lambda request: (with_values(request, orthorectify=True),))
        text = "Terrain correction (GAMMA0_TERRAIN) needs orthorectification."
        problems.append(Problem("terrain", text, field="back_coefficient", repair=cure))
    if collection.key.endswith("l2") and source.data_filter.get("tiers") == "TIER_1_AND_RT":
        problems.append(Problem("tiers", f"{collection.title} has no tier TIER_1_AND_RT.", field="tiers"))
    if deployment.is_copernicus and source.data_filter.get("demInstance") == "MAPZEN":
        problems.append(Problem("dem", "The Copernicus Data Space has no MAPZEN elevation model.", field="dem_instance"))


def _check_script(found: Tuple[Source, ...], setup: Setup, problems: List[Problem]) -> None:
    if len(setup.inputs) != len(found):
        text = f"The script has {len(setup.inputs)} inputs, the request {len(found)} collections."
        problems.append(Problem("inputs", text, field="evalscript"))
        return
    names = {source.name: source for source in found if source.name}
    strange = [item.source for item in setup.inputs if item.source and item.source not in names]
    if strange:
        problems.append(Problem("inputs", f"The script calls a collection “{strange[0]}”, which none of them is.", field="fusion"))
    for item, source in zip(setup.inputs, found):
        source = names.get(item.source, source)
        unknown = [band for band in item.bands if band not in BANDS.get(source.collection.key, item.bands)]
        if unknown:
            text = f"{source.collection.title} has no band “{unknown[0]}”, so the job would fail and may be charged."
            problems.append(Problem("band", text, Severity.WARNING, "evalscript"))
    if setup.mosaicking == "TILE" and any(source.collection.is_radar for source in found):
        problems.append(Problem("mosaicking", "Sentinel-1 takes no mosaicking TILE; use ORBIT or SIMPLE.", field="evalscript"))
