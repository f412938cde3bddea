"""Tells in the message bar what became of watches: of each the latest, so that nobody comes back to a pile of notes."""

from __future__ import annotations

from typing import Any, Dict

from qgis.core import Qgis
from qgis.gui import QgsMessageBarItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, pyqtSignal
from qgis.PyQt.QtWidgets import QPushButton

from .tall_message import TallMessage
from .watch_words import amount_words
from .watcher import Watcher, WatchNews
from .words import plain, translate

SECONDS = 20  # that good news stay


class WatchNotices(QObject):
    """Signals: `jobs_wanted` the id of a job to show; `list_wanted` to show the watches."""

    jobs_wanted = pyqtSignal(str)
    list_wanted = pyqtSignal()

    def __init__(self, watcher: Watcher, iface: Any) -> None:
        super().__init__(watcher)
        self._watcher = watcher
        self._iface = iface
        self._notes: Dict[str, QgsMessageBarItem] = {}  # by watch
        watcher.told.connect(self._tell)

    def close_down(self) -> None:
        """Say nothing any more."""
        self._watcher.told.disconnect(self._tell)

    def _tell(self, news: WatchNews) -> None:
        watch, bar = news.state.watch, self._iface.messageBar()
        before = self._notes.pop(watch.id, None)
        if before is not None and not sip.isdeleted(before):
            bar.popWidget(before)
        item = self._notes[watch.id] = bar.createMessage(plain(watch.title), plain(news.text))
        if news.offer:
            button = QPushButton(translate("Groundtrack", "Run Now"), item)
            button.setToolTip(self._price(news))
            button.clicked.connect(lambda: self._watcher.run_now(news.state))
        elif news.jobs:
            button = QPushButton(translate("Groundtrack", "Show Jobs"), item)
            button.clicked.connect(lambda: self.jobs_wanted.emit(news.jobs[0].id))
        else:
            button = QPushButton(translate("Groundtrack", "Watches…"), item)
            button.clicked.connect(self.list_wanted)
        button.clicked.connect(lambda: bar.popWidget(item))
        item.layout().addWidget(button)
        TallMessage(item)
        stays = news.offer or news.bad
        bar.pushWidget(item, Qgis.MessageLevel.Warning if news.bad else Qgis.MessageLevel.Info, 0 if stays else SECONDS)

    def _price(self, news: WatchNews) -> str:
        watch = news.state.watch
        if watch.price is None:
            return plain(translate("Groundtrack", "The cost is not known beforehand"))
        return plain(translate("Groundtrack", "Costs about {}").format(amount_words(watch.price, watch.unit)))
