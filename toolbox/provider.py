"""The Processing provider: one algorithm for each operation of each service, and those that handle jobs."""

from __future__ import annotations

import logging

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..providers.registry import keys, offer
from .algorithm import ICON
from .cancel_job import CancelJob
from .fetch_results import FetchResults
from .list_jobs import ListJobs
from .operation_algorithm import OperationAlgorithm
from .submit_preset import SubmitPreset
from .wait_for_job import WaitForJob

log = logging.getLogger("groundtrack")


class GroundtrackProvider(QgsProcessingProvider):
    """Known to Processing as `groundtrack`."""

    def id(self) -> str:
        return "groundtrack"

    def name(self) -> str:
        return "Groundtrack"

    def icon(self) -> QIcon:
        return QIcon(str(ICON))

    def loadAlgorithms(self) -> None:
        for key in keys():
            try:
                offered = offer(key)
            except LookupError as error:
                log.debug("%s", error)
                continue
            for operation in offered.operations:
                self.addAlgorithm(OperationAlgorithm(offered, operation))
        for algorithm in (WaitForJob, FetchResults, CancelJob, ListJobs, SubmitPreset):
            self.addAlgorithm(algorithm())
