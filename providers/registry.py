"""Which services there are. Each is one file beside this one, imported when first asked for."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Dict, Optional, Tuple, Type

from .base import Provider

# the files of this folder that are not services
_PARTS = frozenset(
    (
        "astra_scenes base budget cancel checks connect errors fields http hub json_text object_storage operation pixel_grid"
        " processing_units registry replies scenes sockets stores transport"
    ).split()
)


@dataclass(frozen=True)
class Entry:
    """A service file: its provider class, or the reason in words why it cannot be used."""

    key: str
    provider: Optional[Type[Provider]]
    reason: str = ""


def keys() -> Tuple[str, ...]:
    """File names of the services, without importing them."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]) if module.name not in _PARTS))


@cache
def entry(key: str) -> Entry:
    """Import one service. A broken file gives a reason and stops nothing."""
    try:
        module = importlib.import_module(f".{key}", __package__)
    except Exception as error:  # noqa: BLE001 - whatever a service file does wrong must not reach the others
        return Entry(key, None, f"The service “{key}” cannot be used: {error}")
    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    found = [item for item in own if issubclass(item, Provider)]
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
