"""Looks after the watches while QGIS is open: timers only start work, services are asked by workers."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable, Dict, Optional, Sequence, Set, Tuple

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..jobs.group import amount_of
from ..jobs.job import Job
from ..network import home
from ..presets.watch import RUN, RUNS, Watch
from ..presets.watch_store import Claim, WatchState, WatchStore
from ..providers.base import Account
from ..providers.scenes import Scene
from .account_words import out_of_reach
from .session import Session
from .watch_run import WatchOrder, newest_scene, on_day, order
from .watch_words import amount_words, scene_words
from .words import count, translate

FIRST = 5_000  # ms after start
LOOK = 30_000  # ms between two looks at the clock
AGAIN = 600.0  # s until a service that gave no answer is asked again


@dataclass(frozen=True)
class WatchNews:
    """What a person should know of a watch. `offer`: it can be run now; `jobs` what was sent."""

    state: WatchState
    text: str
    offer: bool = False
    bad: bool = False
    jobs: Tuple[Job, ...] = ()


class Watcher(QObject):
    """Signals: `changed` when `states` or `waiting` did, `told` a WatchNews. One for each session."""

    changed = pyqtSignal()
    told = pyqtSignal(object)

    def __init__(self, session: Session, store: Optional[WatchStore] = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(session)
        self._session = session
        self._clock = clock
        self.store = store or WatchStore(home() / "watches.sqlite")
        self.states: Tuple[WatchState, ...] = ()
        self.waiting: Dict[str, str] = {}  # by watch: why it is due and does not run
        self._busy: Set[str] = set()
        self._again: Dict[str, float] = {}
        self._complaint = ""
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(FIRST)
        session.accounts_changed.connect(self._accounts_changed)
        session.jobs_changed.connect(self._settle)

    def close_down(self) -> None:
        """Start nothing any more."""
        self._timer.stop()
        self._session.accounts_changed.disconnect(self._accounts_changed)
        self._session.jobs_changed.disconnect(self._settle)

    def now(self) -> float:
        return self._clock()

    def look(self) -> None:
        """Read the watches again, and start what is due."""
        self._timer.setInterval(LOOK)
        self._looks += 1
        self._session.work(self, self.store.states, partial(self._take, self._looks), self._fail)

    def put(self, watch: Watch) -> None:
        """Keep a watch, new or changed."""
        self._again.pop(watch.id, None)
        self._write(lambda: self.store.put(watch))

    def switch_off(self, watch: Watch) -> None:
        self._write(lambda: self.store.switch_off(watch.id))

    def remove(self, watch: Watch) -> None:
        """Forget a watch; its jobs and results stay."""
        self._write(lambda: self.store.remove(watch.id))

    def run_now(self, state: WatchState) -> None:
        """Run once because a person wants it: asks for the master password if needed, and keeps to the cap."""
        info = self._session.store.find(state.watch.account_key)
        account = self._session.unlocked(info)
        if account is None:
            self._say(state, out_of_reach(self._session.store, info), bad=True)
        elif state.watch.id not in self._busy:
            self._ask_order(state, account, -int(self.now() * 1000))

    # When ------------------------------------------------------------------------------------------------------------------------

    def _take(self, look: int, states: Tuple[WatchState, ...]) -> None:
        if look != self._looks:
            return  # read before what the next look reads
        first, self.states = not self.states, states
        if first and states:
            self._settle(tuple(self._session.jobs.values()))
        known = {state.watch.id for state in states if state.watch.on}
        self.waiting = {identity: text for identity, text in self.waiting.items() if identity in known}
        for state in states:
            self._start_if_due(state)
        self.changed.emit()

    def _start_if_due(self, state: WatchState) -> None:
        watch, now = state.watch, self.now()
        idle = watch.id not in self._busy and self._again.get(watch.id, 0.0) <= now
        if not watch.on or not idle or state.due_at(now) > now:
            return
        account = self._account(watch.asking_key)
        if account is None:
            self._wait(state, translate("Groundtrack", "Waits: its account is locked or missing."))
            return
        self.waiting.pop(watch.id, None)
        if watch.kind == RUN:
            self._ask_order(state, account, watch.slot(now))
        else:
            self._ask_scene(state, account, watch.slot(now))

    def _account(self, key: str) -> Optional[Account]:
        """Never asks for anything."""
        info = self._session.store.find(key)
        return self._session.store.account(info) if info is not None else None

    def _accounts_changed(self) -> None:
        if self.waiting:
            self.look()

    def _wait(self, state: WatchState, text: str) -> None:
        if self.waiting.get(state.watch.id) != text:
            self.waiting[state.watch.id] = text
            self._say(state, text, bad=True)

    def _failed(self, state: WatchState, slot: int, error: Exception) -> None:
        """No answer, or a bad one: the slot stays unused, and is tried again later."""
        self._busy.discard(state.watch.id)
        self._again[state.watch.id] = self.now() + AGAIN
        text = translate("Groundtrack", "Could not ask the service and tries again later: {}").format(error)
        if slot < 0:
            self._say(state, str(error), bad=True)
        else:
            self._wait(state, text)
        self.changed.emit()

    # Running ---------------------------------------------------------------------------------------------------------------------

    def _ask_order(self, state: WatchState, account: Account, slot: int) -> None:
        watch = state.watch
        self._busy.add(watch.id)
        others = (job for job in self._session.jobs.values() if job.group == watch.group and job.counts)
        asked = frozenset(job.fingerprint for job in others)
        scenes = _scene_ids(state)

        def question(provider: Any) -> WatchOrder:
            day = state.newest[:10]
            wanted = on_day(provider.operation(watch.preset.operation), watch, dt.date.fromisoformat(day)) if day else watch
            return order(provider, wanted, asked, scenes)

        self._session.ask(self, account, question, partial(self._claim_run, state, account, slot), partial(self._failed, state, slot))

    def _claim_run(self, state: WatchState, account: Account, slot: int, wanted: WatchOrder) -> None:
        held = _price(state.watch, wanted)
        reason = _refusal(state.watch, wanted)
        claim = partial(self.store.claim, state.watch.id, slot, 0.0 if reason else held, self.now(), scheduled=slot >= 0)
        then = partial(self._run, state, account, slot, wanted, reason)
        self._session.work(self, claim, then, partial(self._failed, state, slot))

    def _run(self, state: WatchState, account: Account, slot: int, wanted: WatchOrder, reason: str, claim: Claim) -> None:
        watch = state.watch
        if claim is Claim.OVER_CAP:
            text = translate("Groundtrack", "It was switched off: another run would pass its cap of {}.")
            self._end(state, text.format(amount_words(watch.cap, watch.unit)), bad=True)
        elif claim is Claim.TAKEN:
            self._end(state, "")
        elif reason:
            self._end(state, reason, slot=slot, bad=not wanted.known)
        else:
            self._send(state, account, slot, wanted)

    def _send(self, state: WatchState, account: Account, slot: int, wanted: WatchOrder) -> None:
        watch = state.watch
        shared = {"group": watch.group, "group_title": watch.title, **({"project": watch.project} if watch.project else {})}
        known = [{**shared, "member": member} for member in wanted.members]

        def refused(error: Exception) -> None:
            self._end(state, str(error), slot=slot, bad=True)

        then = partial(self._sent, state, slot, wanted)
        more = {"estimate": wanted.cost, "known": known, "fingerprints": wanted.fingerprints}
        self._session.send(self, account, wanted.requests, then, refused, **more)

    def _sent(self, state: WatchState, slot: int, wanted: WatchOrder, jobs: Tuple[Job, ...]) -> None:
        share = _price(state.watch, wanted) / len(jobs)
        text = count(len(jobs), translate("Groundtrack", "1 job was sent."), translate("Groundtrack", "{} jobs were sent."))
        self._end(state, text, slot=slot, jobs=jobs, charges={job.id: share for job in jobs})

    # Scenes ----------------------------------------------------------------------------------------------------------------------

    def _ask_scene(self, state: WatchState, account: Account, slot: int) -> None:
        self._busy.add(state.watch.id)
        then = partial(self._claim_scene, state, slot)
        self._session.ask(self, account, partial(_newest, state.watch), then, partial(self._failed, state, slot))

    def _claim_scene(self, state: WatchState, slot: int, scene: Optional[Scene]) -> None:
        claim = partial(self.store.claim, state.watch.id, slot, 0.0, self.now())
        self._session.work(self, claim, partial(self._compare, state, slot, scene), partial(self._failed, state, slot))

    def _compare(self, state: WatchState, slot: int, scene: Optional[Scene], claim: Claim) -> None:
        if claim is not Claim.OURS:
            self._end(state, "")
        elif scene is None:
            self._end(state, translate("Groundtrack", "No scene of the last months was found."), slot=slot, quiet=True)
        elif state.newest and scene.taken > state.newest.split(" ", 1)[0]:
            seen = replace(state, newest=_with(state, scene))
            self._end(seen, translate("Groundtrack", "New scene: {}").format(scene_words(scene)), slot=slot, offer=True)
        else:
            seen = replace(state, newest=state.newest or _with(state, scene))
            self._end(seen, translate("Groundtrack", "Newest scene: {}").format(scene_words(scene)), slot=slot, quiet=True)

    # What came of it -------------------------------------------------------------------------------------------------------------

    def _end(
        self, state: WatchState, text: str, *, slot: int = 0, quiet: bool = False, bad: bool = False, offer: bool = False,
        jobs: Tuple[Job, ...] = (), charges: Optional[Dict[str, float]] = None,
    ) -> None:  # fmt: skip
        """Write down what came of a run, and tell it unless it is no news."""
        identity, newest = state.watch.id, state.newest
        if text and not quiet:
            self.told.emit(WatchNews(state, text, offer, bad, jobs))

        def write() -> None:
            if slot:
                self.store.finish(identity, slot, text, charges)
            if newest:
                self.store.saw(identity, newest)

        self._session.work(self, write, lambda _: self._free(identity), lambda error: self._free(identity, error))

    def _free(self, identity: str, error: Optional[Exception] = None) -> None:
        self._busy.discard(identity)
        if error is not None:
            self._fail(error)
        self.look()

    def _settle(self, jobs: Sequence[Job]) -> None:
        """What a job of a watch really cost takes the place of what was expected."""
        units = {state.watch.group: state.watch.unit for state in self.states}
        ended = [job for job in jobs if not job.state.followed and job.cost.partition(" ")[2] == units.get(job.group)]
        found = {job.id: amount_of(job.cost) for job in ended}
        costs = {identity: amount for identity, amount in found.items() if amount is not None}
        if costs:
            self._session.work(self, partial(self.store.settle, costs), lambda _: None, self._fail)

    def _write(self, change: Callable[[], None]) -> None:
        self._session.work(self, change, lambda _: self.look(), self._fail)

    def _say(self, state: WatchState, text: str, *, bad: bool = False) -> None:
        self.told.emit(WatchNews(state, text, bad=bad))

    def _fail(self, error: Exception) -> None:
        """Say it once: the same is tried again every half minute."""
        if str(error) != self._complaint:
            self._complaint = str(error)
            self._session.broken.emit(self._complaint)


def watcher_of(session: Session) -> Watcher:
    """The watcher of a session; made when there is none."""
    return session.findChild(Watcher) or Watcher(session)  # type: ignore[return-value]  # findChild knows no class


def _newest(watch: Watch, provider: Any) -> Optional[Scene]:
    return newest_scene(provider, watch)


def _price(watch: Watch, wanted: WatchOrder) -> float:
    """What a run counts for under the cap."""
    if watch.unit == RUNS:
        return 1.0
    known = wanted.cost is not None and wanted.cost.amount is not None
    return float(wanted.cost.amount) if known else float(watch.price or 0.0)  # type: ignore[union-attr,arg-type]  # known


def _refusal(watch: Watch, wanted: WatchOrder) -> str:
    """Why nothing is sent, "" when it can be."""
    if wanted.complaint:
        return translate("Groundtrack", "Nothing was sent: {}").format(wanted.complaint)
    if wanted.known:
        return translate("Groundtrack", "Nothing was sent: the same was asked for before. Run the preset itself to ask again.")
    if wanted.cost is not None and wanted.cost.sufficient is False:
        return translate("Groundtrack", "Nothing was sent: the account’s balance is too low.")
    if not _is_agreed(watch, wanted):
        return translate("Groundtrack", "Nothing was sent: the price is another one than was agreed to. Open the watch to see it.")
    return ""


def _is_agreed(watch: Watch, wanted: WatchOrder) -> bool:
    """Whether the cap limits what a run costs now: in its own unit, or by the price that was agreed to."""
    if watch.unit == RUNS:
        return True
    if wanted.cost is None or wanted.cost.amount is None:
        return bool(watch.price)
    return wanted.cost.unit == watch.unit and wanted.cost.amount >= 0


def _with(state: WatchState, scene: Scene) -> str:
    """The new newest scene, with the id of the one before behind it."""
    before = state.newest.split(" ")[1:2]
    return " ".join((scene.taken, scene.id, *before))


def _scene_ids(state: WatchState) -> Tuple[str, ...]:
    """The scenes to ask for, earliest first, where the service that found them is the one that is asked."""
    same = state.watch.search_account.split("/", 1)[0] == state.watch.preset.provider
    return tuple(reversed(state.newest.split(" ")[1:])) if same else ()
