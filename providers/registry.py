"""Which services there are. Each is one file beside this one, imported when first asked for."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Dict, Optional, Tuple, Type

from .base import Provider


@dataclass(frozen=True)
class Entry:
    """A service file: its provider class, or the reason in words why it cannot be used."""

    key: str
    provider: Optional[Type[Provider]]
    reason: str = ""


@cache
def keys() -> Tuple[str, ...]:
    """The services, without importing them: files whose class says `key = "<name of the file>"`; the others are shared parts."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple(path.stem for path in files if f'\n    key = "{path.stem}"\n' in path.read_text(encoding="utf-8"))


@cache
def entry(key: str) -> Entry:
    """Import one service. A broken file gives a reason and stops nothing."""
    try:
        module = importlib.import_module(f".{key}", __package__)
    except Exception as error:  # noqa: BLE001 - whatever a service file does wrong must not reach the others
        return Entry(key, None, f"The service “{key}” cannot be used: {error}")
    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    found = [item for item in own if issubclass(item, Provider) and getattr(item, "key", "") == key]
    if not found:
        return Entry(key, None, f"The service “{key}” cannot be used: its file declares no provider.")
    return Entry(key, found[-1])


def entries() -> Dict[str, Entry]:
    """Every service by key, all imported."""
    return {key: entry(key) for key in keys()}


def provider_class(key: str) -> Type[Provider]:
    """Raises LookupError with the reason."""
    found = entry(key)
    if found.provider is None:
        raise LookupError(found.reason)
    return found.provider
