"""Who follows a job. A lease runs out by itself; that of a process of this computer which is gone counts no longer at once."""

from __future__ import annotations

import os
import platform
import uuid

LEASE = 90.0  # seconds a lease holds without being renewed


def holder_name() -> str:
    """A name for leases that is unique, and tells the computer and the process."""
    return f"{platform.node()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def is_free(holder: str, held_until: float, now: float) -> bool:
    """Whether a lease may be taken over: given back, run out, from a future that a clock has jumped back from, or its process ended."""
    return not now <= held_until <= now + 2 * LEASE or _has_ended(holder)


def needs_renewal(held_until: float, now: float) -> bool:
    """Whether a lease of one's own should be written anew."""
    return not now + LEASE / 2 <= held_until <= now + LEASE


def _has_ended(holder: str) -> bool:
    """Whether the process is surely gone; False when that cannot be told from here."""
    computer, _, rest = holder.partition(":")
    process = rest.partition(":")[0]
    # signal 0 asks whether a process is there; on Windows it would be Ctrl+C
    if os.name != "posix" or computer != platform.node() or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return False
