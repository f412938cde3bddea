"""Projects of the Mapflow persona."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..messages import Request
from .mapflow_codes import Refusal, bad, missing
from .mapflow_models import MODELS, user_id
from .mapflow_settings import Account

if TYPE_CHECKING:
    from .mapflow import Mapflow

ROLES = ("readonly", "contributor", "maintainer", "owner", "MEMBER", "OWNER")
SORTS = {"NAME": "name", "CREATED": "created", "UPDATED": "updated"}


@dataclass
class Project:
    """One project of one owner. Times are virtual."""

    project_id: str
    owner: str
    name: str
    created: float
    updated: float
    description: str | None = None
    is_default: bool = False
    shared: dict[str, str] = field(default_factory=dict)  # role by e-mail


class Projects:
    """The routes below /projects that are about projects themselves."""

    def __init__(self, service: Mapflow) -> None:
        self.items: dict[str, Project] = {}
        self._service = service
        service.add("POST", "/projects", self._create)
        service.add("GET", "/projects", self._list)
        service.add("GET", "/projects/default", lambda account, request: self._told(self.default(account)))
        service.add("POST", "/projects/page", self._page, write=False)
        service.add("POST", "/projects/share", self._share)
        service.add("GET", "/projects/{project_id}", lambda account, request, project_id: self._told(self.of(account, project_id)))
        service.add("PUT", "/projects/{project_id}", self._update)
        service.add("DELETE", "/projects/{project_id}", self._delete)

    def default(self, account: Account) -> Project:
        """The default project of an account, which exists from the beginning."""
        with self._service.lock:
            found = next((one for one in self.items.values() if one.is_default and one.owner == account.owner), None)
            return found or self._make(account, "Default", is_default=True)

    def of(self, account: Account, project_id: str) -> Project:
        """A project the account may see; raises Refusal."""
        found = self.items.get(project_id)
        if found is None or (found.owner != account.owner and account.email not in found.shared):
            raise missing("Project")
        return found

    def _make(self, account: Account, name: str, description: str | None = None, is_default: bool = False) -> Project:
        service, now = self._service, self._service.clock.now()
        made = Project(service.new_id(), account.owner, name, now, now, description, is_default)
        made.shared = {other.email: other.role for other in service.accounts.values() if other.owner == account.owner}
        self.items[made.project_id] = made
        return made

    def _mine(self, account: Account) -> list[Project]:
        self.default(account)
        return [one for one in list(self.items.values()) if one.owner == account.owner or account.email in one.shared]

    def _create(self, account: Account, request: Request) -> Any:
        body = self._service.gate.body(request)
        return self._told(self._make(account, _name(body), _description(body)))

    def _list(self, account: Account, request: Request) -> Any:
        return [self._told(one) for one in self._mine(account)]

    def _page(self, account: Account, request: Request) -> Any:
        body = self._service.gate.body(request)
        sort, order = body.get("sortBy", "UPDATED"), body.get("sortOrder", "DESC")
        if sort not in list(SORTS) or order not in ("ASC", "DESC"):
            raise bad("sortBy must be NAME, CREATED or UPDATED, sortOrder ASC or DESC")
        wanted = body.get("filter", "").lower()
        found = [one for one in self._mine(account) if wanted in one.name.lower()]
        found.sort(key=lambda one: getattr(one, SORTS[sort]), reverse=order == "DESC")
        return self._service.page(found, body, 20, self._told)

    def _share(self, account: Account, request: Request) -> Any:
        body = self._service.gate.body(request)
        project, email = self.of(account, body.get("projectId", "")), body.get("email")
        if body.get("role") not in ROLES or not (email or body.get("userId")):
            raise bad("email or userId and a role are required")
        project.shared[email or body["userId"]] = body["role"]
        return self._service.done()

    def _update(self, account: Account, request: Request, project_id: str) -> Any:
        project, body = self._changeable(account, project_id), self._service.gate.body(request)
        if "name" in body:
            project.name = _name(body)
        if "description" in body:
            project.description = _description(body)
        project.updated = self._service.clock.now()
        return self._service.done(self._told(project))

    def _delete(self, account: Account, request: Request, project_id: str) -> Any:
        project = self._changeable(account, project_id)
        if project.is_default:
            raise bad("The default project cannot be deleted")
        with self._service.lock:
            del self.items[project_id]
            for job in list(self._service.jobs.values()):
                if job.project_id == project_id:
                    job.archived = True
        return self._service.done()

    def _changeable(self, account: Account, project_id: str) -> Project:
        project = self.of(account, project_id)
        if project.owner != account.owner and project.shared[account.email] not in ("maintainer", "owner", "OWNER"):
            raise Refusal(403, "FORBIDDEN", "Your role in this project does not allow this")
        return project

    def _told(self, project: Project) -> dict[str, Any]:
        service, settings = self._service, self._service.settings
        short = {"id": project.project_id, "name": project.name, "description": project.description}
        if settings.project_shape == "short":
            return short
        now, owner = service.clock.now(), next(one for one in service.accounts.values() if one.email == project.owner)
        jobs = [job for job in list(service.jobs.values()) if job.project_id == project.project_id and not job.archived]
        states = [job.state(now) for job in jobs]
        people = [{"email": email, "role": role} for email, role in project.shared.items()]
        area, percent = sum(job.order.area for job in jobs), 100 * states.count("OK") // len(jobs) if jobs else 0
        return {**short, "isDefault": project.is_default,
                "progress": {"status": "UNPROCESSED" if not jobs else "OK" if percent == 100 else "IN_PROGRESS",
                             "percentCompleted": percent, "details": []},
                "aoiCount": sum(len(job.aois) for job in jobs), "aoiArea": area, "area": area, "user": self._owner(owner),
                "workflowDefs": [model.told(settings) for model in MODELS if project.is_default or not model.custom],
                "shareProject": {"owners": [one for one in people if one["role"] == "owner"],
                                 "users": [one for one in people if one["role"] != "owner"]} if len(people) > 1 else None,
                "processingCounts": {"succeeded": states.count("OK"), "failed": states.count("FAILED")}, "templatesCount": 0,
                "billingType": owner.billing, "created": service.moment(project.created), "updated": service.moment(project.updated)}

    def _owner(self, owner: Account) -> dict[str, Any]:
        settings = self._service.settings
        return {"id": user_id(owner), "login": owner.email, "email": owner.email, "role": "USER", "areaLimit": owner.area_limit,
                "aoiAreaLimit": settings.aoi_area_limit, "templateAreaLimit": 900_000_000, "processedArea": owner.processed,
                "isPremium": owner.premium, "isCustomer": True, "reviewWorkflowEnabled": settings.reviews}


def _name(body: dict[str, Any]) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise bad("name must not be empty")
    return name


def _description(body: dict[str, Any]) -> str | None:
    description = body.get("description")
    if description is not None and not isinstance(description, str):
        raise bad("description must be text")
    return description
