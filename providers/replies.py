"""What JSON services have in common: errors in many shapes, numbers that are none, times in several spellings."""

from __future__ import annotations

import datetime as dt
import math
import re
import time
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from .errors import NotFound, ProtocolError, ServiceError, ServiceProblem
from .http import Reply
from .service_clock import date_of
from .transport import retry_after

LONGEST_PAUSE = 600.0  # seconds that a Retry-After is believed

_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:[.,](\d+))?\s*(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE)
_MESSAGES = ("error_message", "message", "error_description", "detail", "title")


def failure(data: Any) -> Tuple[str, str]:
    """(code, message) of an error body or a failed job, "" where there is none.

    Reads {"error": {"code", "message"}}, {"error": "CODE", "error_message"}, {"error_code", "error_message"}, {"message"}, {"detail"}.
    """
    if not isinstance(data, Mapping):
        return "", ""
    inner = data.get("error")
    if isinstance(inner, Mapping):
        code, message = failure(inner)
        return code or failure({**data, "error": None})[0], message or failure({**data, "error": None})[1]
    code = words(data.get("error_code")) or words(data.get("code"))
    message = next((text for text in (words(data.get(name)) for name in _MESSAGES) if text), "")
    # a sentence where the code is expected is the message
    if words(inner) and " " in words(inner):
        return code, message or words(inner)
    return code or words(inner), message


def words(value: Any, most: int = 500) -> str:
    """Text or a number as one line of plain text, "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[:most] + "…"


def number(value: Any) -> Optional[float]:
    """A finite number, also when it is written as text, else None."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def moment(value: Any) -> Optional[dt.datetime]:
    """An ISO 8601 time in UTC; a time without a zone is taken as UTC. None when it is no time."""
    match = _STAMP.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        return None
    day, time, fraction, zone = match.groups()
    zone = "+00:00" if not zone or zone in "Zz" else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    try:
        return dt.datetime.fromisoformat(f"{day}T{time}.{(fraction or '')[:6]:0<6}{zone}").astimezone(dt.timezone.utc)
    except (ValueError, OverflowError):
        return None


def after(when: Optional[dt.datetime], span: dt.timedelta) -> Optional[dt.datetime]:
    """The moment so much later; None when there is none, or none that a calendar has."""
    try:
        return when + span if when else None
    except OverflowError:
        return None


def stamp(when: Optional[dt.datetime]) -> str:
    """A time as ISO 8601 UTC to the second, "" for None."""
    return "" if when is None else when.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(value: Any, default: float) -> float:
    """An ISO 8601 time as Unix time in s."""
    when = moment(value)
    return default if when is None else when.timestamp()


def member(data: Any, *path: str) -> Any:
    """The value deep inside of objects, None where one is missing or is no object."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def pause(reply: Reply) -> Optional[float]:
    """Seconds to wait as the service asks, within reason."""
    asked = retry_after(reply.headers)
    return None if asked is None else min(asked, LONGEST_PAUSE)


def clock_difference(reply: Reply) -> float:
    """Seconds by which the service's clock is ahead of ours, to about a second; 0 when the answer does not tell."""
    told = date_of(reply.headers)
    return 0.0 if told is None else told - time.time()


def from_service(reply: Reply, asked: str) -> Reply:
    """The answer to a question put to the service itself.

    Raises ProtocolError for that of another host, to which a redirect led without the key: neither its refusal nor its 404 says
    anything of a job.
    """
    host, other = urlsplit(asked).netloc, urlsplit(reply.url).netloc
    if host.lower() == other.lower():
        return reply
    advice = "If that is the service’s address, use it in the account; else the network may want you to sign in."
    raise ProtocolError(f"{host} redirects to {other}, which does not get the key of this account.", advice=advice)


def storage_problem(reply: Reply) -> ServiceProblem:
    """What an error of the storage behind a signed link means."""
    text = f"The storage of the result answered HTTP {reply.status}."
    if reply.status >= 500 or reply.status == 429:
        return ServiceError(text, status=reply.status, request_id=reply.request_id, retry_after=pause(reply))
    advice = "The link to the result has expired or the file is gone; fetch the result again."
    return NotFound(text, status=reply.status, request_id=reply.request_id, advice=advice)
