"""Processings of Mapflow: all of an account's running ones in a few lists, lost ones found by their label, changes."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Union
from urllib.parse import quote

from ..aoi import Aoi, AoiError, from_geojson
from . import errors, replies
from .base import Asset, Handle, Status
from .mapflow_ask import is_ours, remembered
from .mapflow_calls import MISSING
from .mapflow_history import MapflowHistory
from .mapflow_projects import MapflowProjects
from .mapflow_read import Area, areas, handle, items, listed, status
from .mapflow_tasks import PROCESSING
from .mapflow_tiles import tile_sets
from .operation import Request
from .remote import AREAS, TileSet

Look = Union[Status, errors.ServiceProblem]

FEW = 3  # jobs from which a list is asked for
PAGE = 250  # processings of one page
MOST_CALLS = 10  # of one round
CLOCKS_DIFFER = 120.0  # seconds by which the service's clock may lag behind ours


@dataclass
class _Round:
    """One look at many jobs: what is wanted, what was found, the calls made so far."""

    wanted: Dict[str, Handle]
    found: Dict[str, Look]
    listed: Set[str]
    calls: int = 0

    @property
    def missing(self) -> List[Handle]:
        return [item for identity, item in self.wanted.items() if identity not in self.found]

    @property
    def over(self) -> bool:
        return self.calls >= MOST_CALLS or not self.missing

    def take(self, listed: Sequence[Mapping[str, Any]]) -> None:
        """Learn from a list what is wanted of it."""
        for data in listed:
            identity = replies.words(data.get("id"))
            if identity in self.wanted:
                self.found[identity] = status(data)


class MapflowJobs(MapflowHistory, MapflowProjects):
    """The part of the provider that is about jobs the service has."""

    # Watching --------------------------------------------------------------------------------------------------------------------

    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Look]:
        look = _Round({item.remote_id: item for item in handles}, {}, set())
        try:
            if len(look.wanted) >= FEW:
                self._look_at_lists(look)
            while not look.over:
                self._look(secrets.choice(look.missing), look)
        except (errors.TransportError, errors.QuotaError, errors.ServiceError, errors.ProtocolError) as problem:
            if not look.found:
                raise
            return {**dict.fromkeys(look.wanted, problem), **look.found}  # asking on would not help
        refused = [problem for problem in look.found.values() if isinstance(problem, errors.AuthError)]
        if refused and len(refused) == len(look.found):
            raise refused[0]
        later = errors.ServiceError("Mapflow’s lists do not show this job for now; such jobs are asked for one by one, in turn.")
        return {**dict.fromkeys(look.wanted, later), **look.found}

    def _look_at_lists(self, look: _Round) -> None:
        """The lists of the projects; first the one of everything when they are many."""
        places = list(dict.fromkeys(item.extra.get("project", "") for item in look.wanted.values()))
        if len(places) > MOST_CALLS // 2:
            look.calls += 1
            reply = self.ask("GET", "/processings/v2")
            look.take(items(self.answer(reply), "results") if reply.status not in MISSING else [])
            secrets.SystemRandom().shuffle(places)  # those that a round cannot reach come first another time
        for place in places:
            self._list(place, look)

    def _look(self, item: Handle, look: _Round) -> None:
        """One job by itself. Where it turns out to be in a project that was not listed, others may be there too."""
        look.calls += 1
        try:
            data = self.answer(self.ask("GET", f"/processings/{quote(item.remote_id, safe='')}/v2"))
            found: Look = status(data) if isinstance(data, Mapping) else errors.ProtocolError("Mapflow answered with a list.")
        except (errors.NotFound, errors.Gone, errors.InvalidRequest, errors.ServiceError, errors.ProtocolError) as problem:
            found = problem
        except errors.AuthError as problem:
            if problem.status != 403:
                raise
            found = problem  # the account is fine, and may not see this job any more
        look.found[item.remote_id] = found
        place = found.extra.get("project", "") if isinstance(found, Status) else ""
        if place and len(look.missing) >= FEW:
            self._list(place, look)

    def _list(self, place: str, look: _Round) -> None:
        """The jobs of a project. Those that it does not show may have been moved, or be too new."""
        if not place or place in look.listed or look.over:
            return
        look.listed.add(place)
        try:
            for page in self._pages(place, look):
                look.take(page)
                if look.over or not any(item.extra.get("project") == place for item in look.missing):
                    return
        except (errors.AuthError, errors.InvalidRequest, errors.ProtocolError) as problem:
            if problem.status == 401:
                raise  # else it is about this project alone, which may be shared no more; its jobs are asked for by themselves

    def _pages(self, place: str, look: _Round) -> Iterator[List[Mapping[str, Any]]]:
        """The newest first; everything at once when pages are missing or too small."""
        seen = 0
        while look.calls < MOST_CALLS:
            look.calls += 1
            reply = self.ask("POST", f"/projects/{quote(place, safe='')}/processings/v2/page", _page(PAGE, seen))
            if reply.status in (400, *MISSING):  # 400: pages of another size
                break
            data = self.answer(reply)
            page = listed(data)
            yield page
            seen += len(page)
            total = replies.number(replies.member(data, "total"))
            if not page or seen >= (total if total is not None else seen if len(page) < PAGE else seen + 1):
                return
            if total is not None and (total - seen) / len(page) > MOST_CALLS - look.calls - 1:
                break
        look.calls += 1
        reply = self.ask("GET", f"/projects/{quote(place, safe='')}/processings/v2")
        if reply.status not in MISSING:
            yield listed(self.answer(reply))

    # Finding ---------------------------------------------------------------------------------------------------------------------

    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        place = self.project(str(request.values.get("project") or "")).id
        found: List[Mapping[str, Any]] = []
        shown, unread = False, False
        for page in self._pages(place, _Round({}, {}, set())) if place else (self._everything(),):
            shown, named = True, [data for data in page if replies.words(data.get("id"))]
            unread = unread or len(named) < len(page)
            found += [data for data in named if replies.words(data["id"]) not in known and is_ours(data, request)]
            oldest = min((replies.seconds(data.get("created"), sent_at) for data in page), default=sent_at)
            if found or oldest < sent_at - 86_400:
                break
        if not shown:
            raise errors.AmbiguousSubmit("Mapflow shows no list of processings, so it cannot be known whether it has this one.")
        if not request.tag:  # the label is that of all requests alike
            found = [data for data in found if replies.seconds(data.get("created"), sent_at) >= sent_at - CLOCKS_DIFFER]
        if unread and not found:
            raise errors.ProtocolError("Mapflow’s list has entries that cannot be read.")
        found.sort(key=lambda data: replies.seconds(data.get("created"), sent_at))
        return handle(found[0], place, str(request.values.get("model") or "")) if found else None

    def _everything(self) -> List[Mapping[str, Any]]:
        return listed(self.answer(self.ask("GET", "/processings/v2")))

    def asked(self, item: Handle) -> Optional[Request]:
        """What a processing was made with, so that it can be repeated; without an area where the service does not tell it."""
        data = self.answer(self.ask("GET", f"/processings/{quote(item.remote_id, safe='')}/v2"))
        if not isinstance(data, Mapping):
            return None
        outlines = [area.geometry for area in self.parts(item) if area.geometry]
        aoi: Optional[Aoi] = None
        with suppress(AoiError):
            aoi = from_geojson({"type": "GeometryCollection", "geometries": outlines}) if outlines else None
        return Request(PROCESSING.key, remembered(data, self.project().id), aoi)

    # Results ---------------------------------------------------------------------------------------------------------------------

    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        if handle.extra.get(AREAS):
            return self.area_assets(handle, handle.extra[AREAS].split(","))
        kind = handle.extra.get("style", "")
        return (self._asset(handle, f"{kind if kind.isidentifier() and kind != 'generic' else 'result'}.geojson"),)

    def area_assets(self, item: Handle, area_ids: Sequence[str]) -> Tuple[Asset, ...]:
        """The results of some areas alone, for processings of which others failed."""
        queries = [f"?aoiId={quote(one, safe='')}" for one in area_ids]
        return tuple(self._asset(item, f"result_{number}.geojson", query) for number, query in enumerate(queries, 1))

    def _asset(self, item: Handle, name: str, query: str = "") -> Asset:
        url = f"{self.root}/processings/{quote(item.remote_id, safe='')}/result{query}"
        return Asset(name, url, "application/geo+json", signed=True)

    def parts(self, handle: Handle) -> Tuple[Area, ...]:
        reply = self.ask("GET", f"{self._path(handle)}/aois")
        return () if reply.status in MISSING else areas(self.answer(reply))

    def tiles(self, handle: Handle) -> Tuple[TileSet, ...]:
        data = self.answer(self.ask("GET", f"{self._path(handle)}/v2"))
        return tile_sets(data, self.transport, self.options().cancel, self.account.secrets.values())

    # Changes ---------------------------------------------------------------------------------------------------------------------

    def stop(self, handle: Handle) -> None:
        text = "Mapflow cannot cancel a job."
        raise errors.NotFound(text, advice="It goes on there. Deleting it there may not bring its credits back.")

    def restart(self, handle: Handle) -> None:
        path = self._path(handle)
        self.tell("POST", f"{path}/restart", f"{path}/restart/v2")

    def delete(self, handle: Handle) -> None:
        with suppress(errors.NotFound):  # it is gone already
            self.tell("DELETE", self._path(handle))

    def rename(self, handle: Handle, name: str) -> None:
        path = self._path(handle)
        self.tell("PUT", path, f"{path}/v2", body={"name": name})

    def move(self, handle: Handle, project_id: str) -> None:
        self.tell("PUT", self._path(handle), body={"projectId": project_id})

    def rate(self, handle: Handle, stars: int, comment: str = "") -> None:
        self.tell("PUT", f"{self._path(handle)}/rate", body={"rating": stars, "feedback": comment})

    def accept(self, handle: Handle) -> None:
        self.tell("PUT", f"{self._path(handle)}/acceptation")

    def reject(self, handle: Handle, comment: str, marked: Optional[Aoi] = None) -> None:
        found = [{"type": "Feature", "properties": {}, "geometry": part.geojson()} for part in (marked.parts() if marked else ())]
        features = {"type": "FeatureCollection", "features": found}
        self.tell("PUT", f"{self._path(handle)}/rejection", body={"comment": comment, "features": features})

    def _path(self, item: Handle) -> str:
        return f"/processings/{quote(item.remote_id, safe='')}"


def _page(limit: int, offset: int) -> Dict[str, Any]:
    return {"limit": limit, "offset": offset, "sortBy": "CREATED", "sortOrder": "DESC"}
