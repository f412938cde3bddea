"""A file as the body of a form, read while it is sent: never more than a block of it is in memory."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Callable, Iterator

from .errors import InvalidRequest

BLOCK = 64 * 1024  # bytes; each has to leave within the time-out, so a small one suits slow lines

Report = Callable[[int, int], None]  # bytes sent, bytes in all


class FileForm:
    """A form of one part. `sent` counts the bytes of the file that left; `complete` once the last byte may have left.

    Its length is told beforehand, so a file that becomes shorter meanwhile ends the call: iterating raises InvalidRequest.
    """

    def __init__(self, path: Path, report: Report, name: str = "file", media_type: str = "image/tiff") -> None:
        """Raises OSError when there is no such file."""
        self.path = path
        self.size = path.stat().st_size
        self.sent = 0
        self.complete = False
        self._report = report
        boundary = f"groundtrack-{secrets.token_hex(16)}"
        self.content_type = f"multipart/form-data; boundary={boundary}"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{_quoted(path.name)}"\r\n'
        self._head = f"{head}Content-Type: {media_type}\r\n\r\n".encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()

    def __len__(self) -> int:
        return len(self._head) + self.size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        self.sent = 0
        yield self._head
        for block in self._blocks():
            yield block
            self.sent += len(block)
            self._report(self.sent, self.size)
        self.complete = True
        yield self._tail

    def _blocks(self) -> Iterator[bytes]:
        left = self.size
        try:
            with self.path.open("rb") as file:
                while left:
                    block = file.read(min(BLOCK, left))
                    if not block:
                        told = f"{self.path.name} became shorter while it was sent."
                        raise InvalidRequest(told, advice="Upload it once it is complete.")
                    left -= len(block)
                    yield block
        except OSError as error:  # requests would take it for a lost connection
            reason = error.strerror or "it is not there any more"
            raise InvalidRequest(f"{self.path.name} cannot be read: {reason}.", advice="Nothing of it was kept by the service.") from None


def _quoted(name: str) -> str:
    """A file name inside the quotes of a header, as browsers write it."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
