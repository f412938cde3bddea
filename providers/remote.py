"""What services tell of jobs, of where they keep them, and of the past, as values."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from .operation import Request

# Members of a job's `extra` that mean the same for every service.
NAME = "name"  # what the service calls the job
PROJECT = "project"  # id of the project it is in
RATING = "rating"  # stars that a person gave, 1 to 5
REVIEW = "review"  # OPEN while a person has to decide, else the service's word
DELETED = "deleted"  # when it was deleted at the service, ISO 8601 UTC
AREAS = "areas"  # ids of those areas of a failed job whose results are wanted all the same, separated by commas
OPEN = "open"


@dataclass(frozen=True)
class Cost:
    """An amount in the service's unit. `basis` says where it comes from ("" when nothing is charged), `note` what a person should know."""

    amount: Optional[float]
    unit: str
    basis: str = "service’s estimate"
    note: str = ""
    sufficient: Optional[bool] = None

    def __str__(self) -> str:
        return f"{self.amount:.10g} {self.unit}" if self.amount is not None else ""


@dataclass(frozen=True)
class Handle:
    """The service's id of a job, with whatever else is needed to find it again. Survives JSON."""

    remote_id: str
    extra: Mapping[str, str] = field(default_factory=dict)


class Phase(enum.Enum):
    """A job's state as the service tells it, in our words."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNRESOLVED = "unresolved"
    CANNOT_READ = "cannot_read"


@dataclass(frozen=True)
class Status:
    """One look at a job. `word` is the service's own word, `progress` 0…1, times are ISO 8601 UTC, `warning` a sentence or "".

    `extra` is remembered with the job's handle; `again` asks for the next look after so many seconds instead of by the operation's pace.
    """

    phase: Phase
    word: str = ""
    progress: Optional[float] = None
    message: str = ""
    code: str = ""
    cost: Optional[Cost] = None
    created_at: str = ""
    finished_at: str = ""
    expires_at: str = ""
    warning: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    again: Optional[float] = None


@dataclass(frozen=True)
class Asset:
    """One file of a result. `signed` tells whether the account's own signature goes with it; `size` in bytes, None when unknown."""

    name: str
    url: str
    media_type: str = ""
    size: Optional[int] = None
    expires_at: str = ""
    signed: bool = False


@dataclass(frozen=True)
class Part:
    """One area of a job and how far it is: the service's own `word`, `progress` 0…1, what the service has to say of it."""

    id: str
    phase: Phase
    word: str = ""
    progress: Optional[float] = None
    area_km2: Optional[float] = None
    messages: Tuple[str, ...] = ()


@dataclass(frozen=True)
class TileSet:
    """Map tiles of a result or its imagery, which anybody may read: `url` with {z}, {x} and {y}.

    `bounds` are west, south, east, north in degrees (EPSG:4326), None when the service does not tell.
    """

    name: str
    url: str
    vector: bool = False
    zooms: Tuple[int, int] = (0, 18)
    bounds: Optional[Tuple[float, float, float, float]] = None


@dataclass(frozen=True)
class Project:
    """Where a service keeps jobs. Counts are of jobs, None when it does not tell; `people` are (who, role) it is shared with.

    `role` is the account's own, "" for an owner or when nobody tells; `changed_at` ISO 8601 UTC.
    """

    id: str
    name: str = ""
    is_default: bool = False
    description: str = ""
    succeeded: Optional[int] = None
    failed: Optional[int] = None
    role: str = ""
    people: Tuple[Tuple[str, str], ...] = ()
    changed_at: str = ""

    @property
    def may_change(self) -> bool:
        """Whether the account's role lets it rename and delete; a role nobody knows does not."""
        return self.role.lower() in ("", "owner", "maintainer")

    @property
    def may_run(self) -> bool:
        """Whether the account's role lets it run jobs; a role nobody knows does not."""
        return self.may_change or self.role.lower() == "contributor"


@dataclass(frozen=True)
class RemoteJob:
    """A job as the service lists it, whoever submitted it. `task` says by what it was made, `source` from which imagery.

    `place` is its project's name. A job without an id in its `handle` can be shown and nothing more.
    """

    handle: Handle
    operation: str
    status: Status
    request: Optional[Request] = None
    name: str = ""
    task: str = ""
    source: str = ""
    place: str = ""
    area_km2: Optional[float] = None
    cost: Optional[Cost] = None


@dataclass(frozen=True)
class HistoryQuery:
    """Which past jobs: all `words` occur in their texts, state among `phases` (all when empty), in the `project` with this id.

    `first` and `last` are days in UTC, YYYY-MM-DD, both included; `after` is `HistoryPage.after` of the page before.
    """

    words: str = ""
    phases: Tuple[Phase, ...] = ()
    project: str = ""
    first: str = ""
    last: str = ""
    after: str = ""

    def takes(self, job: RemoteJob) -> bool:
        """Whether a job is asked for."""
        text = f"{job.name} {job.task} {job.source} {job.place} {job.handle.remote_id}".lower()
        day, status = job.status.created_at[:10], job.status
        return (
            all(word in text for word in self.words.lower().split())
            and (not self.phases or status.phase in self.phases)
            and (not self.project or job.handle.extra.get(PROJECT) == self.project)
            and (not day or (day >= self.first and (not self.last or day <= self.last)))
        )


@dataclass(frozen=True)
class HistoryPage:
    """Past jobs, newest first. `after` asks for the next page, "" at the end; `total` counts all jobs, None when nobody tells.

    `looked` counts the jobs that were gone through for it, those that were not asked for included.
    """

    jobs: Tuple[RemoteJob, ...] = ()
    after: str = ""
    total: Optional[int] = None
    looked: int = 0
