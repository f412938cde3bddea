"""How far a batch is, in words. Pure functions of the group and its standing."""

from __future__ import annotations

from ..jobs.group import Group, Hold, Standing
from .words import count, translate


def amount(number: float) -> str:
    """A number of credits or the like: “12.4”."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def progress_words(group: Group, shown: Standing) -> str:
    """“137 of 500 done, 3 failed, 12.4 of 50 credits”."""
    parts = [translate("BatchWords", "{done} of {total} done").format(done=shown.done, total=shown.total)]
    for number, words in (
        (shown.failed, translate("BatchWords", "{} failed")),
        (shown.unknown, translate("BatchWords", "{} with unknown outcome")),
        (shown.dropped, translate("BatchWords", "{} cancelled")),
    ):
        if number:
            parts.append(words.format(number))
    return ", ".join([*parts, *([money_words(group, shown)] if money_words(group, shown) else [])])


def money_words(group: Group, shown: Standing) -> str:
    """“12.4 of 50 credits”; "" where nothing is known of costs."""
    spent = amount(shown.spent)
    if group.budget is None:
        return f"{spent} {group.unit}".strip() if shown.spent else ""
    return translate("BatchWords", "{spent} of {budget} {unit}").format(spent=spent, budget=amount(group.budget), unit=group.unit).strip()


def hold_words(group: Group, shown: Standing) -> str:
    """Why it does not go on by itself, as a sentence; "" when it does."""
    if group.paused and shown.waiting:
        paused = translate("BatchWords", "Paused: what is at the service goes on, nothing new is sent.")
        return translate("BatchWords", "Paused. {}").format(group.note) if group.note else paused
    if shown.hold is Hold.NO_PRICE:
        one = translate("BatchWords", "1 waits: the service does not tell its price, and there is a budget.")
        return count(shown.waiting, one, translate("BatchWords", "{} wait: the service does not tell their price, and there is a budget."))
    if shown.hold is not Hold.BUDGET or group.budget is None:
        return ""
    left = max(0.0, group.budget - shown.spent - shown.reserved)
    text = translate("BatchWords", "The budget ends here: the next one costs {price} {unit}, and {left} {unit} are left.")
    if shown.reserved:
        text = translate("BatchWords", "The next one costs {price} {unit}, and {left} {unit} are left while others run.")
    return text.format(price=amount(shown.next_price or 0.0), left=amount(left), unit=group.unit)


def over_words(group: Group, shown: Standing) -> str:
    """What became of it, as a sentence."""
    return translate("BatchWords", "“{title}” is through: {progress}.").format(title=group.title, progress=progress_words(group, shown))
