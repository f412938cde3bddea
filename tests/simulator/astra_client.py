"""A plain client of ASTRA and valid submissions, for tests of the simulator itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from .client import Answer, Client
from .personas.astra import Astra

PROCESS = "/api/v1/process"
BEFORE, AFTER = Astra.before, Astra.after
MUNICH = (11.57, 48.14)
BOX = "11.5,48.1,11.6,48.2"


def ndvi(**changes: Any) -> dict[str, Any]:
    body = {"operation": "ndvi", "scene_ids": [AFTER], **changes}
    return {name: value for name, value in body.items() if value != "omit"}


def change(**params: Any) -> dict[str, Any]:
    return {"operation": "change_detection", "scene_ids": [BEFORE, AFTER], "params": params}


class AstraClient(Client):
    """A plain client of ASTRA."""

    def job(self, body: Any = None, **plan: Any) -> str:
        self.sim.astra.next_job(**plan)
        answer = self.call("POST", PROCESS, body or ndvi())
        assert answer.status == 202, answer.body
        return str(answer.json["job_id"])

    def done(self, body: Any = None, **plan: Any) -> str:
        job_id = self.job(body, **plan)
        self.sim.astra.finish(job_id)
        return job_id

    def status(self, job_id: str) -> Any:
        answer = self.get(f"{PROCESS}/{job_id}")
        assert answer.status == 200, answer.body
        return answer.json

    def file(self, job_id: str) -> Answer:
        return self.get(self.status(job_id)["result"]["href"])

    def search(self, **query: Any) -> Answer:
        return self.get("/api/v1/search?" + urlencode({"bbox": BOX, "datetime": "2026-05-01/2026-05-31", **query}))

    def assets(self, **query: Any) -> Answer:
        return self.get("/api/v1/assets?" + urlencode(query))
