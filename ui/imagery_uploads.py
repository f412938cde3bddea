"""Uploads that go on while dialogs come and go: one after the other on a thread of their own, told of when they end."""

from __future__ import annotations

import enum
import shutil
import time
import uuid
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..jobs.upload_notes import Note, UploadNotes
from ..providers.base import Account
from ..providers.cancel import Cancel
from ..providers.errors import Cancelled, InvalidRequest
from ..providers.imagery import Arrival, Outcome, Upload
from ..results.upload_files import export
from .scenes_errands import Errands
from .scenes_query import cancellable
from .session import Session
from .words import translate

ALIVE = 10_000  # ms between two signs of life
_EXPORT = 0.3  # part of the progress bar that an export takes


class Step(enum.Enum):
    """How far an upload is."""

    WAITING = "waiting"
    EXPORTING = "exporting"
    SENDING = "sending"
    LOOKING = "looking"
    DONE = "done"
    FAILED = "failed"
    MISSING = "missing"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (Step.WAITING, Step.EXPORTING, Step.SENDING, Step.LOOKING)


@dataclass
class Item:
    """One upload as it is shown. `share` 0…1; `message` a sentence on its end; `target` where an export goes first."""

    account_key: str
    mosaic_id: str
    mosaic_name: str
    path: Path
    size: int = 0
    target: Optional[Path] = None
    step: Step = Step.WAITING
    share: float = 0.0
    message: str = ""
    known: Tuple[str, ...] = ()
    began: float = 0.0
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    cancel: Cancel = field(default_factory=Cancel)

    @property
    def sent_path(self) -> Path:
        """The file that is sent."""
        return self.target or self.path

    def order(self) -> Upload:
        return Upload(self.mosaic_id, self.sent_path, self.size, frozenset(self.known), self.began)

    def note(self) -> Note:
        return Note(self.id, self.account_key, self.mosaic_id, self.mosaic_name, str(self.sent_path), self.size, self.known, self.began)


