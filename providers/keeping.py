"""The part of the contract that is about jobs and projects a service has. Every member is optional: `Can` says what there is."""

from __future__ import annotations

from typing import ClassVar, Optional, Tuple

from ..aoi import Aoi
from .errors import NotFound
from .operation import Request
from .remote import Handle, HistoryPage, HistoryQuery, Part, Project, TileSet


class Keeping:
    """What may be done with jobs after they were sent. Changes raise AuthError, NotFound, InvalidRequest, ServiceError …

    AmbiguousSubmit leaves open whether a change was made: look before it is repeated.
    """

    title: ClassVar[str]

    def stop(self, handle: Handle) -> None:
        """Ask the service to cancel (Can.CANCEL). Only a request: the job may still finish."""
        raise NotFound(f"{self.title} cannot cancel a job.", advice="It goes on there and may be charged.")

    def restart(self, handle: Handle) -> None:
        """Run the failed parts again (Can.RESTART)."""
        raise NotFound(f"{self.title} cannot restart a job.", advice="Run the request again instead.")

    def delete(self, handle: Handle) -> None:
        """Delete the job and its results at the service (Can.DELETE). One that is gone already is no error."""
        raise NotFound(f"{self.title} cannot delete a job.", advice="Forget it here instead.")

    def rename(self, handle: Handle, name: str) -> None:
        """Give the job another name at the service (Can.RENAME)."""
        raise NotFound(f"{self.title} gives jobs no names.", advice="")

    def move(self, handle: Handle, project_id: str) -> None:
        """Put the job into another project (Can.PROJECTS)."""
        raise NotFound(f"{self.title} has no projects.", advice="")

    def rate(self, handle: Handle, stars: int, comment: str = "") -> None:
        """Tell the service how good a result is, 1 to 5 (Can.RATE)."""
        raise NotFound(f"{self.title} takes no ratings.", advice="")

    def accept(self, handle: Handle) -> None:
        """Accept a result that waits for it (Can.REVIEW). Cannot be taken back."""
        raise NotFound(f"{self.title} has no reviews.", advice="")

    def reject(self, handle: Handle, comment: str, marked: Optional[Aoi] = None) -> None:
        """Send a result back with a comment (Can.REVIEW); `marked` is where it is wrong. The service then works on it again."""
        raise NotFound(f"{self.title} has no reviews.", advice="")

    def parts(self, handle: Handle) -> Tuple[Part, ...]:
        """How far each area of a job is (Can.PARTS); empty when the service does not tell."""
        return ()

    def tiles(self, handle: Handle) -> Tuple[TileSet, ...]:
        """Tiles to look at a result with before, or instead of, downloading it (Can.TILES); empty when there are none."""
        return ()

    def history(self, query: Optional[HistoryQuery] = None) -> HistoryPage:
        """Past jobs of the account, whoever submitted them, newest first (Can.HISTORY). All when there is no query."""
        return HistoryPage()

    def asked(self, handle: Handle) -> Optional[Request]:
        """What a job of the history was asked for, where the history does not tell; None when nobody knows. May call the service."""
        return None

    def projects(self) -> Tuple[Project, ...]:
        """All projects of the account (Can.PROJECTS)."""
        return ()

    def create_project(self, name: str, description: str = "") -> None:
        """Make a project (Can.PROJECTS)."""
        raise NotFound(f"{self.title} has no projects.", advice="")

    def change_project(self, project_id: str, name: str, description: str = "") -> None:
        """Give a project another name and description (Can.PROJECTS)."""
        raise NotFound(f"{self.title} has no projects.", advice="")

    def delete_project(self, project_id: str) -> None:
        """Delete a project with its jobs and their results (Can.PROJECTS). One that is gone already is no error."""
        raise NotFound(f"{self.title} has no projects.", advice="")
