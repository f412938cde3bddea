"""Named accounts of services, several for each.

What may be shown (name, address) is in the QGIS settings; what must not is in the QGIS authentication database, or, where that is not
available or not wanted, only in memory for this session. The store's master password is asked for by `unlock` and `save` alone,
which are called when a person asked for it; everything else answers with what is at hand.

Main thread only. Without a window, `from_environment` reads accounts from environment variables and touches no store.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type
from urllib.parse import urlsplit

from qgis.core import QgsApplication, QgsAuthMethodConfig, QgsSettings

from .providers.base import Account, Provider, Secrets
from .providers.errors import ConfigError
from .providers.registry import entries, entry, keys
from .providers.transport import check_address

log = logging.getLogger("groundtrack")

SETTINGS = "groundtrack/accounts"
ENVIRONMENT = "environment"  # the name of an account that was read from environment variables


class AccountError(Exception):
    """One sentence that says why an account cannot be stored or used."""


@dataclass(frozen=True)
class AccountInfo:
    """What may be known of an account without its secrets. `stored` is the id in the authentication database, "" for session-only."""

    provider: str
    name: str
    public: Mapping[str, str] = field(default_factory=dict)
    stored: str = ""

    @property
    def key(self) -> str:
        return f"{self.provider}/{self.name}"


class AccountStore:
    """The accounts of this profile."""

    def __init__(self) -> None:
        self._session: Dict[str, Secrets] = {}
        self._loaded: Dict[str, Secrets] = {}
        self._infos: Optional[List[AccountInfo]] = None

    @property
    def available(self) -> bool:
        """Whether the authentication database can be used at all."""
        return not QgsApplication.authManager().isDisabled()

    @property
    def unlocked(self) -> bool:
        """Whether secrets can be read without asking for the master password."""
        return self.available and QgsApplication.authManager().masterPasswordIsSet()

    def unlock(self) -> bool:
        """Ask for the master password if needed. Only when a person asked for it."""
        return self.available and QgsApplication.authManager().setMasterPassword(True)

    def infos(self, provider: str = "") -> Tuple[AccountInfo, ...]:
        """Known accounts in alphabetical order, of one service or of all; after them the services that need none."""
        return tuple(info for info in (*self._known(), *_without_account()) if not provider or info.provider == provider)

    def find(self, key: str) -> Optional[AccountInfo]:
        return next((info for info in self.infos() if info.key == key), None)

    def account(self, info: AccountInfo) -> Optional[Account]:
        """The account with its secrets, None while they cannot be read. Never asks."""
        secrets = self._session.get(info.key) or self._loaded.get(info.key)
        if secrets is None and info.stored and self.unlocked:
            secrets = self._load(info)
        if secrets is None and not _needs_secrets(info.provider):
            secrets = Secrets()
        return None if secrets is None else Account(info.provider, info.name, info.public, secrets)

    def usable(self) -> Dict[str, Account]:
        """Every account that can be used now, by key."""
        found = ((info.key, self.account(info)) for info in self.infos())
        return {key: account for key, account in found if account is not None}

    def waiting(self) -> Tuple[AccountInfo, ...]:
        """Accounts whose secrets are behind the locked store."""
        return () if self.unlocked else tuple(info for info in self.infos() if info.stored and self.account(info) is None)

    def save(self, account: Account, *, remember: bool, replaces: str = "") -> AccountInfo:
        """Store an account; `remember` puts its secrets into the authentication database, else they live until QGIS ends.

        `replaces` is the key of the account that was edited. Raises AccountError.
        """
        name = account.name.strip()
        if not name or "/" in name or name == ENVIRONMENT:
            raise AccountError("Give the account a name without a slash.")
        self._read_again()
        key = f"{account.provider}/{name}"
        if key != replaces and self.find(key) is not None:
            raise AccountError(f"There is already an account called “{name}” for this service.")
        before = self.find(replaces)
        stored = before.stored if before else ""
        if remember and account.secrets:
            stored = _store(account, stored)
            self._loaded[key] = account.secrets
            self._session.pop(key, None)
        else:
            self._delete_stored(stored)
            stored = ""
            self._session[key] = account.secrets
        if replaces and replaces != key:
            self._session.pop(replaces, None)
            self._loaded.pop(replaces, None)
        info = AccountInfo(account.provider, name, dict(account.public), stored)
        self._write([item for item in self._known() if item.key not in (key, replaces)] + [info])
        return info

    def remove(self, key: str) -> None:
        """Forget an account and its secrets here; the service is not told."""
        self._read_again()
        info = self.find(key)
        if info is None:
            return
        self._delete_stored(info.stored)
        self._session.pop(key, None)
        self._loaded.pop(key, None)
        self._write([item for item in self._known() if item.key != key])

    def _known(self) -> List[AccountInfo]:
        if self._infos is None:
            self._infos = _read_infos()
        return self._infos

    def _read_again(self) -> None:
        """Another QGIS window may have written meanwhile."""
        QgsSettings().sync()
        self._infos = None

    def _load(self, info: AccountInfo) -> Optional[Secrets]:
        config = QgsAuthMethodConfig()
        if not QgsApplication.authManager().loadAuthenticationConfig(info.stored, config, True):
            return None
        held = config.configMap()
        secrets = Secrets({name: held[name] for name in _secret_names(info.provider) if held.get(name)})
        if not secrets:  # it was removed in QGIS's own options, which QGIS calls a success
            return None
        self._loaded[info.key] = secrets
        return secrets

    def _delete_stored(self, stored: str) -> None:
        if stored and self.available:
            QgsApplication.authManager().removeAuthenticationConfig(stored)

    def _write(self, infos: List[AccountInfo]) -> None:
        self._infos = sorted(infos, key=lambda info: (info.provider, info.name.lower()))
        plain = [{"provider": i.provider, "name": i.name, "public": dict(i.public), "stored": i.stored} for i in self._infos]
        QgsSettings().setValue(SETTINGS, json.dumps(plain))


def from_environment(kind: Type[Provider]) -> Account:
    """The account that GROUNDTRACK_<PROVIDER>_<FIELD> variables describe. Raises AccountError naming the first that is missing."""
    public: Dict[str, str] = {}
    secrets: Dict[str, str] = {}
    for item in kind.account_fields:
        variable = variable_name(kind.key, item.name)
        value = os.environ.get(variable, "").strip() or str(item.default or "")
        if not value and item.required:
            raise AccountError(f"The environment variable {variable} is not set. Set it, or name a stored account.")
        if value:
            (secrets if item.secret else public)[item.name] = value
    return Account(kind.key, ENVIRONMENT, public, Secrets(secrets))


def of_environment() -> Dict[str, Account]:
    """Every account that the environment describes in full, by key: jobs that were begun without a window are followed with them."""
    found: Dict[str, Account] = {}
    for key in keys():
        kind = entry(key).provider if any(name.startswith(variable_name(key, "")) for name in os.environ) else None
        with suppress(AccountError):
            account = from_environment(kind) if kind is not None else None
            if kind is not None and account is not None and not address_complaints(kind, account.public):
                found[f"{account.provider}/{account.name}"] = account
    return found


def address_complaints(kind: Type[Provider], values: Mapping[str, str]) -> Dict[str, str]:
    """What is wrong with the addresses among an account's values, as sentences by field name. They are shown and stored in clear."""
    shown = {item.name: values.get(item.name) or "" for item in kind.account_fields if not item.secret}
    addresses = {name: value for name, value in shown.items() if name == "url" or value.lower().startswith("http")}
    found = {name: _complaint(value) for name, value in addresses.items() if value}
    return {name: sentence for name, sentence in found.items() if sentence}


