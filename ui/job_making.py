"""Requests into jobs: what is done at once for a few, and by a worker for thousands or for large outlines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any, Mapping, Optional, Sequence, Tuple

from ..jobs.group import Group
from ..jobs.job import Job, new_job
from ..providers.base import Cost, Provider
from ..providers.operation import Request

FEW = 50  # jobs that are made in a few ms
SIMPLE = 5_000  # corners, all outlines together


@dataclass(frozen=True)
class Making:
    """What jobs are made of. `known`: more of each job, such as its group or another project than `project`, the path of the open one.

    `estimate` is what a single job costs, `group` a new one that they belong to; `fingerprints` are those of the requests where they
    are known already. `now` is in Unix seconds.
    """

    requests: Sequence[Request]
    now: float
    project: str = ""
    estimate: Optional[Cost] = None
    known: Sequence[Mapping[str, Any]] = ()
    group: Optional[Group] = None
    fingerprints: Sequence[str] = ()

    @property
    def is_quick(self) -> bool:
        """Whether nobody would notice that it is done at once."""
        outlines = (request.aoi for request in self.requests)
        return len(self.requests) <= FEW and sum(outline.vertices for outline in outlines if outline is not None) <= SIMPLE

    def jobs(self, provider: Provider) -> Tuple[Job, ...]:
        """The jobs as drafts. Makes no network call; for any thread."""
        account, alone = provider.account, self.estimate is not None and len(self.requests) == 1
        return tuple(
            new_job(
                account.provider, account.name, request, self.now, title=provider.operation(request.operation).title,
                fingerprint=made or provider.fingerprint(request), estimate=str(self.estimate) if alone else "",
                **{"project": self.project, **more},
            )
            for request, more, made in zip(self.requests, self.known or repeat({}), self.fingerprints or repeat(""))
        )  # fmt: skip
