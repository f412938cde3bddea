"""Goes on with a job that was submitted before, here or in the dock, until its result is on this disk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Mapping, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .algorithm import hand_over, terms_of
from .aside import aside
from .job_algorithm import JobAlgorithm
from .parameters import folder_parameter, rasters_parameter, timeout_parameter


class WaitForJob(JobAlgorithm):
    """A job that an open QGIS follows is only watched."""

    id_ = "wait_for_job"
    title = "Wait for job"
    help_ = "Waits for a job that was submitted before and brings its result. The end of the waiting time does not end the job."

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        super().initAlgorithm(configuration)
        self.addParameter(folder_parameter())
        self.addParameter(timeout_parameter())
        self.addParameter(rasters_parameter())

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .outcome import results_of
        from .run import Run

        terms = terms_of(parameters, context)
        run = Run(self._signed, feedback, replace(terms, wait=True))
        jobs = aside(lambda: run.resume(self.operation(), self._jobs))
        hand_over(jobs, run.made, context)
        return results_of(jobs)
