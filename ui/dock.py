"""The dock: new jobs, running jobs, and whatever holds them up."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Optional, Sequence, Tuple

from qgis.core import Qgis, QgsSettings
from qgis.gui import QgisInterface, QgsDockWidget, QgsMessageBar
from qgis.PyQt.QtCore import Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QIcon
from qgis.PyQt.QtWidgets import QHBoxLayout, QStackedWidget, QTabWidget, QToolButton, QVBoxLayout, QWidget

from ..jobs.job import Job
from ..providers.operation import Request
from ..providers.registry import entry
from .account_dialog import AccountDialog
from .account_picker import is_entered
from .accounts_dialog import AccountsDialog
from .empty_pages import MissingPage, WelcomePage, missing_libraries
from .file_drop import FileDrop
from .icons import icon, theme_icon
from .imagery_desk import ImageryDesk
from .jobs_page import JobsPage
from .new_job_page import NewJobPage, job_request
from .scenes_page import ScenesPage
from .session import Session
from .stuck_banner import StuckBanner
from .tall_message import TallMessage
from .tile_pick import TilePick
from .words import plain, translate

README = Path(__file__).parents[1] / "README.md"
WITHOUT_ACCOUNT = "groundtrack/without_account"  # a person chose to go on without one
HOMEPAGE = "https://github.com/groundtrack/groundtrack"


class GroundtrackDock(QgsDockWidget):
    """Groundtrack's one window. Call `close_down` before it is removed."""

    def __init__(self, iface: QgisInterface, session: Session, parent: Optional[QWidget] = None) -> None:
        super().__init__(translate("Groundtrack", "Groundtrack"), parent)
        self.setObjectName("GroundtrackDock")
        self.setWindowIcon(icon("groundtrack"))
        self._session = session
        self._dialog: Optional[AccountsDialog] = None
        self._without_account = QgsSettings().value(WITHOUT_ACCOUNT, False, type=bool)
        self.message_bar = QgsMessageBar(self)
        self.banner = StuckBanner(session, self)
        self.new_job = NewJobPage(session, iface, self)
        self.jobs_page = JobsPage(session, iface, self)
        self.scenes_page = ScenesPage(session, iface, self.new_job.area, self)
        self.imagery = ImageryDesk(session, iface, self)
        self.tile_pick = TilePick(session, self)
        self.welcome = WelcomePage(self)
        self.missing = MissingPage(self)
        self.first_tab = QStackedWidget(self)
        self.tabs = QTabWidget(self)
        self.drop = FileDrop(self)
        self._lay_out()
        self._connect()
        self._choose_page()
        self._count_jobs()

    def open_accounts(self, key: str = "", provider: str = "") -> AccountsDialog:
        """Show accounts and settings; `key` opens that account, `provider` the form for a new one of that service."""
        if self._dialog is None:
            self._dialog = AccountsDialog(self._session, self)
            self._dialog.finished.connect(self._forget_dialog)
            self._dialog.saved.connect(self.new_job.account.select)
        dialog = self._dialog
        dialog.open()
        if key:
            dialog.select(key)
            dialog.edit()
        elif provider:
            dialog.add(provider)
        return dialog

    def add_account(self, provider: str) -> Optional[AccountDialog]:
        """Open the form for a new account of a service, which is chosen once it is saved."""
        kind = entry(provider).provider
        if kind is None:
            return None
        form = AccountDialog(self._session, kind, None, self)
        form.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form.saved.connect(self.new_job.account.select)
        form.open()
        return form

    def report(self, sentence: str) -> None:
        """Show an error above the tabs."""
        item = self.message_bar.createMessage("", plain(sentence))
        TallMessage(item)
        self.message_bar.pushWidget(item, Qgis.MessageLevel.Warning, 0)

    def show_jobs(self, identity: str = "") -> None:
        """Go to the jobs, and there to one of them."""
        self.tabs.setCurrentWidget(self.jobs_page)
        if identity:
            self.jobs_page.show_job(identity)

    def close_down(self) -> None:
        """Take everything off the map and stop listening; the dock can be deleted then."""
        self.scenes_page.close_down()
        self.jobs_page.close_down()
        self.new_job.close_down()
        self.imagery.close_down()
        if self._dialog is not None:
            self._dialog.close()
        for signal, slot in self._listening():
            signal.disconnect(slot)

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        for page in (self.welcome, self.missing, self.new_job):
            self.first_tab.addWidget(page)
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.first_tab, translate("Groundtrack", "New Job"))
        self.tabs.addTab(self.jobs_page, translate("Groundtrack", "Jobs"))
        self.tabs.addTab(self.scenes_page, translate("Groundtrack", "Scenes"))
        self.tabs.setCornerWidget(self._corner())
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.message_bar, self.banner):
            column.addWidget(widget)
        column.addWidget(self.tabs, 1)
        self.setWidget(content)

    def _corner(self) -> QWidget:
        corner = QWidget(self)
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.accounts_button = self._button(theme_icon("mActionOptions"), translate("Groundtrack", "Accounts and Settings"))
        self.help_button = self._button(theme_icon("mActionHelpContents"), translate("Groundtrack", "Help"))
        self.accounts_button.clicked.connect(lambda _: self.open_accounts())
        self.help_button.clicked.connect(lambda _: _open_help())
        row.addWidget(self.accounts_button)
        row.addWidget(self.help_button)
        return corner

    def _button(self, picture: QIcon, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(picture)
        button.setAutoRaise(True)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def _connect(self) -> None:
        for signal, slot in self._listening():
            signal.connect(slot)
        self.welcome.add_wanted.connect(self.add_account)
        self.welcome.go_wanted.connect(self._go_without)
        self.missing.found.connect(self._choose_page)
        self.banner.open_wanted.connect(self.open_accounts)
        self.banner.add_wanted.connect(lambda provider: self.open_accounts(provider=provider))
        self.new_job.failed.connect(self.report)
        self.new_job.ran.connect(self._after_run)
        self.new_job.pick_wanted.connect(self._pick)
        self.imagery.used.connect(self._use_values)
        self.tile_pick.used.connect(self._use_values)
        self.tile_pick.failed.connect(self.report)
        self.new_job.presets.add_account_wanted.connect(self._add_for_preset)
        self.drop.presets_dropped.connect(self._take_json)
        self.drop.area_dropped.connect(self._take_area)
        self.jobs_page.comparison.failed.connect(self.report)
        self.jobs_page.failed.connect(self.report)
        self.jobs_page.service.failed.connect(self.report)
        self._connect_windows()
        self.jobs_page.repeat_requested.connect(self._prefill)
        self.jobs_page.edit_requested.connect(self._prefill)
        self.scenes_page.use_requested.connect(self._use_scenes)
        self.scenes_page.accounts_wanted.connect(self._add_first)

    def _connect_windows(self) -> None:
        windows, suggestions = self.jobs_page.windows, self.new_job.suggestions
        windows.repeat_wanted.connect(self._fill_form)
        windows.shown.connect(self.show_jobs)
        windows.projects_changed.connect(suggestions.ask_again)
        windows.project_renamed.connect(lambda before, now: suggestions.rename("projects", before, now))
        suggestions.manage_wanted.connect(self._manage)

    def _manage(self, what: str) -> None:
        """Open the window about what a form is filled from."""
        info = self.new_job.account.info()
        if what == "projects" and info is not None:
            self.jobs_page.windows.open_projects(info.key)

    def _listening(self) -> Tuple[Tuple[Any, Any], ...]:
        session = self._session
        return (
            (session.accounts_changed, self._choose_page),
            (session.jobs_changed, self._count_jobs),
            (session.jobs_forgotten, self._count_jobs),
            (session.broken, self.report),
        )

    def _choose_page(self) -> None:
        if "shapely" in missing_libraries():
            self.first_tab.setCurrentWidget(self.missing)
        elif self._without_account or any(is_entered(info) for info in self._session.store.infos()):
            self.first_tab.setCurrentWidget(self.new_job)
        else:
            self.first_tab.setCurrentWidget(self.welcome)

    def _count_jobs(self, _: object = None) -> None:
        number = sum(self._session.followed.values())
        title = translate("Groundtrack", "Jobs ({})").format(number) if number else translate("Groundtrack", "Jobs")
        self.tabs.setTabText(self.tabs.indexOf(self.jobs_page), title)

    def _add_first(self) -> None:
        from ..providers.registry import entries

        usable = [key for key, item in entries().items() if item.provider is not None and item.provider.account_fields]
        dialog = self.open_accounts(provider=usable[0] if len(usable) == 1 else "")
        if len(usable) > 1:
            dialog.add_button.setFocus()

    def _go_without(self) -> None:
        self._without_account = True
        QgsSettings().setValue(WITHOUT_ACCOUNT, True)
        self._choose_page()

    def _prefill(self, job: Job) -> None:
        self._fill_form(job.account_key, job_request(job))

    def _fill_form(self, account_key: str, request: Request) -> None:
        if self.first_tab.currentWidget() is self.welcome:
            self._go_without()
        self.tabs.setCurrentWidget(self.first_tab)
        known = self.new_job.prefill(account_key, request)
        if request.aoi is None:
            self.new_job.leave_area_out()
        if not known:
            text = translate("Groundtrack", "The account “{}” of this job is not here any more. Choose another one.")
            self.report(text.format(account_key.partition("/")[2]))

    def _use_scenes(self, account_key: str, scene_ids: Tuple[str, ...], request: Optional[Request]) -> None:
        self.tabs.setCurrentWidget(self.first_tab)
        self.new_job.area.footprints = tuple(scene.footprint for scene in self.scenes_page.chosen() if scene.footprint)
        if request is not None:
            self.new_job.use_values(account_key, request)
        else:
            self.new_job.use_scenes(account_key, scene_ids)

    def _pick(self, manager: str) -> None:
        where = self.tile_pick if manager == "tiles" else self.imagery
        where.open_for(self.new_job.account)

    def _use_values(self, account_key: str, request: Request) -> None:
        self.tabs.setCurrentWidget(self.first_tab)
        self.new_job.use_values(account_key, request)

    def _add_for_preset(self, provider: str, name: str) -> None:
        form = self.add_account(provider)
        if form is not None:
            form.name.setText(name or form.name.text())  # so that the preset finds it from then on
            form.saved.connect(self.new_job.presets.applier.resume)

    def _take_json(self, paths: Sequence[Path]) -> None:
        """Presets, unless the file says that it is GeoJSON."""
        from .area_file import is_geojson

        self.tabs.setCurrentWidget(self.first_tab)
        presets, path = self.new_job.presets, paths[0]

        def take(area: bool) -> None:
            if area:
                self._take_area(str(path))
            else:
                presets.import_files(paths)

        self._session.work(self, lambda: len(paths) == 1 and is_geojson(path), take, lambda _: presets.import_files(paths))

    def _take_area(self, path: str) -> None:
        self.tabs.setCurrentWidget(self.first_tab)
        self.new_job.area.sources.read_file(path)

    def _after_run(self, jobs: Tuple[Job, ...]) -> None:
        self.tabs.setCurrentWidget(self.jobs_page)
        self.jobs_page.show_job(jobs[0].id)

    def _forget_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None


def _open_help() -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(README)) if README.exists() else QUrl(HOMEPAGE))
