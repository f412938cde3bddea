"""A service and its persona, wired together for one test."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from contract.cases import Case
from groundtrack.providers import registry
from groundtrack.providers.base import Asset, Handle, Provider, Status
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.errors import ServiceProblem
from groundtrack.providers.http import Reply
from groundtrack.providers.transport import Network, RequestsTransport
from simulator import Simulator


class Play:
    """What tests do again and again."""

    def __init__(self, case: Case, sim: Simulator, number: int = 0) -> None:
        self.case = case
        self.sim = sim
        self.request = case.requests[number]
        self.transport = RequestsTransport(Network(user_agent="groundtrack/9 QGIS/3", timeout=(2, 10), pace=0.02))

    def provider(self, cancel: Cancel | None = None, **secrets: str) -> Provider:
        """A new provider, as after a restart."""
        account = self.case.account(self.sim, **secrets)
        return registry.provider_class(account.provider)(account, self.transport, cancel)

    def offered(self) -> None:
        """Ask for what the form's fields offer, as the form does: what is called by name is known then."""
        provider = self.provider()
        for field in provider.operation(self.request.operation).fields:
            if field.choices_from:
                provider.choices(field.choices_from, self.request.values)

    def submitted(self) -> Handle:
        return self.provider().submit(self.request)

    def status(self, handle: Handle) -> Status:
        """The state of a job, which must not be a problem."""
        found = self.provider().statuses([handle])[handle.remote_id]
        if isinstance(found, ServiceProblem):
            raise found
        return found

    def finished(self) -> Handle:
        handle = self.submitted()
        self.case.finish(self.sim, handle)
        return handle

    def download(self, asset: Asset, provider: Provider | None = None) -> bytes:
        """All bytes of an asset. Raises what a refusal means."""
        provider = provider or self.provider()
        body = provider.open(asset)
        try:
            data = b"".join(body.blocks())
        finally:
            body.close()
        if body.status != 200:
            raise provider.problem_of(Reply(body.status, body.headers, data, body.url))
        return data

    def sent(self, method: str, path: str) -> list[Any]:
        """Requests that the persona saw."""
        return self.sim.requests.find(method=method, path=path, persona=self.case.persona)

    def stopped(self, pattern: dict[str, str], work: Callable[[Cancel], Any]) -> tuple[float, Any]:
        """Run `work` with a token that is set as soon as a request of the pattern arrived; seconds until it ended, and how."""
        cancel, ended = Cancel(), []

        def run() -> None:
            try:
                ended.append(work(cancel))
            except ServiceProblem as problem:
                ended.append(problem)
            finally:
                self.transport.close()  # connections belong to the thread

        worker = threading.Thread(target=run)
        worker.start()
        if not self.sim.requests.wait(timeout=5, **pattern):
            raise AssertionError(f"no request {pattern}")
        began = time.monotonic()
        cancel.set()
        worker.join(10)
        return time.monotonic() - began, ended[0]

    def close(self) -> None:
        self.transport.close()
