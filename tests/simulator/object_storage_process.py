"""Servers in processes of their own, which end with the process that started them, however that ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent
START = "import sys; sys.path.pop(0); sys.path.append({tests!r}); from simulator.{module} import main; main()"
PATIENCE = 60.0


class ServerProcess:
    """A module of this package with a `main()` that calls `announce`. `told` is what it announced."""

    def __init__(self, module: str, **environment: str) -> None:
        command = [sys.executable, "-c", START.format(tests=str(TESTS), module=module)]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_", "GOOGLE_"))}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         env={**kept, **environment})
        self._complaints = b""
        self._listener = threading.Thread(target=self._listen, name=f"simulator-{module}", daemon=True)
        self._listener.start()
        self.told = self._first_words(module)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def stop(self) -> None:
        """End the process and wait for its end."""
        self._process.kill()
        self._process.wait()
        self._listener.join(5.0)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def _listen(self) -> None:
        # read to the end, so that a talkative server never waits for us
        for line in self._process.stderr or ():
            self._complaints = (self._complaints + line)[-4000:]

    def _first_words(self, module: str) -> dict[str, Any]:
        late = threading.Timer(PATIENCE, self._process.kill)
        late.daemon = True
        late.start()
        line = self._process.stdout.readline() if self._process.stdout else b""
        late.cancel()
        if not line:
            self.stop()
            raise RuntimeError(f"{module} did not start: {self._complaints.decode(errors='replace')}")
        return dict(json.loads(line))


def announce(**told: Any) -> None:
    """In the server's process: tell the starter where the server is, and end as soon as the starter is gone."""
    print(json.dumps(told), flush=True)
    threading.Thread(target=_end_with_starter, daemon=True).start()


def _end_with_starter() -> None:
    # the starter never writes: the read returns when its end of the pipe is closed, by whatever kind of death
    os.read(0, 1)
    os._exit(0)
