"""What the requests would cost: asked a moment after the form came to rest, one question at a time."""

from __future__ import annotations

from typing import Any, Callable, Optional, Tuple

from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..providers.base import Account, Cost, Provider
from ..providers.operation import Request
from .session import Session

THINK = 600  # ms without a change before the service is asked
MOST = 10  # jobs whose costs are asked for at once
SAMPLE = 5  # of more of them

Key = Tuple[str, ...]  # the account and the fingerprints of the calls


class PriceAsker(QObject):
    """A service that is silent holds up one question, never the next ones behind it. With `samples` the price of many jobs is worked
    out from a few of them.

    Signals: `asked` while the service thinks; `answered` Cost, None when nobody knows, or the exception that came instead.
    """

    asked = pyqtSignal()
    answered = pyqtSignal(object)

    def __init__(self, session: Session, account: Callable[[], Optional[Account]], parent: QObject, *, samples: bool = False) -> None:
        super().__init__(parent)
        self._session = session
        self._account = account
        self._samples = samples
        self._wanted: Key = ()
        self._known: Key = ()
        self._price: Optional[Cost] = None
        self._requests: Tuple[Request, ...] = ()
        self._asking = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(THINK)
        self._timer.timeout.connect(self._ask)

    @property
    def cost(self) -> Optional[Cost]:
        """The price of what was asked for last, None while it is not known."""
        return self._price if self._wanted and self._wanted == self._known else None

    def want(self, requests: Tuple[Request, ...], fingerprints: Tuple[str, ...]) -> None:
        """Find out what these requests cost; at once when that is known already."""
        account = self._account()
        self._requests = requests
        self._wanted = (f"{account.provider}/{account.name}", *fingerprints) if account else ()
        if account is None or (len(requests) > MOST and not self._samples):
            self.stop()
            self.answered.emit(None)
        elif self._wanted == self._known:
            self.answered.emit(self._price)
        else:
            self._timer.start()

    def stop(self) -> None:
        """Nothing is wanted for now."""
        self._wanted = ()
        self._timer.stop()

    def _ask(self) -> None:
        account = self._account()
        if account is None or not self._wanted:
            return
        self.asked.emit()
        if self._asking:
            return  # the answer that is under way comes first
        self._asking = True
        requests, key = self._requests, self._wanted

        def take(answer: Any) -> None:
            self._take(key, answer)

        self._session.ask(self, account, lambda provider: roughly(provider, requests), take, take)

    def _take(self, key: Key, answer: Any) -> None:
        self._asking = False
        if not isinstance(answer, Exception):
            self._known, self._price = key, answer
        if key == self._wanted:
            self.answered.emit(answer)
        elif self._wanted and not self._timer.isActive():
            self._ask()


def total(provider: Provider, requests: Tuple[Request, ...]) -> Optional[Cost]:
    """The estimate for all requests together, None when one of them has none."""
    costs = [provider.estimate(request) for request in requests]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs) or not known:
        return None
    if len(known) == 1:
        return known[0]
    amounts = [cost.amount for cost in known]
    amount = None if None in amounts else sum(amount for amount in amounts if amount is not None)
    enough = False if any(cost.sufficient is False for cost in known) else None
    notes = list(dict.fromkeys(cost.note for cost in known if cost.note))
    note = notes[0] if len(notes) == 1 else " ".join(f"{number}. {text}" for number, text in enumerate(notes, 1))
    return Cost(amount, known[0].unit, known[0].basis, note, enough)


def roughly(provider: Provider, requests: Tuple[Request, ...]) -> Optional[Cost]:
    """The same; of many requests only a few are asked for, from the smallest area to the largest, and the rest follows from them."""
    if len(requests) <= MOST:
        return total(provider, requests)
    sizes = [_km2(request) for request in requests]
    order = sorted(range(len(requests)), key=sizes.__getitem__)
    chosen = [order[round(step * (len(order) - 1) / (SAMPLE - 1))] for step in range(SAMPLE)]
    cost = total(provider, tuple(requests[index] for index in chosen))
    if cost is None or cost.amount is None:
        return cost
    asked, everything = sum(sizes[index] for index in chosen), sum(sizes)
    factor = everything / asked if asked else len(requests) / SAMPLE
    amount = round(cost.amount * factor, 2)
    return Cost(amount, cost.unit, f"worked out from {SAMPLE} of {len(requests)} jobs", cost.note, cost.sufficient)


def _km2(request: Request) -> float:
    return request.aoi.area_km2 if request.aoi is not None else 0.0
