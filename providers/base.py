"""The contract between Groundtrack and a service.

A provider is one file with one subclass of `Provider`. It declares its account, its operations and what the service can do
(`Can`), turns a `Request` into the exact HTTP call, and turns the service's words into the values below. It knows neither Qt nor
QGIS, keeps no state that a restart would lose, and may be called from any thread.
"""

from __future__ import annotations

import abc
import enum
import hashlib
import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, ClassVar, Dict, Iterator, Mapping, Optional, Sequence, Tuple, Union

from ..aoi import Aoi
from .cancel import Cancel
from .errors import NotFound, ServiceProblem
from .fields import Field, Guess, parse_all
from .http import Body, HttpCall, Reply
from .keeping import Keeping
from .operation import Operation, Request
from .remote import Asset, Cost, Handle, HistoryPage, HistoryQuery, Part, Phase, Project, RemoteJob, Status
from .rights import Rights
from .scenes import Scene, SceneAsset, ScenePage, SceneQuery
from .transport import Options, Transport

__all__ = [
    "Account", "Asset", "Can", "Cost", "Greeting", "Handle", "HistoryPage", "HistoryQuery", "Part", "Phase", "Problem", "Project",
    "Provider", "RemoteJob", "Repair", "Request", "Secrets", "Severity", "Status", "with_aoi",
]  # fmt: skip


MOST_CORNERS_IN_CLEAR = 5000  # of an area in a fingerprint: the text of larger ones would hold up other threads


class Secrets(Mapping[str, str]):
    """Secret values that never show themselves."""

    def __init__(self, values: Optional[Mapping[str, str]] = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._values)})"


@dataclass(frozen=True)
class Account:
    """A named way into a service: `public` values may be shown and stored in clear, `secrets` only live in memory."""

    provider: str
    name: str
    public: Mapping[str, str] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=Secrets)

    def value(self, name: str) -> str:
        """A public or secret value, "" when absent."""
        return self.public.get(name) or self.secrets.get(name) or ""

    @property
    def url(self) -> str:
        """The service's address without a slash at its end."""
        return self.value("url").rstrip("/")


class Can(enum.Flag):
    """What a service really offers beyond submit, status and result."""

    NOTHING = 0
    ESTIMATE = enum.auto()
    CANCEL = enum.auto()
    RESTART = enum.auto()
    DELETE = enum.auto()
    LOGS = enum.auto()
    SCENES = enum.auto()
    HISTORY = enum.auto()
    RENAME = enum.auto()
    PROJECTS = enum.auto()
    RATE = enum.auto()
    REVIEW = enum.auto()
    PARTS = enum.auto()
    TILES = enum.auto()
    IMAGERY = enum.auto()  # see imagery.py


@dataclass(frozen=True)
class Greeting:
    """Answer of `check`: who is signed in (never an e-mail address), the balance and limits, in words; "" where the service is silent."""

    who: str = ""
    balance: str = ""
    limits: str = ""


