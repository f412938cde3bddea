"""What can be done with jobs at their service: restart, rename, move, rate, accept or reject, delete. Only what the service has."""

from __future__ import annotations

import time
from functools import partial
from typing import Any, Callable, Dict, Optional, Sequence, Set, Tuple

from qgis.core import QgsProject, QgsRectangle, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ..jobs import changes
from ..jobs.changes import Changed
from ..jobs.job import Job, State
from ..providers.base import Account, Handle, Part, Phase, Project, Provider, Status
from ..providers.remote import AREAS, NAME, OPEN, PROJECT, RATING, REVIEW, TileSet
from ..results.errors import ResultError
from ..results.layers import let_go
from ..results.tile_layers import add_tiles
from . import jobs_actions as can
from .area_reading import Reading, of_layer
from .icons import theme_icon
from .job_words import named
from .jobs_actions import Deed
from .jobs_ask import ask_accept, ask_delete
from .jobs_map import zoom_to
from .name_dialog import NameDialog
from .service_dialogs import MoveDialog, RateDialog, RejectDialog
from .session import Session
from .words import count, translate

GOES_ON = (Phase.QUEUED, Phase.RUNNING)


class ServiceDeeds(QObject):
    """`failed` carries a sentence."""

    failed = pyqtSignal(str)

    def __init__(self, session: Session, iface: Any, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._iface = iface
        self._window = parent
        self._told: Set[str] = set()  # ids of jobs of which a change is under way

    def deeds(self) -> Tuple[Deed, ...]:
        """What may be offered, each when it applies."""
        theme = theme_icon
        return (
            Deed("restart", _tr("Restart"), theme("mActionReload"), can.can_restart, self._restart, tip=_tr("Run the failed parts again")),
            Deed("tiles", _tr("Preview as Tiles"), theme("mActionAddXyzLayer"), can.can_show_tiles, self._show_tiles, bar=False,
                 tip=_tr("Show what the service draws of it, without downloading anything")),
            Deed("good", _tr("Fetch Finished Areas"), theme("mActionFileOpen"), can.can_fetch_good, self._fetch_good, bar=False,
                 tip=_tr("Download the results of those areas that did not fail")),
            Deed("accept", _tr("Accept Result…"), theme("mIconSuccess"), can.can_review, self._accept,
                 tip=_tr("Tell the service that the result is good")),
            Deed("reject", _tr("Reject Result…"), theme("mActionUndo"), can.can_review, self._reject,
                 tip=_tr("Send the result back, so that the service works on it again")),
            Deed("rename", _tr("Rename…"), theme("mActionToggleEditing"), can.can_rename, self._rename, bar=False,
                 tip=_tr("Give it another name at the service")),
            Deed("move", _tr("Move to Project…"), theme("mIconFolder"), can.can_move, self._move, True, bar=False,
                 tip=_tr("Put it into another project at the service")),
            Deed("rate", _tr("Rate…"), theme("mIconFavorites"), can.can_rate, self._rate, bar=False,
                 tip=_tr("Tell the service how good the result is")),
            Deed("remove", _tr("Delete at Service…"), theme("mActionDeleteSelectedFeatures"), can.can_delete, self._delete, True, bar=False,
                 tip=_tr("Delete it and its result at the service; what is here stays")),
        )  # fmt: skip

    # Each of them ------------------------------------------------------------------------------------------------------------------

    def _restart(self, jobs: Sequence[Job]) -> None:
        self._change(jobs[0], lambda provider, handle: provider.restart(handle), lambda now: now.phase in GOES_ON)

    def _show_tiles(self, jobs: Sequence[Job]) -> None:
        job, account = jobs[0], self._account(jobs[0])
        if account is not None:
            self._session.ask(self, account, lambda provider: provider.tiles(job.handle), partial(self._take_tiles, job), self._complain)

    def _take_tiles(self, job: Job, found: Sequence[TileSet]) -> None:
        """One below the other: the imagery below what was found in it."""
        try:
            for tiles in found:
                add_tiles(QgsProject.instance(), job, tiles)
        except ResultError as error:
            self.failed.emit(str(error))
        if not found:
            self.failed.emit(_tr("The service has no tiles of this result. Load it instead."))
        bounds = next((tiles.bounds for tiles in found if tiles.bounds), None)
        if bounds and self._iface is not None:
            zoom_to(self._iface, QgsRectangle(*bounds))

    def _fetch_good(self, jobs: Sequence[Job]) -> None:
        job, account = jobs[0], self._account(jobs[0])
        if account is not None:
            self._session.ask(
                self, account, lambda provider: provider.parts(job.handle), partial(self._take_good, job.id), self._complain
            )

    def _take_good(self, identity: str, parts: Sequence[Part]) -> None:
        job, good = self._session.jobs.get(identity), [part.id for part in parts if part.phase is Phase.SUCCEEDED and part.id]
        if job is not None and good:
            self._session.poller.run_again(identity, state=State.SUCCEEDED, extra={**job.extra, AREAS: ",".join(good)})
        elif job is not None:
            self.failed.emit(_tr("No area of this job is finished."))

    def _rename(self, jobs: Sequence[Job]) -> None:
        job = jobs[0]
        dialog = NameDialog(_tr("Rename Job"), _tr("Rename"), named(job), parent=self._window)
        dialog.named.connect(lambda name, _: self.rename(job, name))
        dialog.open()

    def rename(self, job: Job, name: str) -> None:
        """Give a job another name at its service."""
        self._change(job, lambda provider, handle: provider.rename(handle, name), lambda now: now.extra.get(NAME) == name, {NAME: name})

    def _move(self, jobs: Sequence[Job]) -> None:
        account = self._account(jobs[0])
        together = [job for job in jobs if job.account_key == jobs[0].account_key]
        if account is not None:
            present = jobs[0].extra.get(PROJECT, "") if len({job.extra.get(PROJECT) for job in together}) == 1 else ""
            dialog = MoveDialog(self._session, account, [named(job) for job in together], present, self._window)
            dialog.chosen.connect(lambda project: self.move(together, project))
            dialog.open()

    def move(self, jobs: Sequence[Job], project: Project) -> None:
        """Put jobs into another project of their account."""
        for job in jobs:
            self._change(
                job, lambda provider, handle: provider.move(handle, project.id), lambda now: now.extra.get(PROJECT) == project.id,
                {PROJECT: project.id},
            )  # fmt: skip

    def _rate(self, jobs: Sequence[Job]) -> None:
        job = jobs[0]
        before = job.extra.get(RATING, "")
        dialog = RateDialog(named(job), int(before) if before in ("1", "2", "3", "4", "5") else 0, self._window)
        dialog.rated.connect(lambda stars, comment: self.rate(job, stars, comment))
        dialog.open()

    def rate(self, job: Job, stars: int, comment: str) -> None:
        """Tell the service how good a result is."""
        given = str(stars)
        self._change(
            job, lambda provider, handle: provider.rate(handle, stars, comment), lambda now: now.extra.get(RATING) == given, {RATING: given}
        )

    def _accept(self, jobs: Sequence[Job]) -> None:
        if ask_accept(self._window, jobs[0]):
            self._change(jobs[0], lambda provider, handle: provider.accept(handle), lambda now: now.extra.get(REVIEW) not in (None, OPEN))

    def _reject(self, jobs: Sequence[Job]) -> None:
        layer = self._iface.activeLayer() if self._iface is not None else None
        vector = isinstance(layer, QgsVectorLayer) and layer.selectedFeatureCount() > 0
        selected = count(layer.selectedFeatureCount(), _tr("1 of “{}”"), _tr("{{}} of “{}”")).format(layer.name()) if vector else ""
        dialog = RejectDialog(named(jobs[0]), selected, self._window)
        reading = of_layer(layer, selected=True) if vector else None
        dialog.rejected_with.connect(lambda comment, mark: self.reject(jobs[0], comment, reading if mark else None))
        dialog.open()

    def reject(self, job: Job, comment: str, reading: Optional[Reading] = None) -> None:
        """Send a result back; `reading` gives the area where it is wrong."""

        def send_back(provider: Provider, handle: Handle) -> None:
            provider.reject(handle, comment, reading()[0] if reading else None)

        self._change(job, send_back, lambda now: now.phase in GOES_ON)

    def _delete(self, jobs: Sequence[Job]) -> None:
        if not ask_delete(self._window, jobs):
            return
        for job in jobs:
            self._tell(job, partial(changes.delete, handle=job.handle), partial(self._take_deleted, job.id))

    # At the service ----------------------------------------------------------------------------------------------------------------

    def _change(
        self, job: Job, make: changes.Change, proof: changes.Proof, expected: Optional[Dict[str, str]] = None
    ) -> None:
        """Have a change made by a worker; `expected` is what is remembered of it where the service tells nothing."""
        question: Callable[[Provider], Changed] = partial(changes.change, handle=job.handle, make=make, proof=proof)
        self._tell(job, question, partial(self._take, job.id, expected or {}))

    def _tell(self, job: Job, question: Callable[[Provider], Changed], then: Callable[[Changed], None]) -> None:
        """One change of a job after the other, so that a second click does not have it made twice."""
        account = self._account(job)
        if account is None:
            return
        if job.id in self._told:
            self.failed.emit(_tr("“{}” is just being changed at the service. Wait for the answer.").format(named(job)))
            return
        self._told.add(job.id)

        def answered(take: Callable[[Any], None], answer: Any) -> None:
            self._told.discard(job.id)
            take(answer)

        self._session.ask(self, account, question, partial(answered, then), partial(answered, self._complain))

    def _take(self, identity: str, expected: Dict[str, str], changed: Changed) -> None:
        job = self._session.jobs.get(identity)
        if job is None:
            return
        if changed.problem is not None:
            self.failed.emit(str(changed.problem))
        elif expected:
            job = job.changed(extra={**job.extra, **expected})
            self._session.poller.note(identity, extra=job.extra)
        if changed.status is not None:
            self._learn(job, changed.status)

    def _learn(self, job: Job, status: Status) -> None:
        if status.phase in GOES_ON and not job.state.followed and job.state is not State.CANCELLED:
            for layer in let_go(QgsProject.instance(), job.id):
                layer.setName(_tr("{} (before)").format(layer.name()))
            job = job.changed(extra={name: value for name, value in job.extra.items() if name != AREAS})
            again = f"{job.folder}_{time.strftime('%Y%m%d_%H%M%S', time.gmtime())}" if job.folder and job.files else job.folder
            self._session.poller.run_again(job.id, folder=again, **changes.told(job, status))
        else:
            self._session.poller.note(job.id, **changes.told(job, status))

    def _take_deleted(self, identity: str, changed: Changed) -> None:
        job = self._session.jobs.get(identity)
        if job is None:
            return
        if changed.problem is not None:
            self.failed.emit(str(changed.problem))
            return
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        self._session.poller.note(identity, **changes.farewell(job, when))

    def _account(self, job: Job) -> Optional[Account]:
        account = self._session.account(job.account_key)
        if account is None:
            self.failed.emit(_tr("The account of this job is locked or missing. Unlock or add it first."))
        return account

    def _complain(self, error: Exception) -> None:
        self.failed.emit(str(error))


def _tr(text: str) -> str:
    return translate("Groundtrack", text)
