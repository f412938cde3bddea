"""What the algorithms on jobs of the journal share: JOB_ID, ACCOUNT, and the account they were sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProcessingParameterString

from .algorithm import Algorithm, text_of
from .parameters import ACCOUNT, account_parameter
from .texts import tr

if TYPE_CHECKING:
    from ..jobs.job import Job
    from ..providers.operation import Operation
    from .sign_in import SignedIn

JOB_ID = "JOB_ID"


class JobAlgorithm(Algorithm):
    """Works on jobs that the journal knows."""

    def __init__(self) -> None:
        super().__init__()
        self._jobs: List[Job] = []
        self._signed: Optional[SignedIn] = None

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        identity = QgsProcessingParameterString(JOB_ID, tr("Job id"))
        identity.setHelp(tr("One or several ids, separated by commas: JOB_ID or REMOTE_ID of an earlier run."))
        self.addParameter(identity)
        self.addParameter(account_parameter())
        self.add_outputs()

    def checkParameterValues(self, parameters: Dict[str, Any], context: QgsProcessingContext) -> Tuple[bool, str]:
        """Our sentence before QGIS's."""
        if not text_of(parameters, JOB_ID, context):
            return False, tr("JOB_ID is missing: give the id of a job, as groundtrack:list_jobs lists them.")
        return super().checkParameterValues(parameters, context)

    def ready(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> None:
        from .known_jobs import find_jobs, sign_in_for
        from .shared_journal import open_journal

        journal = open_journal()
        try:
            self._jobs = find_jobs(journal, text_of(parameters, JOB_ID, context))
        finally:
            journal.close()
        self._signed = sign_in_for(self._jobs, text_of(parameters, ACCOUNT, context), feedback.isCanceled)

    def operation(self) -> Optional[Operation]:
        """The declaration of the jobs' task, when it is known here."""
        from ..results.facts import operation_of

        return operation_of(self._jobs[0])
