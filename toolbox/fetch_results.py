"""Brings the result of a job that is finished, without waiting for one that is not."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .algorithm import hand_over, terms_of
from .aside import aside
from .job_algorithm import JobAlgorithm
from .parameters import folder_parameter, rasters_parameter


class FetchResults(JobAlgorithm):
    """Looks once at a job that runs; fetches again what storage refused before, or into another folder."""

    id_ = "fetch_results"
    title = "Fetch results"
    help_ = "Brings the result of a finished job, once more if need be. A job that still runs is not waited for."

    def initAlgorithm(self, configuration: Optional[Mapping[str, Any]] = None) -> None:
        super().initAlgorithm(configuration)
        self.addParameter(folder_parameter())
        self.addParameter(rasters_parameter())

    def work(self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback) -> Dict[str, Any]:
        from .outcome import results_of
        from .run import Run

        run = Run(self._signed, feedback, terms_of(parameters, context))
        jobs = aside(lambda: run.fetch(self.operation(), self._jobs))
        hand_over(jobs, run.made, context)
        return results_of(jobs)
