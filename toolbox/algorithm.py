"""What all our algorithms share: signing in on the main thread, outputs, one clear exception, results handed to the project."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional, Sequence

from qgis.core import (  # type: ignore[attr-defined]  # an exception is missing in the stubs
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
)
from qgis.PyQt.QtGui import QIcon

from .parameters import BUDGET, OUTPUT_FOLDER, RASTERS, TIMEOUT, WAIT, plain, raster_wish
from .texts import tr

OUTPUTS = (
    ("JOB_ID", "Job id in the job list"),
    ("REMOTE_ID", "Job id at the service"),
    ("STATE", "State"),
    ("OUTPUTS", "Result layers (JSON list)"),
    ("COST", "Cost with unit"),
)
ICON = Path(__file__).parents[1] / "ui" / "icons" / "groundtrack.svg"

log = logging.getLogger("groundtrack")


class Algorithm(QgsProcessingAlgorithm):
    """Subclasses give `id_`, `title`, `help_` and `work`. Whatever goes wrong ends as one QgsProcessingException."""

    id_ = ""
    title = ""
    help_ = ""
    group_name = "Jobs"
    group_key = "jobs"

    def name(self) -> str:
        return self.id_

    def displayName(self) -> str:
        return tr(self.title)

    def group(self) -> str:
        return tr(self.group_name)

    def groupId(self) -> str:
        return self.group_key

    def shortHelpString(self) -> str:
        return tr(self.help_)

    def icon(self) -> QIcon:
        return QIcon(str(ICON))

    def createInstance(self) -> Algorithm:
        return type(self)()

    def add_outputs(self) -> None:
        """The outputs of every algorithm that follows jobs."""
        for name, description in OUTPUTS:
            self.addOutput(QgsProcessingOutputString(name, tr(description)))

    def ready(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        """What needs the main thread. Raises AccountError, ConfigError …"""

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        """The run itself."""
        raise NotImplementedError

    def prepareAlgorithm(self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> bool:
        guarded(lambda: self.ready(parameters, context, feedback))
        return True

    def processAlgorithm(
        self, parameters: Dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Dict[str, Any]:
        return guarded(lambda: self.work(parameters, context, feedback))


def guarded(task: Callable[[], Any]) -> Any:
    """Run a task; every failure becomes a QgsProcessingException with a sentence and without a traceback."""
    from ..accounts import AccountError
    from ..jobs.journal import JournalError
    from ..providers.errors import ServiceProblem
    from ..providers.fields import FieldError
    from .areas import AreaRefused
    from .outcome import RunFailed

    try:
        return task()
    except QgsProcessingException:
        raise
    except (RunFailed, AreaRefused, AccountError, JournalError, FieldError, LookupError) as error:
        text = str(error.args[0]) if error.args else tr("Something went wrong in Groundtrack.")
    except ServiceProblem as problem:
        from .texts import problem_text

        text = problem_text(problem)
    except ImportError as error:
        text = tr("The Python package “{}” is missing. Install it for the Python of QGIS, then run again.").format(error.name)
    except KeyboardInterrupt:
        text = tr("Stopped.")
    except Exception as error:  # Processing would print a traceback
        log.debug("an algorithm failed", exc_info=True)
        text = tr("Something went wrong in Groundtrack ({}). Please report it.").format(type(error).__name__)
    raise QgsProcessingException(text) from None


def text_of(parameters: Mapping[str, Any], name: str, context: QgsProcessingContext) -> str:
    """A text parameter without blanks around it, "" when absent."""
    value = plain(parameters.get(name), context)
    return "" if value is None else str(value).strip()


def terms_of(parameters: Mapping[str, Any], context: QgsProcessingContext) -> Any:
    """OUTPUT_FOLDER, WAIT, TIMEOUT, RASTERS and BUDGET as Terms. Raises FieldError."""
    from ..providers.fields import Field, Kind
    from .run import Terms

    wait = Field("wait", WAIT, Kind.BOOLEAN, True).parse(plain(parameters.get(WAIT), context))
    minutes = Field("timeout", TIMEOUT, Kind.NUMBER, minimum=0.0, unit="minutes").parse(plain(parameters.get(TIMEOUT), context))
    budget = Field("budget", BUDGET, Kind.NUMBER, minimum=0.0).parse(plain(parameters.get(BUDGET), context))
    folder, timeout = _folder(text_of(parameters, OUTPUT_FOLDER, context)), None if minutes is None else minutes * 60
    return Terms(folder, wait is not False, timeout, raster_wish(parameters.get(RASTERS), context), budget)


def _folder(text: str) -> Optional[Path]:
    if not text:
        return None
    if text == QgsProcessing.TEMPORARY_OUTPUT:
        import tempfile

        # not Processing's own: that one is deleted at the end, and results are paid for
        return Path(tempfile.mkdtemp(prefix="groundtrack-"))
    return Path(text).expanduser().absolute()


def hand_over(jobs: Sequence[Any], made: Mapping[str, Any], context: QgsProcessingContext) -> None:
    """Have the dialog load the results as the dock does. Without a window nothing is loaded."""
    from qgis.utils import iface

    if iface is not None and context.project() is not None:
        from .load import load_on_completion

        load_on_completion(jobs, made, context)
