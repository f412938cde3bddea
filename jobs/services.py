"""The accounts that may be used, and one provider for each. Thread-safe."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import Callable, Dict, Iterable, Iterator, List, Mapping, Optional, Set

from ..providers.base import Account, Provider
from ..providers.cancel import Cancel

Connect = Callable[[Account, Cancel], Provider]


class Services:
    """Providers by account key. An account that is refused stays out of use until it changes or is allowed again."""

    def __init__(self, connect: Connect, cancel: Cancel) -> None:
        self._connect = connect
        self._cancel = cancel
        self._lock = threading.Lock()
        self._accounts: Dict[str, Account] = {}
        self._providers: Dict[str, Provider] = {}
        self._refused: Dict[str, str] = {}
        self._made: List[Provider] = []

    def take(self, accounts: Mapping[str, Account]) -> Set[str]:
        """The accounts that may be used from now on; the keys of those that changed, came or went."""
        with self._lock:
            changed = {key for key in {*accounts, *self._accounts} if accounts.get(key) != self._accounts.get(key)}
            for key in changed:
                self._providers.pop(key, None)
                self._refused.pop(key, None)
            self._accounts = dict(accounts)
        return changed

    def usable(self, key: str) -> bool:
        """Whether the account is there and not refused."""
        with self._lock:
            return key in self._accounts and key not in self._refused

    def provider(self, key: str) -> Optional[Provider]:
        """The service through this account, None while it cannot be used."""
        with self._lock:
            if key not in self._accounts or key in self._refused:
                return None
            if key not in self._providers:
                try:
                    self._providers[key] = self._made_for(self._accounts[key])
                except Exception as error:  # noqa: BLE001 - the service's file is broken or missing: its jobs wait, the others go on
                    self._refused[key] = str(error)
                    return None
            return self._providers[key]

    def refuse(self, key: str, provider: Provider, reason: str) -> None:
        """The service does not accept the account; ignored when the account has changed since."""
        with self._lock:
            if self._providers.get(key) is provider:
                self._refused[key] = reason

    def allow(self, key: str) -> None:
        """Try the account again."""
        with self._lock:
            self._refused.pop(key, None)

    def stuck(self, keys: Iterable[str]) -> Dict[str, str]:
        """Those of the keys that cannot be used, with the reason, "" when the account is not available."""
        with self._lock:
            return {key: self._refused.get(key, "") for key in keys if key in self._refused or key not in self._accounts}

    @contextmanager
    def borrowed(self, account: Account, cancel: Optional[Cancel] = None) -> Iterator[Provider]:
        """A provider for one question, of any account, also of one that is only being entered. Raises LookupError.

        A question that can be broken off by a `cancel` of its own has a provider of its own.
        """
        key = f"{account.provider}/{account.name}"
        with self._lock:
            kept = self._providers.get(key) if cancel is None and self._accounts.get(key) == account else None
        if kept is not None:
            yield kept
            return
        provider = self._connect(account, cancel or self._cancel)
        try:
            yield provider
        finally:
            provider.transport.close()

    def close_thread(self) -> None:
        """Close the connections that this thread opened."""
        with self._lock:
            made = list(self._made)
        for provider in made:
            provider.transport.close()

    def _made_for(self, account: Account) -> Provider:
        provider = self._connect(account, self._cancel)
        self._made.append(provider)
        return provider
