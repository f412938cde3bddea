"""An iterator that is a few items ahead of who uses it."""

from __future__ import annotations

import queue
import threading
from typing import Iterator, Tuple, TypeVar

T = TypeVar("T")


def ahead(items: Iterator[T], most: int) -> Iterator[T]:
    """The items, made by a thread of their own, at most `most` in advance. What `items` raises is raised here.

    Close it when you stop early: the thread then ends after the item it is at.
    """
    ready: queue.Queue[Tuple[str, object]] = queue.Queue(most)
    over = threading.Event()

    def make() -> None:
        try:
            for item in items:
                ready.put(("item", item))
                if over.is_set():
                    return
            ready.put(("end", None))
        except Exception as problem:  # noqa: BLE001 - raised by the thread that uses the items
            ready.put(("problem", problem))

    threading.Thread(target=make, name="groundtrack ahead", daemon=True).start()
    try:
        while True:
            kind, value = ready.get()
            if kind == "end":
                return
            if isinstance(value, Exception) and kind == "problem":
                raise value
            yield value  # type: ignore[misc]
    finally:
        over.set()
        while not ready.empty():
            ready.get()
