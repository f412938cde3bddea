"""What the parts of the New Job page may ask of it, so that they need not know the page itself."""

from __future__ import annotations

from typing import Any, Protocol

from ..providers.operation import Operation, Request


class Page(Protocol):
    """The New Job page; the members are its widgets, `filled` the signal that an earlier request was put on it, `ran` that of new jobs."""

    account: Any
    area: Any
    filled: Any
    form: Any
    ran: Any
    task: Any

    def area_counts(self, operation: Operation) -> bool:
        """Whether the task takes the area, as the form stands."""

    def changed(self) -> None:
        """Have the page checked again."""

    def isVisible(self) -> bool:
        """Whether a person sees it."""

    def prefill(self, account_key: str, request: Request) -> bool:
        """Put a request on the page; False when its account is missing."""

    def run(self, group: str = "", title: str = "") -> None:
        """Run what stands there, as members of a series where one is named."""
