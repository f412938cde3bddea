"""Watches in words."""

from __future__ import annotations

import datetime as dt

from qgis.PyQt.QtCore import QLocale

from ..presets.watch import RUN, RUNS, Watch
from ..presets.watch_store import WatchState
from ..providers.scenes import Scene
from .words import count, in_brackets, translate


def amount_words(amount: float, unit: str) -> str:
    """“3.4 credits”, “12 runs”."""
    number = QLocale().toString(float(amount), "g", 6)
    return f"{number} {translate('Groundtrack', 'runs') if unit == RUNS else unit}"


def rhythm_words(watch: Watch) -> str:
    """“Every 6 hours, 8–18 h”."""
    if watch.period == "hour":
        often = count(watch.every, translate("Groundtrack", "Every hour"), translate("Groundtrack", "Every {} hours"))
    else:
        often = count(watch.every, translate("Groundtrack", "Every day"), translate("Groundtrack", "Every {} days"))
    if (watch.first_hour, watch.last_hour) == (0, 24):
        return often
    return translate("Groundtrack", "{}, {}–{} h").format(often, watch.first_hour, watch.last_hour)


def kind_words(watch: Watch) -> str:
    """What it does."""
    return translate("Groundtrack", "Runs") if watch.kind == RUN else translate("Groundtrack", "Looks for new scenes")


def scene_words(scene: Scene) -> str:
    """Day and time of a scene, and what took it."""
    return f"{scene.taken[:16].replace('T', ' ')} UTC{in_brackets(scene.platform or scene.collection)}"


def spent_words(state: WatchState) -> str:
    """“3.4 of 50 credits”."""
    watch = state.watch
    spent = QLocale().toString(float(state.spent), "g", 6)
    return translate("Groundtrack", "{} of {}").format(spent, amount_words(watch.cap, watch.unit))


def cap_words(state: WatchState) -> str:
    """That a watch is off and would pass its cap, "" where it is on or has room."""
    watch = state.watch
    one = 1.0 if watch.unit == RUNS else watch.price or 0.0
    if watch.on or not one or state.spent + one <= watch.cap + 1e-9:
        return ""
    text = translate("Groundtrack", "It is off: another run would pass its cap of {}. Switch it on with a higher one.")
    return text.format(amount_words(watch.cap, watch.unit))


def when_words(at: float, now: float) -> str:
    """A moment by this computer's clock, "" for never."""
    if not at:
        return ""
    moment = dt.datetime.fromtimestamp(at)
    today = dt.datetime.fromtimestamp(now).date()
    day = {
        0: translate("Groundtrack", "today"), 1: translate("Groundtrack", "tomorrow"), -1: translate("Groundtrack", "yesterday"),
    }.get((moment.date() - today).days, moment.date().isoformat())  # fmt: skip
    return f"{day} {moment:%H:%M}"


def month_words(watch: Watch, price: float, unit: str) -> str:
    """What a month of it costs at most: “about 30 runs a month, 102 credits”."""
    runs = watch.runs_a_month
    if unit == RUNS:
        return translate("Groundtrack", "about {} runs a month").format(QLocale().toString(runs, "f", 0))
    money = amount_words(round(runs * price, 2), unit)
    return translate("Groundtrack", "{} a month (about {} runs)").format(money, QLocale().toString(runs, "f", 0))
