"""From an account to its provider, with one request budget, and the service's clock, for each key."""

from __future__ import annotations

import hashlib
import threading
from typing import Dict, Tuple, Type

from .base import Account, Provider
from .budget import Budget
from .cancel import Cancel
from .registry import provider_class
from .service_clock import ServiceClock
from .transport import Network, RequestsTransport

BURST = 10.0  # requests at once before the rate counts


class Connector:
    """Makes providers. All that use the same key share its budget and clock; `network` is how the application reaches the world."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._lock = threading.Lock()
        self._shared: Dict[str, Tuple[Budget, ServiceClock]] = {}

    def __call__(self, account: Account, cancel: Cancel) -> Provider:
        """Raises LookupError when the service's file cannot be used."""
        kind = provider_class(account.provider)
        return kind(account, RequestsTransport(self._network, *self._of(account, kind)), cancel)

    def storage(self) -> RequestsTransport:
        """For files that anybody may read: without an account, and outside any budget."""
        return RequestsTransport(self._network)

    def _of(self, account: Account, kind: Type[Provider]) -> Tuple[Budget, ServiceClock]:
        # services count by key, whatever a person calls the account
        proof = "\n".join(f"{name}={value}" for name, value in sorted(account.secrets.items())) or account.name
        key = f"{account.provider}/{account.url}/{hashlib.sha256(proof.encode()).hexdigest()}"
        with self._lock:
            if key not in self._shared:
                budget = Budget(kind.requests_per_second, BURST, pace=self._network.pace, limit_header=kind.limit_header)
                self._shared[key] = budget, ServiceClock()
            return self._shared[key]
