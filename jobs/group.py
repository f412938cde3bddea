"""Jobs that were asked for together, as a value: what they may cost together, and whether they go on. No Qt, no QGIS, no files."""

from __future__ import annotations

import enum
import math
import uuid
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from .job import Job, State

BATCH = "batch"  # one job for each feature of a layer
NO_PRICE = "no price"  # a draft's word once the service was asked what it costs and could not tell
PART = "\x1f"  # between a feature's id and the number of one of its parts, in `Job.member`
_AGAIN = frozenset((State.FAILED, State.LOST, State.EXPIRED, State.UNRESOLVED))  # ended, and nothing to be had of it any more
_LOOK = frozenset((State.LOST, State.UNRESOLVED, State.CANNOT_READ))  # ended, but one more look may find what is there
_DUST = 1e-9  # what sums of decimal fractions may be off


class Hold(enum.Enum):
    """Why a draft is not sent now, its turn apart."""

    NONE = "none"
    PAUSED = "paused"
    BUDGET = "budget"  # it would cost more than is left
    NO_PRICE = "no price"  # there is a budget, and nobody knows what it costs


class HeldBack(Exception):
    """A draft must not be sent now; `hold` says why."""

    def __init__(self, hold: Hold) -> None:
        super().__init__(hold.value)
        self.hold = hold


@dataclass(frozen=True)
class Group:
    """What jobs with the same `Job.group` have in common.

    `budget` is in `unit` (the service's), None without one. `note` says why it was paused by itself, "" when a person did.
    `layer` is the name and `layer_id` the project's id of the layer that the features came from (never its source, which may hold
    a key), `id_field` the field with the features' ids, "" for the numbers that QGIS gives them. `carried` is what members took of
    the budget that were forgotten since. `created_at` is in Unix seconds.
    """

    id: str
    title: str
    kind: str = BATCH
    budget: Optional[float] = None
    unit: str = ""
    paused: bool = False
    note: str = ""
    layer: str = ""
    layer_id: str = ""
    id_field: str = ""
    preset: str = ""
    project: str = ""
    carried: float = 0.0
    created_at: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def changed(self, **changes: Any) -> Group:
        return replace(self, **changes)

    def to_dict(self) -> Dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Group:
        """Unknown members are ignored, so that an older version can show a newer group."""
        known = {item.name for item in fields(Group)}
        return Group(**{name: value for name, value in data.items() if name in known})


@dataclass(frozen=True)
class Standing:
    """How far a group is, each member counted once. Amounts are in the group's unit.

    `done`, `failed`, `dropped` (cancelled), `unknown` (ended without anybody knowing whether the service ever had it), `waiting` (not
    sent yet) and `at_work` add up to `total`; `sought` of those at work are looked for at the service. `spent` is what ended members
    took, `reserved` what the others may take, `doubtful` what may have been taken by those that nobody knows of whether the service has
    them. `again` of those that ended can be sent again, `to_look_at` may turn out to have a result after all. `hold` says what keeps the
    next one, which costs `next_price`, from being sent.
    """

    total: int = 0
    done: int = 0
    failed: int = 0
    dropped: int = 0
    unknown: int = 0
    waiting: int = 0
    at_work: int = 0
    sought: int = 0
    spent: float = 0.0
    reserved: float = 0.0
    doubtful: float = 0.0
    again: int = 0
    to_look_at: int = 0
    hold: Hold = Hold.NONE
    next_price: Optional[float] = None

    @property
    def over(self) -> bool:
        """Whether nothing more happens without a person."""
        return not self.waiting and not self.at_work


def new_group(title: str, now: float, **known: Any) -> Group:
    """A group with an id of its own."""
    return Group(uuid.uuid4().hex, title, created_at=now, **known)


