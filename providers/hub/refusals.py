"""What an answer other than 2xx means: the service has three shapes of error, and gateways in front of it have their own."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping

from .. import errors, replies
from ..http import Reply
from .account import DASHBOARD, Settings
from .limits import UNTOLD, asked_pause


def problem_of(settings: Settings, reply: Reply, pace: float) -> errors.ServiceProblem:
    """The problem, in the service's own words without any secret."""
    told = reply.json_or_none()
    code, message = replies.failure(told)
    message = message or replies.words(replies.member(told, "description")) or replies.words(replies.member(told, "error", "reason"))
    violations = _violations(told)
    text = settings.scrubbed(" ".join([message or f"Sentinel Hub answered HTTP {reply.status}: {reply.excerpt(200)}", *violations]))
    known: Dict[str, Any] = {"code": code, "status": reply.status, "request_id": reply.request_id}
    status = reply.status
    if status == 429 or code.startswith("RATE_LIMIT"):
        return _limit(reply, text, known, pace)
    if status in (401, 403) or code in ("COMMON_INSUFFICIENT_PERMISSIONS", "COMMON_SENTINEL_ACCOUNT_EXPIRED"):
        advice = "Authentication failed: check the client of this account" if status == 401 else "The account may not do this: check it"
        return errors.AuthError(text, advice=f"{advice} at {DASHBOARD}.", **known)
    if status == 404:
        return errors.NotFound(text, **known)
    if status == 410:
        return errors.Gone(text, **known)
    if status == 408 or status >= 500:
        return errors.ServiceError(text, retry_after=asked_pause(reply), **known)
    return errors.InvalidRequest(text, problems=tuple(map(settings.scrubbed, violations)) or (text,), **known)


def _limit(reply: Reply, text: str, known: Dict[str, Any], pace: float) -> errors.ServiceProblem:
    if known["code"] == "RATE_LIMIT_TOKEN_COUNT_EXCEEDS_CAPACITY":
        advice = "One request needs more than the account's limit ever allows: take a smaller area or coarser pixels."
        return errors.QuotaError(text, advice=advice, **known)
    wait = asked_pause(reply)
    if wait is None and known["code"].startswith("RATE_LIMIT"):
        wait = UNTOLD * pace
    return errors.QuotaError(text, waits=True, retry_after=wait, advice="It is tried again by itself.", **known)


def _violations(told: Any) -> List[str]:
    """What is wrong with each member of a request, as sentences."""
    listed = replies.member(told, "error", "errors") or replies.member(told, "errors")
    if isinstance(listed, Mapping):
        if "violation" not in listed:
            return [f"{name}: {replies.words(text)}." for name, text in listed.items() if replies.words(text)]
        listed = [listed]
    found = [item for item in listed if isinstance(item, Mapping)] if isinstance(listed, list) else []
    return [f"{replies.words(item.get('parameter'))}: {replies.words(item.get('violation'))}." for item in found if item.get("violation")]
