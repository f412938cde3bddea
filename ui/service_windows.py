"""The windows about what services keep: projects, and jobs made elsewhere. Each is there once."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAction, QDialog, QMenu, QToolButton, QWidget

from ..providers.base import Can
from .account_picker import can_of
from .icons import theme_icon
from .past_dialog import PastDialog
from .projects_dialog import ProjectsDialog
from .session import Session
from .words import translate


class ServiceWindows(QObject):
    """Opens them from `button`, which only offers what an account's service has.

    Signals: `repeat_wanted` an account's key and a Request, `shown` the id of a job, `projects_changed`, `project_renamed` the old name
    and the new one, "" when it was deleted.
    """

    repeat_wanted = pyqtSignal(str, object)
    shown = pyqtSignal(str)
    projects_changed = pyqtSignal()
    project_renamed = pyqtSignal(str, str)

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._window = parent
        self._past: Optional[PastDialog] = None
        self._projects: Optional[ProjectsDialog] = None
        self.button = QToolButton(parent)
        self.button.setAutoRaise(True)
        self.button.setIcon(theme_icon("mActionHistory"))
        self.button.setToolTip(translate("Groundtrack", "What the Services Keep"))
        self.button.setAccessibleName(self.button.toolTip())
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.button)
        self.past_action = QAction(theme_icon("mActionHistory"), translate("Groundtrack", "Jobs Made Elsewhere…"), menu)
        self.projects_action = QAction(theme_icon("mIconFolder"), translate("Groundtrack", "Manage Projects…"), menu)
        menu.addActions([self.past_action, self.projects_action])
        self.button.setMenu(menu)
        self.past_action.triggered.connect(lambda _: self.open_past())
        self.projects_action.triggered.connect(lambda _: self.open_projects())
        session.accounts_changed.connect(self._show_button)
        self._show_button()

    def open_past(self) -> PastDialog:
        """Show the jobs that were made elsewhere."""
        if self._past is None:
            self._past = PastDialog(self._session, self._window)
            self._past.repeat_wanted.connect(self.repeat_wanted)
            self._past.shown.connect(self.shown)
            self._past.finished.connect(self._drop_past)
        _show(self._past)
        return self._past

    def open_projects(self, account_key: str = "") -> ProjectsDialog:
        """Show the projects, of this account when it is named."""
        if self._projects is None:
            self._projects = ProjectsDialog(self._session, account_key, self._window)
            self._projects.changed.connect(self.projects_changed)
            self._projects.renamed.connect(self.project_renamed)
            self._projects.finished.connect(self._drop_projects)
        elif account_key:
            self._projects.account.select(account_key)
        _show(self._projects)
        return self._projects

    def close_down(self) -> None:
        """Close what is open."""
        for dialog in (self._past, self._projects):
            if dialog is not None:
                dialog.reject()

    def _show_button(self) -> None:
        offered = [can_of(info.provider) for info in self._session.store.infos()]
        self.past_action.setVisible(any(Can.HISTORY in can for can in offered))
        self.projects_action.setVisible(any(Can.PROJECTS in can for can in offered))
        self.button.setVisible(self.past_action.isVisible() or self.projects_action.isVisible())

    def _drop_past(self) -> None:
        if self._past is not None:
            self._past.deleteLater()
            self._past = None

    def _drop_projects(self) -> None:
        if self._projects is not None:
            self._projects.deleteLater()
            self._projects = None


def _show(dialog: QDialog) -> None:
    """Beside QGIS's window, not in its way."""
    dialog.setWindowModality(Qt.WindowModality.NonModal)
    dialog.show()
    dialog.raise_()
    dialog.activateWindow()
