"""One batch above the table of jobs: how far it is, what holds it up, and what can be done about it."""

from __future__ import annotations

from typing import Any, Optional

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QFrame, QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ..jobs.group import Group, Hold, Standing
from .batch_words import hold_words, progress_words
from .icons import theme_icon
from .sentence import INFO, WARNING, Sentence, plain_label
from .words import translate

PAUSE, RESUME, BUDGET, CANCEL, RETRY, CHECK, JOIN, MERGE = "pause", "resume", "budget", "cancel", "retry", "check", "join", "merge"
THIN = 6  # px


class BatchHeader(QFrame):
    """`wanted` carries the id of the group and what to do; `only_wanted` its id, "" to show all jobs again."""

    wanted = pyqtSignal(str, str)
    only_wanted = pyqtSignal(str)

    def __init__(self, group: Group, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.group = group
        self.standing = Standing()
        self.setObjectName("GroundtrackBatch")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.title = plain_label(parent=self)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.progress = plain_label(parent=self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(THIN)
        self.hold = Sentence(self)
        self.deeds = {name: self._action(name, text, picture) for name, text, picture in self._deeds()}
        self.main_button, self.mend_button = QToolButton(self), QToolButton(self)  # what is wanted most, and what to do about failures
        self._lay_out()

    def show_standing(self, group: Group, standing: Standing) -> None:
        """Show how it stands now."""
        if (group, standing) != (self.group, self.standing):
            self.group, self.standing = group, standing
            self._refresh()

    def set_only(self, only: bool) -> None:
        """Whether the table shows just its jobs."""
        self.only_button.blockSignals(True)
        self.only_button.setChecked(only)
        self.only_button.blockSignals(False)

    def _deeds(self) -> Any:
        return (
            (PAUSE, translate("Groundtrack", "Pause"), "temporal_navigation/pause"),
            (RESUME, translate("Groundtrack", "Resume"), "mActionPlay"),
            (BUDGET, translate("Groundtrack", "Raise Budget…"), "mActionSum"),
            (CANCEL, translate("Groundtrack", "Cancel Rest…"), "mTaskCancel"),
            (CHECK, translate("Groundtrack", "Check Now"), "mActionRefresh"),
            (RETRY, translate("Groundtrack", "Retry Failed"), "mActionReload"),
            (MERGE, translate("Groundtrack", "Merge Results"), "algorithms/mAlgorithmMergeLayers"),
            (JOIN, translate("Groundtrack", "Join to Features"), "propertyicons/join"),
        )

    def _action(self, name: str, text: str, picture: str) -> QAction:
        action = QAction(theme_icon(picture), text, self)
        action.setObjectName(f"groundtrackBatch{name.title()}")
        action.triggered.connect(lambda: self.wanted.emit(self.group.id, name))
        return action

    def _lay_out(self) -> None:
        self.only_button = QToolButton(self)
        self.only_button.setIcon(theme_icon("mActionFilter2"))
        self.only_button.setCheckable(True)
        self.only_button.setAutoRaise(True)
        self.only_button.setToolTip(translate("Groundtrack", "Show only the jobs of this batch"))
        self.only_button.setAccessibleName(translate("Groundtrack", "Show only the jobs of this batch"))
        self.only_button.toggled.connect(lambda on: self.only_wanted.emit(self.group.id if on else ""))
        self.more_button = QToolButton(self)
        self.more_button.setIcon(theme_icon("mActionOptions"))
        self.more_button.setAutoRaise(True)
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more_button.setToolTip(translate("Groundtrack", "What can be done with this batch"))
        self.more_button.setAccessibleName(translate("Groundtrack", "What can be done with this batch"))
        menu = QMenu(self.more_button)
        menu.addActions(list(self.deeds.values()))
        self.more_button.setMenu(menu)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        for button in (self.only_button, self.more_button):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        middle = QHBoxLayout()
        middle.addWidget(self.progress, 1)
        buttons = QVBoxLayout()
        for button in (self.main_button, self.mend_button):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        middle.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setSpacing(3)
        column.addLayout(top)
        column.addWidget(self.bar)
        column.addLayout(middle)
        column.addWidget(self.hold)

    def _refresh(self) -> None:
        group, shown = self.group, self.standing
        self.title.setText(group.title)
        self.progress.setText(progress_words(group, shown))
        self.bar.setRange(0, max(1, shown.total))
        self.bar.setValue(shown.total - shown.waiting - shown.at_work)
        self.bar.setAccessibleName(progress_words(group, shown))
        waits_only = shown.hold is Hold.NONE or (group.paused and not group.note)
        self.hold.say(hold_words(group, shown), INFO if waits_only else WARNING)
        offered = self._offered()
        for name, action in self.deeds.items():
            action.setVisible(name in offered)
        budget = translate("Groundtrack", "Raise Budget…") if group.budget is not None else translate("Groundtrack", "Set Budget…")
        self.deeds[BUDGET].setText(budget)
        first = next((name for name in self._first() if name in offered), "")
        mending = next((name for name in (CHECK, RETRY) if name in offered and name != first), "") if shown.over else ""
        self._put_on(self.main_button, first)
        self._put_on(self.mend_button, mending)

    def _put_on(self, button: QToolButton, deed: str) -> None:
        button.setVisible(bool(deed))
        if deed and button.defaultAction() is not self.deeds[deed]:
            for action in button.actions():
                button.removeAction(action)
            button.setDefaultAction(self.deeds[deed])

    def _first(self) -> Any:
        """What is most likely wanted now, first."""
        if self.standing.hold in (Hold.BUDGET, Hold.NO_PRICE) and not self.group.paused:
            return (BUDGET,)
        return (RESUME, PAUSE, MERGE, JOIN, CHECK, RETRY)

    def _offered(self) -> Any:
        group, shown = self.group, self.standing
        offered = {BUDGET, CANCEL, RESUME if group.paused else PAUSE} if shown.waiting else set()
        if shown.again:
            offered.add(RETRY)
        if shown.to_look_at:
            offered.add(CHECK)
        if shown.done:
            offered.update((MERGE, JOIN))
        return offered
