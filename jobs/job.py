"""A job as a value: what was asked, where it stands, what came back. No Qt, no QGIS, no files."""

from __future__ import annotations

import enum
import uuid
from dataclasses import dataclass, field, fields, replace
from typing import Any, Dict, Mapping, Tuple

from ..providers.base import Handle
from ..providers.operation import Request


class State(enum.Enum):
    """The states of a job. `rank` orders them: progress never goes back by itself."""

    DRAFT = "draft"  # written down, not sent; waits for its turn
    SUBMITTING = "submitting"  # the intent is durable; the request may be on its way
    UNCONFIRMED = "unconfirmed"  # sent, but no answer came: it is looked for at the service
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"  # finished there, not yet here
    UNRESOLVED = "unresolved"  # finished, but neither result nor error found
    CANNOT_READ = "cannot_read"  # finished, but storage refuses us
    FETCHING = "fetching"
    FETCHED = "fetched"  # the files are on this disk
    LOADED = "loaded"  # and on the map
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LOST = "lost"  # the service says it does not know it
    UNKNOWN = "unknown"  # sent, and the service has no means to tell whether it has it

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @property
    def followed(self) -> bool:
        """Whether there is still something to do without a person."""
        return self in _FOLLOWED

    @property
    def at_work(self) -> bool:
        """Whether the service counts it among the account's concurrent jobs."""
        return self in (State.SUBMITTING, State.UNCONFIRMED, State.QUEUED, State.RUNNING)

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        return self in _FAILED


_RANKS = {
    State.DRAFT: 0,
    State.SUBMITTING: 1,
    State.UNCONFIRMED: 2,
    State.QUEUED: 3,
    State.RUNNING: 4,
    State.SUCCEEDED: 5,
    State.UNRESOLVED: 5,
    State.CANNOT_READ: 5,
    State.FETCHING: 6,
    State.FETCHED: 7,
    State.LOADED: 8,
    State.FAILED: 9,
    State.CANCELLED: 9,
    State.EXPIRED: 9,
    State.LOST: 9,
    State.UNKNOWN: 9,
}
_FAILED = frozenset(
    (State.FAILED, State.CANCELLED, State.EXPIRED, State.LOST, State.UNKNOWN, State.UNRESOLVED, State.CANNOT_READ)
)
_AGAIN = {
    State.UNRESOLVED: State.RUNNING, State.LOST: State.RUNNING, State.FAILED: State.RUNNING, State.CANCELLED: State.RUNNING,
    State.CANNOT_READ: State.SUCCEEDED, State.EXPIRED: State.SUCCEEDED, State.FETCHED: State.SUCCEEDED, State.LOADED: State.SUCCEEDED,
}  # fmt: skip
_FOLLOWED = frozenset(
    (State.DRAFT, State.SUBMITTING, State.UNCONFIRMED, State.QUEUED, State.RUNNING, State.SUCCEEDED, State.FETCHING)
)


@dataclass(frozen=True)
class Job:
    """An immutable snapshot. Times are Unix seconds (0 = not yet), texts are plain, `request` is `Request.to_dict()`.

    `account` is the account's name; `project` the path of the project it was asked from; `tries` counts failed looks in a row;
    `files` are what was delivered, `layers` what was made of it, `links` the names of files that stayed at the service (never addresses:
    those may be as good as a key, and are asked for again). Jobs that were asked for together share a `group` (an id) with its
    `group_title`; `member` says which of them this one is: the id of a feature, a date.
    """

    id: str
    provider: str
    account: str
    operation: str
    title: str = ""
    request: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    state: State = State.DRAFT
    remote_id: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    word: str = ""
    progress: float = -1.0  # 0…1, negative when unknown
    message: str = ""
    details: str = ""
    warning: str = ""
    estimate: str = ""
    cost: str = ""
    origin: str = "dock"
    project: str = ""
    folder: str = ""
    group: str = ""
    group_title: str = ""
    member: str = ""
    files: Tuple[str, ...] = ()
    layers: Tuple[str, ...] = ()
    links: Tuple[str, ...] = ()
    tries: int = 0
    created_at: float = 0.0
    sent_at: float = 0.0
    sent_there: float = 0.0  # the same by the service's own clock, where it is known
    seen_at: float = 0.0
    finished_at: float = 0.0
    expires_at: float = 0.0
    next_at: float = 0.0  # when something that did not work is tried again

    @property
    def handle(self) -> Handle:
        return Handle(self.remote_id, self.extra)

    @property
    def account_key(self) -> str:
        """Provider and account name in one."""
        return f"{self.provider}/{self.account}"

    @property
    def in_doubt(self) -> bool:
        """Whether the service may have it, and charge for it, although nobody here knows its id there."""
        return not self.remote_id and bool(self.sent_at) and self.state not in (State.DRAFT, State.FAILED)

    @property
    def counts(self) -> bool:
        """Whether asking for the same once more may be paid for twice."""
        return self.in_doubt or not self.state.failed

    @property
    def looked_at_again(self) -> State:
        """From where it goes on when a person wants one more look at it."""
        if self.in_doubt and not self.state.followed:
            return State.UNCONFIRMED
        return _AGAIN.get(self.state, self.state) if self.remote_id else self.state

    def asked(self) -> Request:
        """The request as it was sent."""
        return Request.from_dict(self.request)

    def changed(self, **changes: Any) -> Job:
        return replace(self, **changes)

    def to_dict(self) -> Dict[str, Any]:
        """Plain JSON values."""
        return {**vars(self), "state": self.state.value}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Job:
        """Unknown members are ignored, so that an older version can show a newer job."""
        known = {item.name for item in fields(Job)}
        values = {name: value for name, value in data.items() if name in known}
        values["state"] = State(values["state"])
        for name in ("files", "layers", "links"):
            values[name] = tuple(values.get(name, ()))
        return Job(**values)


def new_job(provider: str, account: str, request: Request, now: float, identity: str = "", **known: Any) -> Job:
    """A draft with an id of its own, which is also the request's tag."""
    identity = identity or uuid.uuid4().hex
    tagged = replace(request, tag=identity)
    return Job(
        id=identity, provider=provider, account=account, operation=request.operation, request=tagged.to_dict(), created_at=now, **known
    )  # fmt: skip


def label_of_retry(identity: str) -> str:
    """The id of the job that takes the place of a failed one."""
    return uuid.uuid5(uuid.NAMESPACE_OID, identity).hex
