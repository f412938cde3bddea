"""History of processings of the Mapflow persona, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

from ..messages import Request, Response
from .mapflow_codes import bad
from .mapflow_jobs import FINAL, Job
from .mapflow_settings import Account

if TYPE_CHECKING:
    from .mapflow import Mapflow

SORT = re.compile(r"(created|completionDate|name|status|cost|area)[:,](asc|desc)")
FILTER = re.compile(r"status=([A-Z_]+)")
COLUMNS = ("projectName", "name", "email", "area", "cost", "created", "completionDate", "status", "percentCompleted", "archived",
           "dataProvider", "linkToMap", "scenario")
SAME = {"CANCELED": "CANCELLED"}


class History:
    """The route /processings/stats."""

    def __init__(self, service: Mapflow) -> None:
        self._service = service
        service.add("POST", "/processings/stats", self._stats, write=False)

    def _stats(self, account: Account, request: Request) -> Any:
        kind, body = request.query.get("type", "").upper(), self._service.gate.body(request)
        if kind not in ("JSON", "CSV"):
            raise bad("type must be JSON or CSV")
        shape = self._service.settings.stats_shape
        if not self._service.settings.stats_sifts and ("sort" in body or "filter" in body):
            raise bad("sort and filter are not understood")
        rows = self._rows(account, body)
        if shape == "no_links":
            rows = [{**row, "linkToMap": None} for row in rows]
        page, size = body.get("page", 1), body.get("perPage", 50)
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in (page, size)):
            raise bad("page and perPage must be whole numbers from 1")
        shown = rows[(page - 1) * size:page * size]
        if kind == "CSV":
            return _csv(rows if "page" not in body else shown)
        if shape == "no_totals":
            return {"results": shown}
        return {"results": shown, "total": len(rows), "count": len(shown), "totalCost": sum(row["cost"] for row in rows),
                "totalArea": sum(row["area"] for row in rows)}

    def _rows(self, account: Account, body: dict[str, Any]) -> list[dict[str, Any]]:
        sort, wanted = SORT.fullmatch(body.get("sort", "created:desc")), FILTER.fullmatch(body.get("filter", "status=ALL"))
        if sort is None or wanted is None:
            raise bad("sort or filter is not understood")
        states = {SAME.get(one, one) for one in body.get("statuses", [])}
        states |= {wanted.group(1)} if "filter" in body else set()
        terms, first, last = body.get("terms", "").lower(), body.get("dateFrom", ""), body.get("dateTo", "9")
        rows = [self._row(job) for job in list(self._service.jobs.values()) if job.owner == account.owner]
        rows = [row for row in rows if (not states or SAME.get(row["status"], row["status"]) in states)
                and terms in row["name"].lower() and first <= row["created"] <= last]
        rows.sort(key=lambda row: str(row[sort.group(1)] or "") if sort.group(1) not in ("cost", "area") else row[sort.group(1)],
                  reverse=sort.group(2) == "desc")
        return rows

    def _row(self, job: Job) -> dict[str, Any]:
        service, now = self._service, self._service.clock.now()
        project, state = service.projects.get(job.project_id), job.state(now)
        return {"projectName": project.name if project else None, "name": job.name, "email": job.email, "area": job.order.area,
                "cost": job.order.cost, "created": service.moment(job.created),
                "completionDate": service.moment(job.ends) if state in FINAL else None, "status": state,
                "percentCompleted": job.percent(now), "archived": job.archived, "dataProvider": job.order.provider,
                "linkToMap": f"{service.app.url}/projects/{job.project_id}/processings/{job.job_id}",
                "scenario": job.order.model.name}


def _csv(rows: list[dict[str, Any]]) -> Response:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return Response(200, {"Content-Type": "text/csv"}, text.getvalue().encode("utf-8"))
