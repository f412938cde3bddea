"""Translation, and making what services say fit to be shown: the cause named by its usual word."""

from __future__ import annotations

import re
from typing import Tuple

from qgis.PyQt.QtCore import QCoreApplication

from ..providers.errors import AmbiguousSubmit, AuthError, Gone, QuotaError, ServiceProblem, TransportError

AUTHENTICATION, EXPIRY, CREDITS, LIMITS, NETWORK, UNKNOWN = "authentication", "expiry", "credits", "limits", "network", "outcome unknown"
_CAUSES: Tuple[Tuple[str, str], ...] = (
    (r"HTTP 401|HTTP 403|UNAUTHORI[SZ]ED|FORBIDDEN|AUTHENTICATION|INVALID_KEY|ACCESS_?DENIED", AUTHENTICATION),
    (r"HTTP 402|CREDIT|BALANCE|PAYMENT", CREDITS),
    (r"HTTP 429|RATE_LIMIT|LIMIT|QUOTA|CONCURREN", LIMITS),
    (r"HTTP 410|GONE|EXPIRED|RETENTION", EXPIRY),
)
_WORDS = {AuthError: AUTHENTICATION, Gone: EXPIRY, QuotaError: LIMITS, TransportError: NETWORK, AmbiguousSubmit: UNKNOWN}


def tr(text: str) -> str:
    """The text in the user's language."""
    return QCoreApplication.translate("Groundtrack", text)


def problem_text(problem: ServiceProblem) -> str:
    """What a service's problem means, its cause named."""
    word = cause_of(f"{problem.details} {problem.code}") or next((word for kind, word in _WORDS.items() if isinstance(problem, kind)), "")
    return named(str(problem), word)


def cause_of(details: str) -> str:
    """The usual word for a cause, "" when the details do not tell."""
    return next((word for pattern, word in _CAUSES if re.search(pattern, details, re.IGNORECASE)), "")


def named(message: str, word: str) -> str:
    """The message with the word for its cause, unless it says it already."""
    return message if not word or word in message else f"{message} ({word})"
