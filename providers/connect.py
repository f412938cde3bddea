"""From an account to its provider, with one request budget for each account."""

from __future__ import annotations

import threading
from typing import Dict

from .base import Account, Provider
from .budget import Budget
from .cancel import Cancel
from .registry import provider_class
from .transport import Network, RequestsTransport

BURST = 10.0  # requests at once before the rate counts


class Connector:
    """Makes providers. All providers of one account share its budget; `network` is how the application reaches the world."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self._budgets: Dict[str, Budget] = {}

    def __call__(self, account: Account, cancel: Cancel) -> Provider:
        """Raises LookupError when the service's file cannot be used."""
        kind = provider_class(account.provider)
        return kind(account, RequestsTransport(self._network, self._budget(account, kind.requests_per_second)), cancel)

    def _budget(self, account: Account, rate: float) -> Budget:
        key = f"{account.provider}/{account.name}/{account.url}"
        with self._lock:
            if key not in self._budgets:
                self._budgets[key] = Budget(rate / self._network.pace, BURST)
            return self._budgets[key]
