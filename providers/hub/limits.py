"""How long the service wants us to wait: it counts in milliseconds."""

from __future__ import annotations

from contextlib import suppress
from typing import Optional

from ..http import Reply
from ..transport import retry_after

SHORTEST, LONGEST = 1.0, 300.0  # s
UNTOLD = 30.0  # s at our pace that a limit is waited for when nobody says how long


def asked_pause(reply: Reply) -> Optional[float]:
    """Seconds that an answer asks to wait, None when it does not say."""
    text = reply.headers.get("retry-after", "").strip()
    if not text:
        return None
    with suppress(ValueError):
        return max(SHORTEST, min(LONGEST, float(text) / 1000))
    told = retry_after(reply.headers)  # a date
    return None if told is None else max(SHORTEST, min(LONGEST, told))



def in_place(reply: Reply) -> Optional[float]:
    """For `Options.pause`: a limit that gives no time is not waited for in place."""
    told = asked_pause(reply)
    return LONGEST if told is None and reply.status == 429 else told
