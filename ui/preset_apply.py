"""Putting a preset on the New Job page, running it from there, and taking the page as a preset."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Tuple

from qgis.core import QgsProject
from qgis.PyQt.QtCore import QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QDialog

from ..aoi import Aoi, AoiError
from ..presets.filling import filled, unknown_values, variables
from ..presets.preset import FIXED, AreaRule, Preset
from ..presets.secretive import without_secrets
from ..presets.watch import Watch
from ..providers.operation import Request
from ..providers.registry import provider_class
from .account_picker import is_entered
from .page import Page
from .preset_area import each_of, rule_of, use_each, use_rule
from .preset_dialogs import MissingAccountDialog, VariablesDialog
from .preset_shelf import Kept
from .preset_trust import AddressesDialog, agree_to, strange_addresses
from .preset_words import fixed_operation, no_task, problem_of
from .request_check import Verdict
from .scenes_task import takes_scenes
from .sentence import ERROR, SUCCESS, WARNING
from .series_dialog import Order, SeriesDialog, is_dated
from .session import Session
from .watch_dialog import WatchDialog
from .watcher import watcher_of
from .words import translate

APPLY, RUN, SERIES, WATCH = "apply", "run", "series", "watch"  # what a preset is put on the page for


@dataclass
class _Use:
    """A preset on its way to the page, and from there perhaps to the service."""

    kept: Kept
    purpose: str
    answers: Dict[str, str] = field(default_factory=dict)
    request: Optional[Request] = None


class PresetApplier(QObject):
    """Signals: `applied` Kept; `told` sentence and level; `add_account_wanted` service and name."""

    applied = pyqtSignal(object)
    told = pyqtSignal(str, str)
    add_account_wanted = pyqtSignal(str, str)

    def __init__(self, session: Session, page: Page) -> None:
        super().__init__(page)
        self._session = session
        self._page = page
        self._coming: Optional[_Use] = None  # its task is not known yet
        self._filling = False
        self._armed: Optional[Tuple[Preset, _Use]] = None  # goes on as soon as the page was checked, if nobody changes it meanwhile
        self._templates: Dict[str, Tuple[Any, Any]] = {}  # field: what the preset says, what was filled in
        self._answers: Dict[str, str] = {}  # the last ones, offered again
        self._resumed: Optional[_Use] = None  # waits for an account
        page.filled.connect(self._take_fill)
        page.task.changed.connect(self._look_at_task)

    def use(self, kept: Kept, purpose: str = APPLY) -> None:
        """Show a preset on the page, asking for what it lacks; then run the job, or ask about a series, unless something is wrong."""
        self.forget()
        problem = problem_of(kept.preset)
        if problem:
            self.told.emit(problem, ERROR)
            return
        self.told.emit("", "")
        use, strange = _Use(kept, purpose), strange_addresses(kept.preset)
        if strange:
            dialog = AddressesDialog(kept.preset, strange, self._page)
            dialog.agreed.connect(lambda: self._go_on(use))
            _open(dialog)
        else:
            self._go_on(use)

    def resume(self, key: str) -> None:
        """An account was added: go on with the preset that waited for one of its service."""
        use, self._resumed = self._resumed, None
        if use is not None and key.startswith(f"{use.kept.preset.provider}/"):
            self._ask_variables(use, key)

    def forget(self) -> None:
        """Nothing waits any more."""
        self._coming = self._armed = self._resumed = None

    def captured(self, name: str) -> Tuple[Optional[Preset], Tuple[str, ...]]:
        """The page as a preset, None while it has no task; and the labels of inputs left out because they hold a key."""
        page, info, operation = self._page, self._page.account.info(), self._page.task.operation()
        if info is None or operation is None:
            return None, ()
        values, secret = without_secrets({key: self._template(key, value) for key, value in page.form.rules().items()})
        area = rule_of(page.area) if page.area_counts(operation) else None
        account = info.name if is_entered(info) else ""
        labels = tuple(item.label for item in operation.fields if item.name in secret)
        each = each_of(page.area) if area is not None else None
        return Preset(name, info.provider, operation.key, account, values, area, each=each), labels

    def take_verdict(self, verdict: Verdict) -> None:
        """The page was checked, and shows what came out: run the preset that was asked for, if all is well."""
        (armed, use), self._armed = self._armed or (None, None), None
        if armed is None or use is None or not self._page.isVisible():
            return
        if armed != self.captured("")[0]:
            self.told.emit(translate("Groundtrack", "The preset was not run: the form was changed meanwhile."), WARNING)
        elif use.purpose == WATCH and (not verdict.errors or takes_scenes(self._page.task.operation())):
            self._watch(use.kept, verdict)
        elif verdict.errors:
            self.told.emit(translate("Groundtrack", "The preset was not run: the request cannot be sent as it is."), WARNING)
        elif use.purpose == RUN:
            self._page.run(series_of(use.kept), use.kept.preset.name)
        elif use.purpose == SERIES:
            self._repeat(use.kept, verdict)

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _go_on(self, use: _Use) -> None:
        agree_to(use.kept.preset)
        key = self._account_key(use.kept.preset)
        if key:
            self._ask_variables(use, key)
        else:
            self._ask_account(use)

    def _repeat(self, kept: Kept, verdict: Verdict) -> None:
        info, operation = self._page.account.info(), self._page.task.operation()
        if info is None or not is_dated(operation, verdict.requests[0]):
            self.told.emit(translate("Groundtrack", "The preset asks for no date, so there are no others to choose."), WARNING)
            return
        order = Order(info, operation, verdict.requests, series_of(kept), kept.preset.name)
        dialog = SeriesDialog(self._session, order, self._page)
        dialog.ran.connect(self._page.ran)
        _open(dialog)

    def _watch(self, kept: Kept, verdict: Verdict) -> None:
        """Ask about a watch of the preset as the page shows it; its area is that of now, where the task takes none that of the Area row."""
        if verdict.pieces:
            self._open_watch(kept, verdict.pieces)
            return
        reading = self._page.area.reading()
        self._session.work(self, reading, lambda pieces: self._open_watch(kept, pieces), lambda _: self._open_watch(kept, ()))

    def _open_watch(self, kept: Kept, pieces: Tuple[Aoi, ...]) -> None:
        info, captured = self._page.account.info(), self.captured(kept.preset.name)[0]
        if info is None or captured is None:
            return
        values = without_secrets(self._page.form.rules())[0]
        area = AreaRule(FIXED, shapes=pieces) if pieces else None
        preset = replace(captured, account=info.name, values=values, area=area, each=None)  # a watch has a cap of its own
        project = QgsProject.instance().absoluteFilePath()
        watch = Watch(uuid.uuid4().hex, kept.preset.name, preset, group=series_of(kept), project=project)
        watcher = watcher_of(self._session)
        dialog = WatchDialog(self._session, watch, watcher.now(), self._page)
        dialog.agreed.connect(watcher.put)
        said = translate("Groundtrack", "The watch “{}” is on.")
        dialog.agreed.connect(lambda agreed: self.told.emit(said.format(agreed.title), SUCCESS))
        _open(dialog)

    def _account_key(self, preset: Preset) -> str:
        found = self._session.store.find(f"{preset.provider}/{preset.account}")
        others = self._session.store.infos(preset.provider)
        if found is None and not preset.account and len(others) == 1:
            found = others[0]
        return found.key if found else ""

    def _ask_account(self, use: _Use) -> None:
        preset, kind = use.kept.preset, provider_class(use.kept.preset.provider)
        dialog = MissingAccountDialog(preset.account, kind.title, self._session.store.infos(preset.provider), self._page)
        dialog.chosen.connect(lambda key: self._ask_variables(use, key))
        dialog.add_wanted.connect(lambda: self._add_account(use))
        _open(dialog)

    def _add_account(self, use: _Use) -> None:
        self._resumed = use
        self.add_account_wanted.emit(use.kept.preset.provider, use.kept.preset.account)

    def _ask_variables(self, use: _Use, key: str) -> None:
        preset, operation = use.kept.preset, fixed_operation(use.kept.preset)
        fields = operation.fields if operation else ()
        if not variables(preset.values, fields):
            self._fill(use, key, {})
            return
        dialog = VariablesDialog(preset.name, preset.values, fields, self._answers, self._page)
        dialog.answered.connect(lambda answers: self._fill(use, key, answers))
        _open(dialog)

    def _fill(self, use: _Use, key: str, answers: Mapping[str, str]) -> None:
        preset, operation = use.kept.preset, fixed_operation(use.kept.preset)
        use.answers = dict(answers)
        self._answers.update(answers)
        use.request = Request(preset.operation, filled(preset.values, answers, operation.fields if operation else ()))
        self._coming, self._filling = use, True
        self._page.prefill(key, use.request)
        self._filling = False
        self._look_at_task()

    def _take_fill(self, request: Request, wrong: Mapping[str, str]) -> None:
        use = self._coming
        if use is None or use.request is not request:
            self._templates = {}  # an earlier job was put on the page
            return
        self._coming = None
        preset = use.kept.preset
        shown = self._page.form.rules()
        changed = [name for name in shown if use.answers and request.values.get(name) != preset.values.get(name)]
        self._templates = {name: (preset.values[name], shown[name]) for name in changed if name in preset.values}
        stopping = list(wrong.values())
        try:
            if preset.area is not None:
                use_rule(self._page.area, preset.area)
            if preset.area is not None or preset.each is not None:
                use_each(self._page.area, preset.each)
        except AoiError as error:
            stopping.append(str(error))
        self.applied.emit(use.kept)
        self._tell(use, stopping)
        captured = self.captured("")[0]
        if use.purpose != APPLY and not stopping and captured is not None:
            self._armed = captured, use
            self._page.changed()

    def _tell(self, use: _Use, stopping: List[str]) -> None:
        operation, sentences = self._page.task.operation(), list(stopping)
        passed = unknown_values(use.kept.preset, operation.fields if operation else ())
        if passed:
            sentences.append(translate("Groundtrack", "Not known here and left out: {}.").format(", ".join(passed)))
        if stopping and use.purpose != APPLY:
            sentences.insert(0, translate("Groundtrack", "The preset was not run."))
        self.told.emit(" ".join(sentences), WARNING)

    def _look_at_task(self) -> None:
        """The service told its tasks: is the one that is waited for among them?"""
        use, shown = self._coming, self._page.task.operation()
        if use is None or self._filling or shown is None or shown.key == use.kept.preset.operation:
            return
        self._coming = None
        self.told.emit(no_task(provider_class(use.kept.preset.provider).title, use.kept.preset), ERROR)

    def _template(self, name: str, value: Any) -> Any:
        """What the preset had in braces, as long as what was filled in for it stands."""
        template, shown = self._templates.get(name, (value, None))
        return template if value == shown else value


def series_of(kept: Kept) -> str:
    """The group that the results of a preset go into."""
    return f"preset-{kept.identity}"


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
