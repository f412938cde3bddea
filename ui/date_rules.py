"""The button beside a date that offers days told in relation to today."""

from __future__ import annotations

from typing import Optional, Tuple

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QInputDialog, QMenu, QToolButton, QWidget

from ..presets.dates import FARTHEST, RelativeDate
from .icons import icon
from .words import count, translate

Range = Tuple[RelativeDate, RelativeDate]

TODAY = RelativeDate()


def days() -> Tuple[Tuple[str, RelativeDate], ...]:
    """Names of usual days."""
    return (
        (translate("Groundtrack", "Today"), TODAY),
        (translate("Groundtrack", "7 Days Ago"), RelativeDate(amount=-7)),
        (translate("Groundtrack", "30 Days Ago"), RelativeDate(amount=-30)),
        (translate("Groundtrack", "3 Months Ago"), RelativeDate(amount=-3, unit="month")),
        (translate("Groundtrack", "1 Year Ago"), RelativeDate(amount=-1, unit="year")),
        (translate("Groundtrack", "Start of This Month"), RelativeDate("month start")),
        (translate("Groundtrack", "Start of Last Month"), RelativeDate("month start", -1, "month")),
        (translate("Groundtrack", "End of Last Month"), RelativeDate("month end", -1, "month")),
    )


def ranges() -> Tuple[Tuple[str, Range], ...]:
    """Names of usual spans, with their first and last day."""
    last_month = RelativeDate("month start", -1, "month"), RelativeDate("month end", -1, "month")
    year_before = RelativeDate("month start", -1, "year"), RelativeDate("month end", -1, "year")
    return (
        (translate("Groundtrack", "Last 7 Days"), (RelativeDate(amount=-7), TODAY)),
        (translate("Groundtrack", "Last 30 Days"), (RelativeDate(amount=-30), TODAY)),
        (translate("Groundtrack", "Last 12 Months"), (RelativeDate(amount=-1, unit="year"), TODAY)),
        (translate("Groundtrack", "This Month"), (RelativeDate("month start"), TODAY)),
        (translate("Groundtrack", "Last Month"), last_month),
        (translate("Groundtrack", "Same Month Last Year"), year_before),
        (translate("Groundtrack", "This Year"), (RelativeDate("year start"), TODAY)),
    )


def date_words(day: RelativeDate) -> str:
    """A relative day in a few words."""
    if day.anchor == "today":
        return translate("Groundtrack", "today") if not day.amount else _distance(day)
    anchors = {
        "month start": translate("Groundtrack", "start of month"),
        "month end": translate("Groundtrack", "end of month"),
        "year start": translate("Groundtrack", "start of year"),
        "year end": translate("Groundtrack", "end of year"),
    }
    if day == RelativeDate("month start", -1, "month"):
        return translate("Groundtrack", "start of last month")
    if day == RelativeDate("month end", -1, "month"):
        return translate("Groundtrack", "end of last month")
    return ", ".join([anchors[day.anchor], *([_distance(day)] if day.amount else [])])


class DateRuleButton(QToolButton):
    """`chosen` carries a RelativeDate or, for the day as it stands, None; `range_chosen` a Range, where `offer_ranges` was called."""

    chosen = pyqtSignal(object)
    range_chosen = pyqtSignal(object)

    def __init__(self, label: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._ranges = False
        self._rule: Optional[RelativeDate] = None
        self.setIcon(icon("calendar"))
        self.setAutoRaise(True)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name = translate("Groundtrack", "{} in Relation to Today").format(label)
        self.setAccessibleName(name)
        self.setToolTip(name)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)

    def offer_ranges(self) -> None:
        """The date has a partner: spans of both are offered too."""
        self._ranges = True

    def show_rule(self, rule: Optional[RelativeDate]) -> None:
        """Have the menu mark what is in force."""
        self._rule = rule

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        if self._ranges:
            menu.addSection(translate("Groundtrack", "Both Dates"))
            for name, span in ranges():
                menu.addAction(name).triggered.connect(lambda _, span=span: self.range_chosen.emit(span))
            menu.addSection(translate("Groundtrack", "This Date"))
        for name, day in days():
            self._add(name, day)
        menu.addAction(translate("Groundtrack", "Days Before Today…")).triggered.connect(lambda _: self._ask())
        menu.addSeparator()
        self._add(translate("Groundtrack", "Fixed Date"), None)

    def _add(self, name: str, day: Optional[RelativeDate]) -> None:
        action = self.menu().addAction(name)
        action.setCheckable(True)
        action.setChecked(day == self._rule)
        action.triggered.connect(lambda _: self.chosen.emit(day))

    def _ask(self) -> None:
        title = translate("Groundtrack", "Days Before Today")
        now = -self._rule.amount if self._rule and self._rule.anchor == "today" and self._rule.unit == "day" else 30
        days, agreed = QInputDialog.getInt(self, title, translate("Groundtrack", "Days before today"), now, 0, FARTHEST["day"])
        if agreed:
            self.chosen.emit(RelativeDate(amount=-days))


def _distance(day: RelativeDate) -> str:
    number = abs(day.amount)
    ago = day.amount < 0
    words = {
        ("day", True): (translate("Groundtrack", "1 day ago"), translate("Groundtrack", "{} days ago")),
        ("week", True): (translate("Groundtrack", "1 week ago"), translate("Groundtrack", "{} weeks ago")),
        ("month", True): (translate("Groundtrack", "1 month ago"), translate("Groundtrack", "{} months ago")),
        ("year", True): (translate("Groundtrack", "1 year ago"), translate("Groundtrack", "{} years ago")),
        ("day", False): (translate("Groundtrack", "in 1 day"), translate("Groundtrack", "in {} days")),
        ("week", False): (translate("Groundtrack", "in 1 week"), translate("Groundtrack", "in {} weeks")),
        ("month", False): (translate("Groundtrack", "in 1 month"), translate("Groundtrack", "in {} months")),
        ("year", False): (translate("Groundtrack", "in 1 year"), translate("Groundtrack", "in {} years")),
    }
    return count(number, *words[day.unit, ago])