def amount_of(text: str) -> Optional[float]:
    """The number of an amount with its unit, such as “3.4 credits”; None when there is none, or one that is no price."""
    try:
        amount = float(text.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None


def unit_of(text: str) -> str:
    """The unit of an amount, "" when there is none."""
    return "".join(text.split(maxsplit=1)[1:])


def price_of(job: Job) -> Optional[float]:
    """What a job takes of its group's budget: nothing while the service surely has it not, what the service charged once it told,
    else the estimate; None when nobody knows. What is charged in another unit than that of the estimate does not count.
    """
    if job.state is State.DRAFT or not (job.remote_id or job.in_doubt):
        return 0.0
    cost, estimate = amount_of(job.cost), amount_of(job.estimate)
    if estimate is not None and len({unit_of(job.cost), unit_of(job.estimate)} - {""}) > 1:
        return estimate
    if cost is None or (job.state.at_work and estimate is not None and estimate > cost):  # what is told of a job that runs may grow
        return estimate
    return cost


def taken(prices: Iterable[Optional[float]], at_least: float = 0.0) -> float:
    """The sum of what jobs took. Those that nobody knows a price of count like the dearest one, `at_least` included."""
    known, unknown = [], 0
    for price in prices:
        if price is None:
            unknown += 1
        else:
            known.append(price)
    return sum(known) + unknown * max([at_least, *known])


def hold_of(group: Group, job: Job, prices: Sequence[Optional[float]]) -> Hold:
    """What keeps a draft from being sent, when these are the prices of the other members."""
    if group.paused:
        return Hold.PAUSED
    if group.budget is None:
        return Hold.NONE
    price = amount_of(job.estimate)
    if price is None:
        return Hold.NO_PRICE
    return Hold.BUDGET if group.carried + taken(prices, price) + price > group.budget + _DUST else Hold.NONE


def latest(jobs: Iterable[Job]) -> Tuple[Job, ...]:
    """The newest job of each member, in the order in which they were asked for; a job without a member stands for itself."""
    newest: Dict[str, Job] = {}
    for job in sorted(jobs, key=lambda job: job.created_at):
        newest[job.member or job.id] = job
    return tuple(newest.values())


def to_try_again(jobs: Iterable[Job]) -> Tuple[Job, ...]:
    """The members without a result that can be had, and those that nobody knows of whether they failed; `jobs` are all of a group.

    A result that the storage keeps from us is not among them: it is there, and was paid for.
    """
    return tuple(job for job in latest(jobs) if _goes_again(job))


def to_look_at(jobs: Iterable[Job]) -> Tuple[Job, ...]:
    """The members that ended without a result, which one more look may still find; `jobs` are all of a group."""
    return tuple(job for job in latest(jobs) if _may_be_there(job))


def standing(group: Group, jobs: Iterable[Job]) -> Standing:
    """How far a group is; `jobs` are all that belong to it."""
    own = [job for job in jobs if job.group == group.id]
    now = latest(own)
    drafts = [job for job in now if job.state is State.DRAFT]
    hold, price = _first_hold(group, own, drafts)
    dropped = sum(job.state is State.CANCELLED for job in now)
    unknown = sum(_is_unknown(job) for job in now)
    doubtful = [job for job in own if job.in_doubt and not job.state.followed]
    known = [job for job in own if job.state.followed or not job.in_doubt]
    return Standing(
        total=len(now),
        done=sum(job.state in (State.FETCHED, State.LOADED) for job in now),
        failed=sum(job.state.failed for job in now) - dropped - unknown,
        dropped=dropped,
        unknown=unknown,
        waiting=len(drafts),
        at_work=sum(job.state.followed for job in now) - len(drafts),
        sought=sum(job.state is State.UNCONFIRMED for job in now),
        spent=group.carried + sum(price_of(job) or 0.0 for job in known if not job.state.followed or job.cost),
        reserved=sum(price_of(job) or 0.0 for job in known if job.state.followed and not job.cost),
        doubtful=sum(price_of(job) or 0.0 for job in doubtful),
        again=sum(_goes_again(job) for job in now),
        to_look_at=sum(_may_be_there(job) for job in now),
        hold=hold,
        next_price=price,
    )


def _goes_again(job: Job) -> bool:
    return job.state in _AGAIN or _is_unknown(job)


def _may_be_there(job: Job) -> bool:
    return job.state in _LOOK or _is_unknown(job)


def _is_unknown(job: Job) -> bool:
    """Whether it ended without anybody knowing whether the service ever had it. One that a person gave up is cancelled."""
    return job.in_doubt and not job.state.followed and job.state is not State.CANCELLED


def _first_hold(group: Group, jobs: Sequence[Job], drafts: Sequence[Job]) -> Tuple[Hold, Optional[float]]:
    """What keeps the draft whose turn it is, and its price. One that was asked about goes before those that were not."""
    if not drafts or group.paused or group.budget is None:
        return (Hold.PAUSED if group.paused and drafts else Hold.NONE), None
    priced = [job for job in drafts if amount_of(job.estimate) is not None]
    if not priced:
        return (Hold.NO_PRICE if all(job.word == NO_PRICE for job in drafts) else Hold.NONE), None
    return hold_of(group, priced[0], [price_of(job) for job in jobs]), amount_of(priced[0].estimate)


class Gate:
    """Which drafts their groups let go, in one look at all jobs. What it lets through, the journal decides."""

    def __init__(self, groups: Mapping[str, Group], jobs: Iterable[Job]) -> None:
        self._groups = groups
        self._jobs = jobs
        self._shut: Dict[str, bool] = {}
        self._prices: Dict[str, List[Optional[float]]] = {}

    def lets(self, job: Job) -> bool:
        """Whether it may be tried. One whose price is not known yet may, so that the service is asked for it."""
        group = self._groups.get(job.group)
        if group is None or (group.budget is None and not group.paused):
            return True
        if group.paused or job.word == NO_PRICE or self._is_shut(group):
            return False
        return amount_of(job.estimate) is None or hold_of(group, job, self._prices[group.id]) is Hold.NONE

    def _is_shut(self, group: Group) -> bool:
        """Whether one does not fit into the budget. The next one may be cheaper, but it is not its turn."""
        if group.id not in self._shut:
            jobs = [job for job in self._jobs if job.group == group.id]
            self._prices[group.id] = [price_of(job) for job in jobs]
            hold, _ = _first_hold(group, jobs, [job for job in jobs if job.state is State.DRAFT])
            self._shut[group.id] = hold is Hold.BUDGET
        return self._shut[group.id]
