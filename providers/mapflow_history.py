"""Past processings of Mapflow, by page. What the service cannot sift is sifted here, page by page."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Tuple
from urllib.parse import quote

from . import replies
from .base import Cost, HistoryPage, HistoryQuery, Phase, RemoteJob
from .mapflow_calls import MISSING, MapflowCalls
from .mapflow_read import KM2, LONGEST_NAME, handle, items, status
from .mapflow_tasks import PROCESSING
from .remote import NAME

PAST_PAGE = 100  # processings of one page
ENOUGH = 50  # jobs found, after which no other page is read before somebody asks
MOST_PAGES = 10  # that one question reads
_LINK = re.compile(r"/projects/([^/?#]+)/processings/([^/?#]+)")

Rows = List[Mapping[str, Any]]


class MapflowHistory(MapflowCalls):
    """The part of the provider that is about the past."""

    def history(self, query: Optional[HistoryQuery] = None) -> HistoryPage:
        query = query or HistoryQuery()
        number, found, looked = int(query.after or 1), [], 0
        last: Rows = []
        for page in range(number, number + MOST_PAGES):
            rows, total, more = self._past_rows(query, page)
            jobs = [job for job in map(_past_job, rows) if job is not None]
            going_round = rows == last  # the service does not know pages
            looked += 0 if going_round else len(jobs)
            found += [job for job in jobs if query.takes(job) and not going_round]
            before = bool(query.first and jobs) and all("" < job.status.created_at[:10] < query.first for job in jobs)
            if not more or before or going_round:
                return HistoryPage(tuple(found), "", total, looked)
            last = rows
            if len(found) >= ENOUGH:
                break
        return HistoryPage(tuple(found), str(page + 1), total, looked)

    def _past_rows(self, query: HistoryQuery, page: int) -> Tuple[Rows, Optional[int], bool]:
        """A page, how many rows there are in all, and whether another page follows."""
        if query.project:
            return self._rows_of_project(query.project, page)
        body: Dict[str, Any] = {"page": page, "perPage": PAST_PAGE}
        sifted = {"filter": "status=OK"} if query.phases == (Phase.SUCCEEDED,) else {}
        reply = self.ask("POST", "/processings/stats?type=JSON", {**body, "sort": "created:desc", **sifted})
        if reply.status == 400:  # an order or a filter that this version does not know
            reply = self.ask("POST", "/processings/stats?type=JSON", body)
        if reply.status in MISSING:
            return items(self.answer(self.ask("GET", "/processings/v2")), "results"), None, False
        return _page_of(self.answer(reply), page)

    def _rows_of_project(self, place: str, page: int) -> Tuple[Rows, Optional[int], bool]:
        path = f"/projects/{quote(place, safe='')}/processings/v2"
        body = {"limit": PAST_PAGE, "offset": (page - 1) * PAST_PAGE, "sortBy": "CREATED", "sortOrder": "DESC"}
        reply = self.ask("POST", f"{path}/page", body)
        if reply.status in (400, *MISSING):  # 400: pages of another size
            return items(self.answer(self.ask("GET", path)), "results"), None, False
        return _page_of(self.answer(reply), page)


def _page_of(data: Any, page: int) -> Tuple[Rows, Optional[int], bool]:
    rows, told = items(data, "results"), replies.number(replies.member(data, "total"))
    total = None if told is None else int(told)
    more = bool(rows) and (len(rows) >= PAST_PAGE if total is None else page * PAST_PAGE < total)
    return rows, total, more


def _past_job(row: Mapping[str, Any]) -> Optional[RemoteJob]:
    """A row of the statistics or a listed processing; None for what was deleted."""
    if row.get("archived") is True:
        return None
    link = _LINK.search(str(row.get("linkToMap") or ""))
    told = {**row, **({"id": link.group(2), "projectId": link.group(1)} if link else {})}
    made, stands = handle(told), status(told)
    size, amount = replies.number(row.get("area")), replies.number(row.get("cost"))
    return RemoteJob(
        made, PROCESSING.key, stands, name=made.extra.get(NAME, ""), task=made.extra.get("model", ""),
        source=_source(row), place=replies.words(row.get("projectName"), LONGEST_NAME), area_km2=None if size is None else size / KM2,
        cost=None if amount is None else Cost(amount, "credits", "service’s figure"),
    )  # fmt: skip


def _source(row: Mapping[str, Any]) -> str:
    """Whose imagery it was made from, as far as the row tells."""
    told = replies.member(row, "params", "sourceParams")
    named = [members for members in (told.values() if isinstance(told, Mapping) else ()) if isinstance(members, Mapping)]
    listed = [replies.words(members.get("providerName")) or replies.words(members.get("dataProvider")) for members in named]
    return replies.words(row.get("dataProvider")) or next((name for name in listed if name), "")
