"""The simulator as a whole: one clock, one log, one board of faults, a port for each persona and one for storage."""

from __future__ import annotations

import threading
from typing import Any

from .clock import VirtualClock
from .control import PREFIX, Control
from .faults import Fault, FaultBoard
from .messages import Request, RequestLog, Response
from .object_storage import S3
from .object_storage_gcs import Gcs
from .personas.astra import Astra
from .personas.base import Persona
from .personas.mapflow import Mapflow
from .personas.sateais import Sateais
from .personas.sentinelhub import Sentinelhub
from .server import Answer, HttpServer
from .storage import Storage


class Simulator:
    """Real HTTP servers on loopback ports. Use as a context manager, or call start() and stop().

    `speed` is virtual seconds per real second, `start` the virtual time at the start (default: now), `port` the port
    of the first persona (0: any free one; the others take the next ones, in the order of `personas`), `seed` makes job ids
    and results repeatable. `s3` and `gcs` are storages shared with others: they are used, but not stopped."""

    def __init__(self, speed: float = 1.0, start: float | None = None, port: int = 0,
                 seed: int | None = None, s3: S3 | None = None, gcs: Gcs | None = None) -> None:
        self.clock = VirtualClock(speed, start)
        self.requests = RequestLog()
        self.faults = FaultBoard()
        self.storage = Storage(self.clock)
        self.sateais = Sateais(self.clock, self.storage, seed)
        self.astra = Astra(self.clock, self.storage, seed)
        self.sentinelhub = Sentinelhub(self.clock, lambda: self.s3, lambda: self.gcs, seed)
        self.mapflow = Mapflow(self.clock, self.storage, seed)
        self.personas: list[Persona] = [self.sateais, self.storage, self.astra, self.sentinelhub, self.mapflow, self.mapflow.app]
        self._s3, self._gcs = s3, gcs
        self._started: list[S3 | Gcs] = []
        self._making = threading.Lock()
        self._control = Control(self)
        self._port = port
        self._servers: list[HttpServer] = []

    def start(self) -> Simulator:
        """Open the ports; raises OSError when a wanted port is taken."""
        try:
            self._open_ports()
        except OSError:
            self.stop()
            raise
        self.faults.elsewhere = f"{self.storage.url}/elsewhere"
        for server in self._servers:
            server.start()
        for persona in self.personas:
            persona.start()
        return self

    @property
    def s3(self) -> S3:
        """The user's own S3 storage, started when first asked for (takes about a second)."""
        with self._making:
            if self._s3 is None:
                self._s3 = S3()
                self._started.append(self._s3)
            return self._s3

    @property
    def gcs(self) -> Gcs:
        """The user's own Google Cloud Storage, started when first asked for."""
        with self._making:
            if self._gcs is None:
                self._gcs = Gcs()
                self._started.append(self._gcs)
            return self._gcs

    def _open_ports(self) -> None:
        for offset, persona in enumerate(self.personas):
            port = self._port + offset if self._port else 0
            server = HttpServer(persona.name, self.clock, self._answering(persona), port)
            server.taking = persona.taking
            self._servers.append(server)
            persona.url = server.url + persona.root

    def stop(self) -> None:
        """Close all ports and connections, end all processes."""
        for server in self._servers:
            server.stop()
        for persona in self.personas:
            persona.stop()
        with self._making:
            while self._started:
                self._started.pop().stop()

    def fault(self, kind: str, **where: Any) -> Fault:
        """Lay a fault over a route: method, path and persona patterns, times, after, acted, options of the kind."""
        return self.faults.add(kind, **where)

    @property
    def errors(self) -> list[str]:
        """Tracebacks of failures of the simulator itself; empty when all is well."""
        return [error for owner in (*self._servers, *self.personas) for error in owner.errors]

    def _answering(self, persona: Persona) -> Answer:
        def answer(request: Request) -> Response:
            if request.path == PREFIX or request.path.startswith(PREFIX + "/"):
                return self._control.handle(request)
            self.requests.add(request)
            return self.faults.apply(request, persona.handle)
        return answer

    def __enter__(self) -> Simulator:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