class Severity(enum.Enum):
    """Whether a problem stops the request."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Repair:
    """A cure: `label` is the button, `apply` gives the request or requests that have the problem no more."""

    label: str
    apply: Callable[[Request], Tuple[Request, ...]]


@dataclass(frozen=True)
class Problem:
    """One thing that would be refused (ERROR) or should be known (WARNING), as a sentence. `field` names the input, "" for the area.

    `repair` is the cure that is proposed first, `others` those to choose instead. `settings` names the account's fields that are missing.
    """

    code: str
    message: str
    severity: Severity = Severity.ERROR
    field: str = ""
    repair: Optional[Repair] = None
    others: Tuple[Repair, ...] = ()
    settings: Tuple[str, ...] = ()

    def repairs(self) -> Tuple[Repair, ...]:
        """Every cure, the proposed one first."""
        return (self.repair, *self.others) if self.repair else self.others


class Provider(Keeping, abc.ABC):
    """One service, seen through one account. What is optional about its jobs is declared by `Keeping`."""

    key: ClassVar[str]
    title: ClassVar[str]
    website: ClassVar[str] = ""
    unseen: ClassVar[str] = "{} does not show this job"  # of one whose answer was lost, with the service's title
    absence: ClassVar[str] = "the request most likely never arrived"  # what follows when it stays unseen
    account_fields: ClassVar[Tuple[Field, ...]] = ()
    fixed_operations: ClassVar[Tuple[Operation, ...]] = ()
    can: ClassVar[Can] = Can.NOTHING
    most_running: ClassVar[int] = 4  # jobs at once per account; more wait here
    requests_per_second: ClassVar[float] = 2.0
    round_seconds: ClassVar[float] = 5.0  # between two questions for the states of an account's jobs
    limit_header: ClassVar[str] = ""  # lower case; tells the requests a minute that the service allows, of which half are used
    runs_elsewhere: ClassVar[bool] = True  # whether jobs go on when this process ends
    retention_days: ClassVar[Optional[int]] = None
    scene_collections: ClassVar[Tuple[Tuple[str, str], ...]] = ()  # (the service's word, label) of what scenes are searched in
    scene_filters: ClassVar[Tuple[Field, ...]] = ()  # what a search can be narrowed by besides days, clouds and collections
    scene_files: ClassVar[bool] = True  # whether scenes have files to open

    def __init__(self, account: Account, transport: Transport, cancel: Optional[Cancel] = None) -> None:
        self.account = account
        self.transport = transport
        self.cancel = cancel or Cancel()

    def operations(self) -> Tuple[Operation, ...]:
        """What can be asked for. May call the service (then it caches)."""
        return self.fixed_operations

    def operation(self, key: str) -> Operation:
        """Raises NotFound."""
        found = next((operation for operation in self.operations() if operation.key == key), None)
        if found is None:
            raise NotFound(f"{self.title} has no task “{key}”.", advice="Choose another task.")
        return found

    def learn(self) -> None:
        """Read what the account allows, for `operation` and `problems`. May call the service; kept for all providers of the account."""

    def choices(self, name: str, values: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
        """Suggestions for fields whose `choices_from` is `name`, as (value, label), given the other values. May call the service."""
        return ()

    @abc.abstractmethod
    def check(self) -> Greeting:
        """Sign in as cheaply as possible. Raises AuthError when the key is not accepted, TransportError when nobody answers."""

    @abc.abstractmethod
    def problems(self, request: Request) -> Tuple[Problem, ...]:
        """Everything that would be refused, found without any network call. Empty means: may be sent."""

    def guesses(self, request: Request) -> Mapping[str, Guess]:
        """What can be told of fields by looking at other inputs, by field name. May open files and call servers that a person named."""
        return {}

    def estimate(self, request: Request) -> Optional[Cost]:
        """What the request would cost, or None when nobody knows. Never charges."""
        return None

    def split(self, request: Request) -> Tuple[Request, ...]:
        """The jobs that the request asks for, one unless it wants to be split. Pure, and never raises: what is wrong, `problems` says."""
        return (request,)

    @abc.abstractmethod
    def build(self, request: Request) -> HttpCall:
        """The exact call that `submit` makes. Pure: no network, no clock."""

    def fingerprint(self, request: Request) -> str:
        """Equal for requests that would have the service do the same again, whatever their tag and spelling."""
        values, _ = parse_all(self.operation(request.operation).fields, request.values)
        area: Any = None
        if request.aoi is not None:
            area = request.aoi.geojson() if request.aoi.vertices <= MOST_CORNERS_IN_CLEAR else request.aoi.checksum
        asked = json.dumps([self.key, self.account.url, request.operation, values, area], sort_keys=True, default=str)
        return hashlib.sha256(asked.encode()).hexdigest()

    @abc.abstractmethod
    def submit(self, request: Request) -> Handle:
        """Send the request once.

        Returning means the service has the job. Raising means it has not (InvalidRequest, AuthError, QuotaError, TransportError …),
        except AmbiguousSubmit: nobody knows, ask `recover`.
        """

    def time_there(self) -> float:
        """Unix time in s by the service's own clock; 0 when no answer told it yet."""
        clock = getattr(self.transport, "clock", None)  # what computes here, or answers from a script, has none
        return clock.now() if clock else 0.0

    @abc.abstractmethod
    def recover(self, request: Request, sent_at: float, known: Sequence[str], sent_there: float = 0.0) -> Optional[Handle]:
        """After AmbiguousSubmit or a crash: the job the service has for this request, or None when it does not show one.

        `sent_at` is Unix time in s, `sent_there` the same by the service's own clock (0: not known), `known` are remote ids that
        belong to other jobs. Raises AmbiguousSubmit when the service has no means to tell; `retryable`: or not yet.
        """

    def trace(self, request: Request) -> str:
        """Where a person can look for the job of a request whose answer was lost."""
        return "the service’s own list of jobs"

    @abc.abstractmethod
    def statuses(self, handles: Sequence[Handle]) -> Dict[str, Union[Status, ServiceProblem]]:
        """The state of each job by remote id, in as few calls as the service allows; safe to repeat.

        A problem of one job stands in its place; a problem of the whole call is raised. An unknown word is RUNNING with a warning.
        """

    @abc.abstractmethod
    def assets(self, handle: Handle) -> Tuple[Asset, ...]:
        """The files of a finished job, links fresh at every call. Raises Gone when they are no longer kept."""

    @abc.abstractmethod
    def problem_of(self, reply: Reply) -> ServiceProblem:
        """What an answer other than 2xx means, with the service's own words first; for downloads too (410: Gone)."""

    def open(self, asset: Asset, start: int = 0, cancel: Optional[Cancel] = None) -> Body:
        """Begin to download from byte `start`. The account's signature is sent only when the asset asks for it."""
        headers = dict(self.signature()) if asset.signed else {}
        if start:
            headers["Range"] = f"bytes={start}-"
        headers["Accept-Encoding"] = "identity"
        call = HttpCall("GET", asset.url, signature="")
        return self.transport.stream(call, Options(headers=headers, cancel=cancel or self.cancel))

    def rights(self, handle: Handle) -> Optional[Rights]:
        """What a result in a bucket is read with where it lies; None for results that have to be downloaded, or whose links suffice.

        May call whoever gives out credentials. Raises what reading from the bucket raises.
        """
        return None

    def bring(self, asset: Asset, target: Path) -> bool:
        """Put a file that is already on this computer at `target`; False: it has to be downloaded. Raises Gone, OSError."""
        return False

    def signature(self) -> Mapping[str, str]:
        """The headers that prove who asks. Made afresh for each call, sent to the service's own host only."""
        return {}

    def search_scenes(self, query: SceneQuery) -> ScenePage:
        """Scenes the service has, newest first (Can.SCENES). Raises InvalidRequest, AuthError, TransportError …"""
        raise NotFound(f"{self.title} has no scene search.", advice="Search with another service.")

    def scene_values(self, scenes: Sequence[Scene]) -> Tuple[str, Mapping[str, Any]]:
        """The task that takes these scenes, earliest first, and the values it needs; ("", {}): the first that has a field for scenes.

        Raises InvalidRequest when they cannot be used together (Can.SCENES).
        """
        return "", {}

    def scene_assets(self, scene: Scene) -> Tuple[SceneAsset, ...]:
        """What can be opened of a scene, links fresh at every call (Can.SCENES)."""
        raise NotFound(f"{self.title} gives no access to scenes.", advice="Search with another service.")

    def quicklook(self, scene: Scene) -> Optional[SceneAsset]:
        """A small picture of a scene, None when there is none. May call the service when the search did not name one (Can.SCENES)."""
        return scene.quicklook

    def options(self, *, repeat: bool = True, most_bytes: int = 32 * 1024 * 1024) -> Options:
        """Options of a signed call."""
        return Options(headers=self.signature(), repeat=repeat, most_bytes=most_bytes, cancel=self.cancel)


def with_aoi(request: Request, aoi: Aoi) -> Request:
    """The same request for another area."""
    return replace(request, aoi=aoi)
