"""What a draft will cost, asked for right before it is sent, and only where its group has a budget.

So the service is asked once for each job, as slots become free, within the account's budget of requests; never for all at once.
"""

from __future__ import annotations

from ..providers.base import Provider
from .group import NO_PRICE, amount_of
from .job import Job
from .journal import Journal

_UNKNOWN = "The service does not tell what this one costs, so it waits as long as there is a budget."


def priced(journal: Journal, job: Job, provider: Provider) -> Job:
    """The draft with its estimate written down, if its group needs one. Raises what `Provider.estimate` raises."""
    group = journal.group(job.group) if job.group else None
    if group is None or group.budget is None or group.paused or amount_of(job.estimate) is not None:
        return job
    cost = provider.estimate(job.asked())
    if cost is None or cost.amount is None or cost.amount < 0 or (group.unit and cost.unit != group.unit):
        return journal.change(job.id, word=NO_PRICE, message=_UNKNOWN)
    if not group.unit:
        journal.change_group(group.id, unit=cost.unit)
    return journal.change(job.id, estimate=str(cost), word="", message="")
