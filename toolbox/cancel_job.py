"""Cancels a job, where its service can."""

from __future__ import annotations

from typing import Any, Dict, Mapping

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .aside import aside
from .job_algorithm import JobAlgorithm


class CancelJob(JobAlgorithm):
    """Asks the service to cancel. A job that was not sent is only taken back."""

    id_ = "cancel_job"
    title = "Cancel job"
    help_ = "Cancels a job at its service. Not every service can; then the job goes on there, is still followed, and this fails."

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .outcome import results_of
        from .run import Run, Terms

        run = Run(self._signed, feedback, Terms())
        return results_of(aside(lambda: run.cancel(self._jobs)))
