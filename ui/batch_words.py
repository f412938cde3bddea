"""How far a batch is, in words. Pure functions of the group and its standing."""

from __future__ import annotations

import math

from ..jobs.group import Group, Hold, Standing
from ..jobs.steps import LOOKS
from .words import MINUTE, count, translate


def amount(number: float) -> str:
    """A number of credits or the like: “12.4”."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def progress_words(group: Group, shown: Standing) -> str:
    """“137 of 500 done, 3 failed, 12.4 of 50 credits”."""
    parts = [translate("BatchWords", "{done} of {total} done").format(done=shown.done, total=shown.total)]
    for number, words in (
        (shown.failed, translate("BatchWords", "{} failed")),
        (shown.unknown, translate("BatchWords", "{} never confirmed")),
        (shown.sought, translate("BatchWords", "{} being looked for")),
        (shown.dropped, translate("BatchWords", "{} cancelled")),
    ):
        if number:
            parts.append(words.format(number))
    return ", ".join([*parts, *([money_words(group, shown)] if money_words(group, shown) else [])])


def money_words(group: Group, shown: Standing) -> str:
    """“12.4 of 50 credits, perhaps 0.8 more”; "" where nothing is known of costs."""
    spent = amount(shown.spent)
    text = f"{spent} {group.unit}".strip() if shown.spent or shown.doubtful else ""
    if group.budget is not None:
        of_budget = translate("BatchWords", "{spent} of {budget} {unit}")
        text = of_budget.format(spent=spent, budget=amount(group.budget), unit=group.unit).strip()
    perhaps = translate("BatchWords", "perhaps {} more").format(amount(shown.doubtful)) if shown.doubtful else ""
    return ", ".join(part for part in (text, perhaps) if part)


def hold_words(group: Group, shown: Standing) -> str:
    """Why it does not go on by itself, as a sentence; "" when it does."""
    if group.paused and shown.waiting:
        paused = translate("BatchWords", "Paused: what is at the service goes on, nothing new is sent.")
        return translate("BatchWords", "Paused. {}").format(group.note) if group.note else paused
    if shown.hold is Hold.NO_PRICE:
        one = translate("BatchWords", "1 waits: the service does not tell its price, and there is a budget.")
        return count(shown.waiting, one, translate("BatchWords", "{} wait: the service does not tell their price, and there is a budget."))
    if shown.hold is not Hold.BUDGET or group.budget is None:
        return sought_words(shown) if shown.waiting else ""
    left = max(0.0, group.budget - shown.spent - shown.reserved - shown.doubtful)
    text = translate("BatchWords", "The budget ends here: the next one costs {price} {unit}, and {left} {unit} are left.")
    if shown.reserved:
        text = translate("BatchWords", "The next one costs {price} {unit}, and {left} {unit} are left while others run.")
    return text.format(price=amount(shown.next_price or 0.0), left=amount(left), unit=group.unit)


def sought_words(shown: Standing) -> str:
    """That jobs whose answer was lost take up slots, as a sentence; "" when there are none."""
    if not shown.sought:
        return ""
    one = translate("BatchWords", "1 got no answer and is looked for at the service.")
    many = translate("BatchWords", "{} got no answer and are looked for at the service.")
    slots = translate("BatchWords", "That takes up to {} min, and one of the account’s slots each.")
    return f"{count(shown.sought, one, many)} {slots.format(math.ceil(sum(LOOKS) / MINUTE))}"


def over_words(group: Group, shown: Standing) -> str:
    """What became of it, as a sentence."""
    return translate("BatchWords", "“{title}” is through: {progress}.").format(title=group.title, progress=progress_words(group, shown))
