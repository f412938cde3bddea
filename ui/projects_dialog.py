"""Projects that a service keeps jobs in: listed, made, renamed, deleted."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence, Tuple

from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..providers.base import Can, Project, Provider
from ..providers.errors import AmbiguousSubmit, ServiceError, ServiceProblem
from .account_picker import AccountPicker
from .confirm_dialog import ConfirmDialog
from .icons import theme_icon
from .name_dialog import NameDialog
from .project_names import project_names_of
from .project_words import deletion_words, project_tip, row_words
from .sentence import ERROR, INFO, SUCCESS, WARNING, Sentence
from .session import Session
from .words import translate

_PROJECT = Qt.ItemDataRole.UserRole
Proof = Callable[[Sequence[Project]], bool]
Answer = Tuple[Optional[ServiceProblem], Optional[Sequence[Project]], str]


class ProjectsDialog(QDialog):
    """`changed` follows every change at the service; `renamed` carries the old name and the new one, "" for a deleted project."""

    changed = pyqtSignal()
    renamed = pyqtSignal(str, str)

    def __init__(self, session: Session, account_key: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setObjectName("GroundtrackProjectsDialog")
        self.setWindowTitle(translate("Groundtrack", "Projects"))
        self._session = session
        self._names = project_names_of(session)
        self._projects: Sequence[Project] = ()
        self._ticket = 0
        self.account = AccountPicker(session, self, Can.PROJECTS)
        self.account.select(account_key)
        self.search = QgsFilterLineEdit(self)
        self.tree = QTreeWidget(self)
        self.notice = Sentence(self)
        self._make_list()
        self._lay_out()
        self.account.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Ask the service again."""
        self._session.drop(self._ticket)
        self._show(())
        account = self.account.account()
        if account is None:
            self.notice.say("")
        else:
            self.notice.say(translate("Groundtrack", "Asking the service…"))
            self._ticket = self._session.ask(self, account, lambda provider: provider.projects(), self._take, self._complain)
        self._show_buttons()

    def chosen(self) -> Optional[Project]:
        """The project that is selected."""
        items = self.tree.selectedItems()
        return items[0].data(0, _PROJECT) if items else None

    def select(self, name: str) -> None:
        """Select a project by its name."""
        for item in self._items():
            if item.data(0, _PROJECT).name == name:
                self.tree.setCurrentItem(item)

    # What is done ------------------------------------------------------------------------------------------------------------------

    def create(self) -> None:
        """Ask for a name, then make a project."""
        title, yes = translate("Groundtrack", "New Project"), translate("Groundtrack", "Create")
        dialog = NameDialog(title, yes, "", "", [project.name for project in self._projects], parent=self)
        dialog.named.connect(self._create)
        dialog.open()

    def rename(self) -> None:
        """Ask for another name and description of the chosen project."""
        project = self.chosen()
        if project is None or not project.may_change:
            return
        title, yes = translate("Groundtrack", "Rename Project"), translate("Groundtrack", "Rename")
        taken = [other.name for other in self._projects]
        dialog = NameDialog(title, yes, project.name, project.description, taken, parent=self)
        dialog.named.connect(lambda name, description: self._rename(project, name, description))
        dialog.open()

    def delete(self) -> None:
        """Delete the chosen project, after naming what goes with it."""
        project = self.chosen()
        if project is None or not _may_go(project):
            return
        here = [job for job in self._session.jobs.values() if job.extra.get("project") == project.id]
        text, understood = deletion_words(project, len(here))
        dialog = ConfirmDialog(translate("Groundtrack", "Delete Project"), text, understood, translate("Groundtrack", "Delete"), self)
        dialog.accepted.connect(lambda: self._delete(project))
        dialog.open()

    def _create(self, name: str, description: str) -> None:
        said = translate("Groundtrack", "The project “{}” was made.").format(name)
        self._change(lambda p: p.create_project(name, description), lambda found: name in [one.name for one in found], said, name)

    def _rename(self, project: Project, name: str, description: str) -> None:
        said = translate("Groundtrack", "The project is called “{}” now.").format(name)

        def proof(found: Sequence[Project]) -> bool:
            return any((one.id, one.name, one.description) == (project.id, name, description) for one in found)

        self._change(
            lambda p: p.change_project(project.id, name, description), proof, said, name,
            lambda: self.renamed.emit(project.name, name),
        )  # fmt: skip

    def _delete(self, project: Project) -> None:
        said = translate("Groundtrack", "The project “{}” was deleted.").format(project.name)
        self._change(
            lambda p: p.delete_project(project.id), lambda found: project.id not in [one.id for one in found], said, "",
            lambda: self._after_deletion(project),
        )  # fmt: skip

    def _after_deletion(self, project: Project) -> None:
        self.renamed.emit(project.name, "")
        for job in self._session.jobs.values():
            if job.extra.get("project") == project.id and job.state.followed:
                self._session.poller.check_now(job.id)

    def _change(
        self, make: Callable[[Provider], None], proof: Proof, said: str, then_select: str, after: Callable[[], None] = lambda: None
    ) -> None:
        """Have a change made, then list again; by the list is known whether it was made when its answer got lost."""
        account = self.account.account()
        if account is None:
            return

        def question(provider: Provider) -> Answer:
            problem: Optional[ServiceProblem] = None
            try:
                make(provider)
            except ServiceProblem as refused:
                problem = refused
            try:
                found = provider.projects()
            except ServiceProblem as unlisted:
                return problem, None, str(unlisted)
            lost = isinstance(problem, (AmbiguousSubmit, ServiceError))
            return (None if lost and proof(found) else problem), found, ""

        def take(answer: Answer) -> None:
            problem, found, unlisted = answer
            if found is None:
                self._show(())
            else:
                self._take(found)
            self.select(then_select)
            level = ERROR if problem else WARNING if unlisted else SUCCESS
            self.notice.say(" ".join(filter(None, (str(problem) if problem else said, unlisted))), level)
            if problem is None:
                after()
            self.changed.emit()

        self._enable(on=False)
        self.notice.say(translate("Groundtrack", "Asking the service…"))
        self._ticket = self._session.ask(self, account, question, take, self._complain)

    # What is seen ------------------------------------------------------------------------------------------------------------------

    def _make_list(self) -> None:
        tr = translate
        self.tree.setHeaderLabels(
            [tr("Groundtrack", "Project"), tr("Groundtrack", "Finished"), tr("Groundtrack", "Failed"), tr("Groundtrack", "Shared"),
             tr("Groundtrack", "Changed")]
        )  # fmt: skip
        self.tree.setAccessibleName(tr("Groundtrack", "Projects"))
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.itemSelectionChanged.connect(self._show_buttons)
        self.tree.itemDoubleClicked.connect(lambda *_: self.rename())
        self.search.setShowSearchIcon(True)
        self.search.setPlaceholderText(tr("Groundtrack", "Search projects"))
        self.search.setAccessibleName(tr("Groundtrack", "Search projects"))
        self.search.textChanged.connect(self._search)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        self.create_button = self._button("symbologyAdd", translate("Groundtrack", "New Project…"), self.create)
        self.rename_button = self._button("symbologyEdit", translate("Groundtrack", "Rename…"), self.rename)
        self.delete_button = self._button("symbologyRemove", translate("Groundtrack", "Delete…"), self.delete)
        self.refresh_button = self._button("mActionRefresh", translate("Groundtrack", "Refresh"), self.refresh)
        for button in self._buttons():
            row.addWidget(button)
        row.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.accept)
        column = QVBoxLayout(self)
        column.addWidget(self.account)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addWidget(self.notice)
        column.addLayout(row)
        column.addWidget(close)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 70)
        self.resize(self.fontMetrics().averageCharWidth() * 90, self.fontMetrics().lineSpacing() * 24)

    def _button(self, picture: str, text: str, action: Callable[[], None]) -> QPushButton:
        button = QPushButton(theme_icon(picture), text, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _: action())
        return button

    def _buttons(self) -> List[QPushButton]:
        return [self.create_button, self.rename_button, self.delete_button, self.refresh_button]

    def _take(self, projects: Sequence[Project]) -> None:
        info = self.account.info()
        if info is not None:
            self._names.learn(info.key, projects)
        self._show(projects)
        self.notice.say(self._why_empty(), INFO)

    def _show(self, projects: Sequence[Project]) -> None:
        self._projects = projects
        self.tree.clear()
        for project in sorted(projects, key=lambda one: (not one.is_default, one.name.lower())):
            item = QTreeWidgetItem(self.tree, row_words(project))
            item.setData(0, _PROJECT, project)
            for column in range(self.tree.columnCount()):
                item.setToolTip(column, project_tip(project))
            for column in (1, 2):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._sift()
        self._show_buttons()

    def _search(self) -> None:
        self._sift()
        if self._projects:
            self.notice.say(self._why_empty(), INFO)

    def _sift(self) -> None:
        """What is hidden is not chosen either."""
        words = self.search.text().lower().split()
        for item in self._items():
            project: Project = item.data(0, _PROJECT)
            text = f"{project.name} {project.description}".lower()
            item.setHidden(not all(word in text for word in words))
            item.setSelected(item.isSelected() and not item.isHidden())

    def _why_empty(self) -> str:
        if not self._projects:
            return translate("Groundtrack", "This account has no projects.")
        none = all(item.isHidden() for item in self._items())
        return translate("Groundtrack", "No project has this in its name or description.") if none else ""

    def _items(self) -> List[QTreeWidgetItem]:
        return [self.tree.topLevelItem(row) for row in range(self.tree.topLevelItemCount())]

    def _show_buttons(self) -> None:
        project = self.chosen()
        self._enable(on=self.account.account() is not None)
        self.rename_button.setEnabled(project is not None and project.may_change)
        self.delete_button.setEnabled(project is not None and _may_go(project))
        kept = project is not None and project.is_default
        self.delete_button.setToolTip(translate("Groundtrack", "The default project cannot be deleted") if kept else "")

    def _enable(self, *, on: bool) -> None:
        for button in self._buttons():
            button.setEnabled(on)

    def _complain(self, error: Exception) -> None:
        self._show_buttons()
        self.notice.say(str(error), ERROR)


def _may_go(project: Project) -> bool:
    return project.may_change and not project.is_default
