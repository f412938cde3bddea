"""What a run may cost: prices are known before anything is sent, and what goes beyond is left out."""

from __future__ import annotations

from typing import List, Mapping, Sequence, Tuple

from ..jobs.group import amount_of, unit_of
from ..jobs.job import Job
from .costs import total_cost
from .outcome import RunFailed
from .texts import tr

_DUST = 1e-9  # what sums of decimal fractions may be off
_NAMED = 20  # jobs that are named


def within(budget: float, drafts: Sequence[Job]) -> Tuple[List[Job], List[Job]]:
    """The drafts that may be sent, in order, and those that may not; `budget` is in the service's unit.

    Raises RunFailed when a price is not known, when they are in several units, or when not even the first one fits.
    """
    prices = [amount_of(job.estimate) for job in drafts]
    if None in prices or len({unit_of(job.estimate) for job in drafts}) > 1:
        text = tr("The service does not tell what this costs, so a BUDGET cannot be kept. Leave it out, or try again later.")
        raise RunFailed(f"{text} {tr('Nothing was sent.')}")
    spent, number = 0.0, 0
    while number < len(drafts) and spent + (prices[number] or 0.0) <= budget + _DUST:
        spent += prices[number] or 0.0
        number += 1
    if not number:
        text = tr("The first job costs {}, which is more than the BUDGET of {:g}. Nothing was sent.")
        raise RunFailed(text.format(drafts[0].estimate, budget))
    return list(drafts[:number]), list(drafts[number:])


def left_out_text(budget: float, left: Sequence[Job], total: int, labels: Mapping[str, str]) -> str:
    """What was not sent, what it would cost, and how to go on."""
    named = [labels.get(job.id, "") or job.title for job in left]
    more = [tr("and all {} that come after it").format(len(named) - _NAMED)] if len(named) > _NAMED else []
    text = tr("The BUDGET of {budget:g} was kept: {left} of {total} jobs were not sent ({names}). They would cost {price}. {advice}")
    names, price = ", ".join([*named[:_NAMED], *more]), total_cost([job.estimate for job in left])
    advice = tr("To go on, run again with an area layer of just these features and a BUDGET for them.")
    return text.format(budget=budget, left=len(left), total=total, names=names, price=price, advice=advice)
