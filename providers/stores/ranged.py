"""An object read in ranges by several threads, handed on in order: what latency costs is paid by many at once.

Memory is bounded: ranges are asked for early, so that their answers are under way, but read only when few before them wait to be taken.
"""

from __future__ import annotations

import threading
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from ..cancel import Cancel
from ..errors import TransportError
from ..http import Body

PART = 4 * 1024 * 1024  # bytes of one range
THREADS = 16
AHEAD = 7  # ranges that may lie in memory
PIECE = 1024 * 1024  # bytes that are handed on at once

Fetch = Callable[[Dict[str, str], Cancel], Body]  # headers of the range; the answer's head
Range = Tuple[int, int]  # first and last byte


class RangedBody:
    """The content from byte `start`, as one answer: status 200, or 206 when it begins in the middle."""

    def __init__(self, fetch: Fetch, start: int, cancel: Cancel, close_thread: Callable[[], None]) -> None:
        self._fetch = fetch
        self._cancel = cancel
        self._close_thread = close_thread
        self._first = fetch(_range((start, start + PART - 1)), cancel)
        if self._first.status == 416 and not start:  # an empty object has no ranges
            self._first.close()
            self._first = fetch({}, cancel)
        self.url = self._first.url
        self.status = self._first.status
        self.headers: Mapping[str, str] = self._first.headers
        self._rest: List[Range] = []
        total = self._first.headers.get("content-range", "").rpartition("/")[2]
        if self.status == 206 and total.isdigit():
            self._announce(start, int(total))

    def blocks(self) -> Iterator[bytes]:
        if not self._rest:
            yield from self._first.blocks()
            return
        readers = _Readers(self._fetch, self._rest, self.headers.get("etag", ""), self._close_thread)
        with self._cancel.calling(readers.stop):
            try:
                yield from self._first.blocks()
                for number in range(len(self._rest)):
                    yield from readers.pieces(number, self._cancel)
            finally:
                readers.stop()

    def close(self) -> None:
        self._first.close()

    def _announce(self, start: int, total: int) -> None:
        """What the whole answer would have said."""
        self.status = 206 if start else 200
        changed = {"content-length": str(total - start)}
        if start:
            changed["content-range"] = f"bytes {start}-{total - 1}/{total}"
        kept = {name: value for name, value in self._first.headers.items() if name != "content-range"}
        self.headers = {**kept, **changed}
        self._rest = [(at, min(at + PART, total) - 1) for at in range(start + PART, total, PART)]


class _Readers:
    """Threads that read ranges ahead of the one who takes them in order."""

    def __init__(self, fetch: Fetch, ranges: List[Range], mark: str, close_thread: Callable[[], None]) -> None:
        self._fetch = fetch
        self._ranges = ranges
        self._mark = mark
        self._close_thread = close_thread
        self._stop = Cancel()
        self._changed = threading.Condition()
        # made once and by one thread: memory that many threads give back piece by piece is not returned to the system
        self._free = [bytearray(PART) for _ in range(min(AHEAD, len(ranges)))]
        self._done: Dict[int, Union[bytearray, Exception]] = {}
        self._next = self._taken = 0
        for _ in range(min(THREADS, len(ranges))):
            threading.Thread(target=self._run, name="groundtrack range", daemon=True).start()

    def stop(self) -> None:
        """End all threads and break off what they read."""
        self._stop.set()
        with self._changed:
            self._changed.notify_all()

    def pieces(self, number: int, cancel: Cancel) -> Iterator[bytes]:
        """The content of a range; waits for it. Raises what reading it raised, or Cancelled."""
        with self._changed:
            self._changed.wait_for(lambda: number in self._done or self._stop.is_set())
            cancel.check()
            found = self._done.pop(number, TransportError("The download was broken off."))
        if isinstance(found, Exception):
            raise found
        first, last = self._ranges[number]
        for at in range(0, last - first + 1, PIECE):
            yield bytes(memoryview(found)[at : min(at + PIECE, last - first + 1)])
        with self._changed:
            self._free.append(found)
            self._taken = number + 1
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            while True:
                number = self._claim()
                if number is None:
                    return
                found = self._read(number)
                with self._changed:
                    self._done[number] = found
                    self._changed.notify_all()
                if isinstance(found, Exception):
                    return
        finally:
            self._close_thread()

    def _claim(self) -> Optional[int]:
        with self._changed:
            if self._stop.is_set() or self._next >= len(self._ranges):
                return None
            self._next += 1
            return self._next - 1

    def _room(self, number: int) -> bytearray:
        """Memory for a range, when it is its turn to be read."""
        with self._changed:
            self._changed.wait_for(lambda: self._stop.is_set() or number < self._taken + AHEAD)
            self._stop.check()
            return self._free.pop()

    def _read(self, number: int) -> Union[bytearray, Exception]:
        wanted = self._ranges[number]
        headers = _range(wanted)
        if self._mark:
            headers["If-Match"] = self._mark
        try:
            body = self._fetch(headers, self._stop)
            try:
                if body.status != 206:
                    return TransportError(f"The storage answered HTTP {body.status} to a part of the file.")
                room, size = self._room(number), 0
                for block in body.blocks():
                    room[size : size + len(block)] = block
                    size += len(block)
            finally:
                body.close()
        except Exception as error:  # noqa: BLE001 - raised again by the one who takes the range
            return error
        if size != wanted[1] - wanted[0] + 1:
            return TransportError("A part of the file arrived incomplete.")
        return room


def _range(wanted: Range) -> Dict[str, str]:
    return {"Range": f"bytes={wanted[0]}-{wanted[1]}"}