def _complaint(address: str) -> str:
    if "://" not in address:
        return f"The address {address} of the service must begin with https://."
    try:
        check_address(address)
    except ConfigError as problem:
        return problem.message
    parts = urlsplit(address)
    if "@" in parts.netloc:
        return "The address holds a user name or password, which would be shown and stored in clear. Leave them out."
    return "Leave out of the address what follows the “?” or “#”." if parts.query or parts.fragment else ""


def variable_name(provider: str, name: str) -> str:
    """The environment variable of an account field."""
    return f"GROUNDTRACK_{provider}_{name}".upper()


def _read_infos() -> List[AccountInfo]:
    infos = []
    for item in _plain():
        try:
            infos.append(AccountInfo(item["provider"], item["name"], item.get("public") or {}, item.get("stored") or ""))
        except (TypeError, KeyError, AttributeError):
            log.warning("an account in the settings cannot be read and is left out")
    return infos


def _plain() -> List[Any]:
    try:
        plain = json.loads(QgsSettings().value(SETTINGS, "[]"))
    except (ValueError, TypeError):
        return []
    return plain if isinstance(plain, list) else []


def _without_account() -> Tuple[AccountInfo, ...]:
    """One account for each service that asks for nothing; it is never stored."""
    kinds = (item.provider for item in entries().values())
    return tuple(AccountInfo(kind.key, kind.title) for kind in kinds if kind is not None and not kind.account_fields)


def _store(account: Account, stored: str) -> str:
    """Put secrets into the authentication database, under the id `stored` when there is one. Raises AccountError."""
    manager = QgsApplication.authManager()
    if manager.isDisabled():
        raise AccountError("This QGIS has no authentication database. Keep the key for this session only.")
    if not manager.setMasterPassword(True):
        raise AccountError("The authentication database stayed closed, so nothing was stored. Try again, or keep the key for this session.")
    config = QgsAuthMethodConfig("Basic")
    config.setName(f"Groundtrack {account.provider} {account.name}")
    config.setConfigMap({**dict.fromkeys(("username", "password", "realm"), ""), **account.secrets})
    if stored not in manager.configIds():
        stored = ""  # removed in QGIS's own options
    if stored:
        config.setId(stored)
    done = manager.updateAuthenticationConfig(config) if stored else manager.storeAuthenticationConfig(config)
    if done is False or (isinstance(done, tuple) and not done[0]) or not config.id():
        raise AccountError("The authentication database refused the key. Keep it for this session only.")
    return str(config.id())


def _fields(provider: str) -> Tuple[Any, ...]:
    found = entry(provider).provider
    return found.account_fields if found else ()


def _secret_names(provider: str) -> Tuple[str, ...]:
    return tuple(item.name for item in _fields(provider) if item.secret)


def _needs_secrets(provider: str) -> bool:
    return any(item.secret and item.required for item in _fields(provider))
