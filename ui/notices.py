"""Tells in the message bar what became of jobs: one note at a time, never a dialog."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Callable, Dict, List, Optional, Tuple

from qgis.core import Qgis
from qgis.gui import QgsMessageBarItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton

from ..jobs.job import Job, State
from ..results.dates import about
from ..results.grouping import subject_of
from ..results.loader import Loaded, ResultLoader
from .batch_news import BatchNews
from .job_words import state_words
from .jobs_map import flash_area, show_layers
from .session import Session
from .tall_message import TallMessage
from .words import count

_GATHER = 700  # ms in which what happens is told together
_SECONDS = 12  # that good news stay


@dataclass(frozen=True)
class News:
    """One thing that happened to a job. `do` is what the button does, `button` its name; an `offer` lapses when the job is loaded.

    `batch` is the group that it is about instead of the job, "" for none.
    """

    job: Job
    text: str
    button: str
    do: Callable[[], None]
    bad: bool = False
    offer: bool = False
    batch: str = ""


class Notices(QObject):
    """Signal: `details_requested` the id of a job that a person wants to read about, "" for all of them."""

    details_requested = pyqtSignal(str)

    def __init__(self, session: Session, loader: ResultLoader, iface: Any) -> None:
        super().__init__(session)
        self._session = session
        self._loader = loader
        self._iface = iface
        self._batches = BatchNews(session)
        self._states: Dict[str, State] = {}
        self._news: Dict[str, News] = {}  # by job or batch, the last one counts
        self._item: Optional[QgsMessageBarItem] = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_GATHER)
        self._timer.timeout.connect(self._tell)
        session.jobs_changed.connect(self._look)
        loader.loaded.connect(self._take_loaded)
        loader.refused.connect(self._take_refused)
        loader.offered.connect(self._take_offered)

    def close_down(self) -> None:
        """Say nothing any more, and take the last note away."""
        self._timer.stop()
        self._session.jobs_changed.disconnect(self._look)
        self._loader.loaded.disconnect(self._take_loaded)
        self._loader.refused.disconnect(self._take_refused)
        self._loader.offered.disconnect(self._take_offered)
        self._take_away()

    # What happens ------------------------------------------------------------------------------------------------------------------

    def _look(self, jobs: Tuple[Job, ...]) -> None:
        """What had ended before QGIS started is no news."""
        for job in jobs:
            before = self._states.get(job.id, State.DRAFT if job.id in self._session.own else None)
            self._states[job.id] = job.state
            if before is not None and before is not job.state and job.origin == "dock":
                self._take_change(job)

    def _take_change(self, job: Job) -> None:
        if self._batches.covers(job):
            text = self._batches.news_of(job)
            if text:
                bad = not self._batches.is_well(job)
                self._add(News(job, text, self.tr("Show Jobs"), self._details_of(job), bad, batch=job.group))
            return
        if job.state is State.CANCELLED:
            return  # the person's own doing
        if job.state.failed or job.state is State.UNCONFIRMED:
            reason = job.message or job.warning
            self._add(News(job, f"{state_words(job.state)}. {reason}".strip(), self.tr("Details"), self._details_of(job), bad=True))
        elif job.state is State.LOADED and job.id in self._news and self._news[job.id].offer and self._timer.isActive():
            self._news.pop(job.id)  # another QGIS has loaded it meanwhile

    def _take_loaded(self, loaded: Loaded) -> None:
        if not loaded.fresh:
            return
        empty = not any(made.features for made in loaded.prepared)
        if any(made.raster for made in loaded.prepared):
            text = self.tr("The result is on the map.")
        elif empty or not loaded.found:
            text = self.tr("No {} found.").format(subject_of(loaded.job).lower())
        else:
            text = count(loaded.found, self.tr("1 found."), self.tr("{} found."))
        warnings = [warning for made in loaded.prepared for warning in made.warnings]
        button, do = self.tr("Show on Map"), self._showing(loaded)
        self._add(News(loaded.job, " ".join([text, *warnings]), button, do))

    def _take_refused(self, job: Job, text: str) -> None:
        self._add(News(job, text, self.tr("Details"), self._details_of(job), bad=True))

    def _take_offered(self, job: Job) -> None:
        text = self.tr("Finished. It was asked for from another project.")
        self._add(News(job, text, self.tr("Load"), lambda: self._loader.load(job), offer=True))

    def _details_of(self, job: Job) -> Callable[[], None]:
        return lambda: self.details_requested.emit(job.id)

    def _showing(self, loaded: Loaded) -> Callable[[], None]:
        def show() -> None:
            layers = [layer for layer in loaded.layers if not sip.isdeleted(layer)]
            if layers and not layers[0].extent().isEmpty():
                show_layers(self._iface, layers)
            else:
                flash_area(self._iface, loaded.job)

        return show

    # How it is told ----------------------------------------------------------------------------------------------------------------

    def _add(self, news: News) -> None:
        """Told a little later; together with what a note that is still there says."""
        if not self._timer.isActive() and not self._is_shown():
            self._news.clear()
        self._news[news.batch or news.job.id] = news
        self._timer.start()

    def _tell(self) -> None:
        news = list(self._news.values())
        if not news:
            return
        self._take_away()
        one = news[0]
        title = _title(one.job) if len(news) == 1 and not one.batch else "Groundtrack"
        text = one.text if len(news) == 1 else self._sum(news)
        bad = any(item.bad for item in news)
        bar = self._iface.messageBar()
        self._item = bar.createMessage(escape(title, quote=False), escape(text, quote=False))
        button = QPushButton(one.button if len(news) == 1 else self.tr("Show Jobs"), self._item)
        button.clicked.connect(lambda: self._press(one.do if len(news) == 1 else lambda: self.details_requested.emit("")))
        self._item.layout().addWidget(button)
        TallMessage(self._item)
        level = Qgis.MessageLevel.Warning if bad else Qgis.MessageLevel.Success
        bar.pushWidget(self._item, level, 0 if bad else _SECONDS)

    def _sum(self, news: List[News]) -> str:
        """“5 jobs finished, 1 needs a look.”"""
        bad = sum(item.bad for item in news)
        good = len(news) - bad
        parts = [
            count(good, self.tr("1 job finished"), self.tr("{} jobs finished")) if good else "",
            count(bad, self.tr("1 job needs a look"), self.tr("{} jobs need a look")) if bad else "",
        ]
        return ", ".join(part for part in parts if part) + "."

    def _press(self, do: Callable[[], None]) -> None:
        self._take_away()
        do()

    def _is_shown(self) -> bool:
        return self._item is not None and not sip.isdeleted(self._item) and self._item.isVisibleTo(self._iface.messageBar())

    def _take_away(self) -> None:
        if self._item is not None and not sip.isdeleted(self._item):
            self._iface.messageBar().popWidget(self._item)
        self._item = None


def _title(job: Job) -> str:
    return " ".join(part for part in (subject_of(job), about(job.request.get("values") or {})) if part)