class Uploads(QObject):
    """Signals: `changed` whenever something moved; `ended` an Item whose outcome is a message to the person."""

    changed = pyqtSignal()
    ended = pyqtSignal(object)

    def __init__(self, session: Session, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self.items: List[Item] = []
        self._session = session
        self._notes = UploadNotes(folder)
        self._errands = Errands(1, self)
        self._helper = Errands(1, self)
        self._alive = QTimer(self)
        self._alive.setInterval(ALIVE)
        self._alive.timeout.connect(self._show_life)
        self._helper.do(self._notes.left_behind, self._take_left, lambda _: None)

    def of(self, account_key: str) -> List[Item]:
        """The uploads of an account, the newest first."""
        return [item for item in reversed(self.items) if item.account_key == account_key]

    def send(self, account: Account, item: Item) -> None:
        """Begin an upload as soon as those before it are over."""
        if item not in self.items:
            self.items.append(item)
        item.step, item.share, item.message, item.cancel = Step.WAITING, 0.0, "", Cancel()
        self._begin(item, partial(self._send, account, item))

    def look(self, account: Account, item: Item) -> None:
        """Find out whether an upload that was lost or interrupted arrived."""
        item.step, item.message, item.cancel = Step.LOOKING, "", Cancel()
        self._begin(item, partial(self._look, account, item))

    def tidy(self, account_key: str) -> None:
        """Take what has arrived out of the list."""
        for item in self.of(account_key):
            if item.step is Step.DONE:
                self.dismiss(item)

    def cancel(self, item: Item) -> None:
        """Stop one; it shows so at once."""
        item.cancel.set()
        if item.step is Step.LOOKING or (item.step is Step.SENDING and item.share >= 1.0):  # all of it has left
            item.step, item.message = Step.UNKNOWN, _end_words(Step.UNKNOWN, item)
        elif not item.step.ended:
            item.step = Step.CANCELLED
        self.changed.emit()

    def dismiss(self, item: Item) -> None:
        """Take an upload that has ended out of the list."""
        if item.step.ended and item in self.items:
            self.items.remove(item)
            self._drop_export(item)
            self._helper.do(partial(self._notes.drop, item.id), lambda _: None, lambda _: None)
            self.changed.emit()

    def stop(self) -> None:
        """Break off whatever goes on; returns at once. What was not finished is looked for at the next start."""
        self._alive.stop()
        for item in self.items:
            item.cancel.set()
        for errands in (self._errands, self._helper):
            errands.stop()

    # On the thread -------------------------------------------------------------------------------------------------------------------

    def _send(self, account: Account, item: Item) -> Arrival:
        item.cancel.check()
        provider: Any = cancellable(self._session.provider(account), item.cancel)
        try:
            if item.target is not None and not item.target.exists():
                item.step = Step.EXPORTING
                item.target.parent.mkdir(parents=True, exist_ok=True)
                export(item.path, item.target, self._reporter(item, 0.0, _EXPORT), item.cancel)
            if item.began:  # it was sent before, and may have come late
                late: Arrival = provider.find_upload(item.order(), item.cancel, patient=False)
                if late.outcome is Outcome.ARRIVED:
                    return late
            item.step, item.size, item.began = Step.SENDING, _size_of(item.sent_path), time.time()
            item.known = tuple(image.id for image in provider.images(item.mosaic_id))
            self._notes.write(item.note())
            tell = self._reporter(item, _EXPORT if item.target else 0.0, 1.0)
            arrival = provider.upload(item.order(), lambda sent, size: tell(sent / max(1, size)), item.cancel)
            return self._found(provider, item) if arrival.outcome is Outcome.UNKNOWN else arrival
        finally:
            provider.transport.close()

    def _look(self, account: Account, item: Item) -> Arrival:
        provider: Any = cancellable(self._session.provider(account), item.cancel)
        try:
            return self._found(provider, item)
        finally:
            provider.transport.close()

    def _found(self, provider: Any, item: Item) -> Arrival:
        """Who stops the looking does not know the outcome."""
        item.step = Step.LOOKING
        try:
            return provider.find_upload(item.order(), item.cancel)
        except Cancelled:
            return Arrival(Outcome.UNKNOWN)

    def _reporter(self, item: Item, low: float, high: float) -> Callable[[float], None]:
        def show(share: float) -> None:
            item.share = low + (high - low) * share
            self.changed.emit()

        return self._errands.reporter(show)

    # On the main thread ----------------------------------------------------------------------------------------------------------------

    def _begin(self, item: Item, task: Callable[[], Arrival]) -> None:
        self._errands.do(task, partial(self._take, item, item.cancel), partial(self._fail, item, item.cancel))
        self._alive.start()
        self.changed.emit()

    def _take(self, item: Item, attempt: Cancel, arrival: Arrival) -> None:
        if attempt is item.cancel:  # else it was begun again meanwhile
            steps: Dict[Outcome, Step] = {Outcome.ARRIVED: Step.DONE, Outcome.MISSING: Step.MISSING, Outcome.UNKNOWN: Step.UNKNOWN}
            step = steps[arrival.outcome]
            self._end(item, step, _end_words(step, item), known=step is not Step.UNKNOWN)

    def _fail(self, item: Item, attempt: Cancel, error: Exception) -> None:
        if attempt is not item.cancel:
            return
        lost = item.step is Step.LOOKING
        if isinstance(error, Cancelled):
            self._end(item, Step.CANCELLED, "", known=True)
        else:
            self._end(item, Step.UNKNOWN if lost else Step.FAILED, f"{item.path.name}: {error}", known=not lost)

    def _end(self, item: Item, step: Step, message: str, *, known: bool) -> None:
        item.step, item.message = step, message
        if known:
            self._helper.do(partial(self._notes.drop, item.id), lambda _: None, lambda _: None)
        if step is Step.DONE:
            self._drop_export(item)
        if all(other.step.ended for other in self.items):
            self._alive.stop()
        if message:
            self.ended.emit(item)
        self.changed.emit()

    def _drop_export(self, item: Item) -> None:
        """The folder of an export is its own."""
        if item.target is not None:
            self._helper.do(partial(shutil.rmtree, item.target.parent, ignore_errors=True), lambda _: None, lambda _: None)

    def _take_left(self, notes: Tuple[Note, ...]) -> None:
        known = {item.id for item in self.items}
        for note in notes:
            if note.id not in known:
                text = translate("Groundtrack", "The upload of {} was interrupted. Look whether it arrived.").format(Path(note.path).name)
                self.items.append(Item(note.account_key, note.mosaic_id, note.mosaic_name, Path(note.path), note.size,
                                       step=Step.UNKNOWN, message=text, known=note.known, began=note.began, id=note.id))  # fmt: skip
        if notes:
            self.changed.emit()

    def _show_life(self) -> None:
        for item in self.items:
            if not item.step.ended:
                self._helper.do(partial(self._notes.touch, item.id), lambda _: None, lambda _: None)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        raise InvalidRequest("The file is not there any more.", advice="Choose it again with Upload.") from None


def _end_words(step: Step, item: Item) -> str:
    """How an upload ended, as a sentence."""
    words = {
        Step.DONE: translate("Groundtrack", "{file} was uploaded to {mosaic}."),
        Step.MISSING: translate("Groundtrack", "{file} did not arrive in {mosaic}. It can be sent again."),
        Step.UNKNOWN: translate("Groundtrack", "It is not known yet whether {file} arrived in {mosaic}. Look again later."),
    }
    return words[step].format(file=item.path.name, mosaic=item.mosaic_name)
