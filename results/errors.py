"""A delivered file that cannot become a layer."""

from __future__ import annotations


class ResultError(Exception):
    """`message` is for a person: what is wrong with the result, and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
