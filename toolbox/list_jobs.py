"""The job list as JSON and as lines in the log."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .algorithm import Algorithm, text_of
from .costs import cost_of
from .parameters import plain
from .texts import tr

if TYPE_CHECKING:
    from ..jobs.job import Job

PROVIDER, STATE, LIMIT = "PROVIDER", "STATE", "LIMIT"


_TOLD = ("JOB_ID", "STATE", "PROVIDER", "OPERATION", "CREATED", "MESSAGE")


class ListJobs(Algorithm):
    """Reads the journal only: no account, no network."""

    id_ = "list_jobs"
    title = "List jobs"
    help_ = "Lists the jobs of this profile, newest first, whether they were run here or in the dock."

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        for name, text, example in ((PROVIDER, "Service", "sateais"), (STATE, "State", "RUNNING")):
            parameter = QgsProcessingParameterString(name, tr(text), None, False, True)
            parameter.setHelp(tr("Only jobs with this value, such as {}.").format(example))
            self.addParameter(parameter)
        kind = QgsProcessingParameterNumber.Integer
        self.addParameter(QgsProcessingParameterNumber(LIMIT, tr("Number of jobs at most"), kind, 100, True, 1))
        self.addOutput(QgsProcessingOutputString("JOBS", tr("Jobs (JSON list)")))
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Number of jobs")))

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .shared_journal import open_journal

        provider, state = (text_of(parameters, name, context).lower() for name in (PROVIDER, STATE))
        journal = open_journal()
        try:
            jobs = [job for job in journal.jobs() if provider in ("", job.provider) and state in ("", job.state.value)]
        finally:
            journal.close()
        listed = [described(job) for job in jobs[: int(plain(parameters.get(LIMIT), context) or 100)]]
        for item in listed:
            feedback.pushInfo("  ".join(str(item[name]) for name in _TOLD if item[name]))
        return {"JOBS": json.dumps(listed, ensure_ascii=False), "COUNT": len(listed)}


def described(job: Job) -> Dict[str, Any]:
    """A job as the outputs of the other algorithms name it."""
    return {
        "JOB_ID": job.id,
        "REMOTE_ID": job.remote_id,
        "PROVIDER": job.provider,
        "OPERATION": job.operation,
        "ACCOUNT": job.account,
        "STATE": job.state.value.upper(),
        "CREATED": _stamp(job.created_at),
        "FINISHED": _stamp(job.finished_at),
        "EXPIRES": _stamp(job.expires_at),
        "COST": cost_of(job),
        "MESSAGE": job.message,
        "OUTPUTS": list(job.layers),
    }


def _stamp(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else ""
