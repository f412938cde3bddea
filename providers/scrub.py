"""Secrets and e-mail addresses taken out of texts, whatever a service puts into its messages."""

from __future__ import annotations

import re
from typing import Iterable, Tuple

SHORTEST = 4  # characters; anything shorter is no secret worth hiding and would blot out innocent words
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


class Scrub:
    """Called with a text, gives it back without the secrets it was made with."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: Tuple[str, ...] = tuple(sorted({value for value in secrets if len(value) >= SHORTEST}, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _EMAIL.sub("***", text)
