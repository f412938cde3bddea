"""Which services there are. Each is one file beside this one, imported when first asked for.

A service may declare its tasks in a second file, named after it with `_tasks`: `TITLE` and `OPERATIONS`. They can then be listed
without importing the rest, which is most of what a cold start of the toolbox would cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Optional, Tuple, Type

if TYPE_CHECKING:
    from .base import Provider
    from .operation import Operation


@dataclass(frozen=True)
class Entry:
    """A service file: its provider class, or the reason in words why it cannot be used."""

    key: str
    provider: Optional[Type[Provider]]
    reason: str = ""


@dataclass(frozen=True)
class Offer:
    """What a service can always be asked for."""

    key: str
    title: str
    operations: Tuple[Operation, ...]


@cache
def keys() -> Tuple[str, ...]:
    """The services, without importing them: files whose class says `key = "<name of the file>"`; the others are shared parts."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    return tuple(path.stem for path in files if f'\n    key = "{path.stem}"\n' in path.read_text(encoding="utf-8"))


@cache
def entry(key: str) -> Entry:
    """Import one service. A broken file gives a reason and stops nothing."""
    try:
        module = _imported(key)
    except Exception as error:  # noqa: BLE001 - whatever a service file does wrong must not reach the others
        return Entry(key, None, f"The service “{key}” cannot be used: {error}")
    from .base import Provider

    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    found = [item for item in own if issubclass(item, Provider) and getattr(item, "key", "") == key]
    if not found:
        return Entry(key, None, f"The service “{key}” cannot be used: its file declares no provider.")
    return Entry(key, found[-1])


def offer(key: str) -> Offer:
    """What a service offers, by the file of its tasks where it has one. Raises LookupError with the reason."""
    try:
        tasks = _imported(f"{key}_tasks")
        return Offer(key, tasks.TITLE, tasks.OPERATIONS)
    except Exception:  # noqa: BLE001 - there is none, or it is broken; the service's own file tells the reason
        kind = provider_class(key)
        return Offer(key, kind.title, kind.fixed_operations)


def entries() -> Dict[str, Entry]:
    """Every service by key, all imported."""
    return {key: entry(key) for key in keys()}


def _imported(name: str) -> Any:
    """A file beside this one. When the plugin is unloaded, QGIS forgets the modules that came by the built-in import, and no others."""
    return __import__(f"{__package__}.{name}", fromlist=["key"])


def provider_class(key: str) -> Type[Provider]:
    """Raises LookupError with the reason."""
    found = entry(key)
    if found.provider is None:
        raise LookupError(found.reason)
    return found.provider
