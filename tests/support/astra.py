"""An ASTRA OS provider on a transport that gives prepared answers."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from groundtrack.providers.astra import Astra
from groundtrack.providers.base import Account, Handle, Secrets
from groundtrack.providers.http import HttpCall, Reply
from groundtrack.providers.operation import Request
from groundtrack.providers.transport import Options

KEY = "astra_sk_live_abcdefghijklmnopqrstuvwxyz"
BEFORE = "sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210"
AFTER = "sentinel-2:S2A_MSIL2A_20260504T103021_N0511_R108_T32UPU_20260504T142210"
LANDSAT = "landsat:LC09_L2SP_193027_20260504_20260513_02_T1"
NDVI = Request("ndvi", {"scene_ids": (AFTER,)})
LINK = "https://storage.astraos.cloud/jobs/job_1/ndvi_output.tif?sig=abc"
JOB = Handle("job_1", {"operation": "ndvi"})
Answer = tuple[int, Any]


class Script:
    """A transport that gives prepared answers one after the other (the last for ever), and remembers the calls."""

    def __init__(self, answers: list[Answer], headers: Mapping[str, str]) -> None:
        self.answers, self.headers, self.calls = answers, headers, []

    def send(self, call: HttpCall, options: Options) -> Reply:
        self.calls.append((call, options))
        status, body = self.answers[min(len(self.calls), len(self.answers)) - 1]
        if isinstance(body, Exception):
            raise body
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return Reply(status, self.headers, data, call.url)


def astra(*answers: Answer, url: str = "", key: str = KEY, **headers: str) -> Astra:
    account = Account("astra", "test", {"url": url or f"https://astra-{time.monotonic_ns()}.test"}, Secrets({"api_key": key}))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Astra(account, Script(list(answers) or [(500, {})], named))
