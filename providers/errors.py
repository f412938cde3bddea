"""What can go wrong with a service, told in words a person can act on.

ServiceProblem
├── ConfigError       the account or this computer is not set up for the call
├── AuthError         the service does not accept the key, or the plan does not cover the call
├── QuotaError        credits, concurrent jobs or requests are used up
├── InvalidRequest    the request is refused as it stands; carries the problems
├── NotFound          the service does not know the thing asked for
├── Gone              it existed, and is no longer kept
├── ServiceError      the service failed (5xx)
├── TransportError    no answer: network, proxy, certificate, time-out; nothing reached the service
├── ProtocolError     an answer that cannot be understood
├── AmbiguousSubmit   a job may or may not have been created
└── Cancelled         the person stopped it

Every class answers two questions: `retryable` (may the same call be repeated later?) and `advice` (what does the user do now?).
"""

from __future__ import annotations

from typing import Optional, Tuple


def ended(sentence: str) -> str:
    """The sentence with a full stop, if it has no end of its own, so that another one can follow."""
    text = sentence.rstrip()
    return f"{text}." if text and text.rstrip("”\"')")[-1:] not in tuple(".!?…:;") else text


class ServiceProblem(Exception):
    """Base of everything a provider raises. `message` is one sentence; it never holds a secret.

    `retry_after` is in seconds and set only when the service said so.
    """

    retryable = False
    advice = ""

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        request_id: str = "",
        status: int = 0,
        retry_after: Optional[float] = None,
        advice: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.request_id = request_id
        self.status = status
        self.retry_after = retry_after
        if advice:
            self.advice = advice

    def __str__(self) -> str:
        return f"{ended(self.message)} {self.advice}" if self.advice else self.message

    @property
    def details(self) -> str:
        """Code, HTTP status and request id on one line, for error details and support."""
        parts = [
            self.code and f"code {self.code}",
            self.status and f"HTTP {self.status}",
            self.request_id and f"request {self.request_id}",
        ]
        return ", ".join(str(part) for part in parts if part)


class ConfigError(ServiceProblem):
    """The account or this computer is not set up for the call. `settings` names the account's fields that it is about, when known."""

    advice = "Check the account's settings."

    def __init__(self, message: str, *, settings: Tuple[str, ...] = (), **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # the keywords are ServiceProblem's own
        self.settings = settings


class AuthError(ServiceProblem):
    """The service does not accept the key, or the plan does not cover the call."""

    advice = "Check the key of this account, then resume."


class QuotaError(ServiceProblem):
    """Credits or capacity used up. `retryable` only when waiting helps (rate and concurrency limits)."""

    advice = "Add credits or wait, then run the job again."

    def __init__(self, message: str, *, waits: bool = False, **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # the keywords are ServiceProblem's own
        self.retryable = waits


class InvalidRequest(ServiceProblem):
    """Refused as it stands. `problems` are sentences, one each."""

    advice = "Change the request and run it again; nothing was charged."

    def __init__(self, message: str, *, problems: Tuple[str, ...] = (), **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # the keywords are ServiceProblem's own
        self.problems = problems or (message,)


class NotFound(ServiceProblem):
    """The service does not know the thing asked for."""

    advice = "Check the account: the job may belong to another one."


class Gone(ServiceProblem):
    """It existed, and is no longer kept."""

    advice = "The result is no longer kept by the service. Running the request again costs again."


class ServiceError(ServiceProblem):
    """The service failed."""

    retryable = True
    advice = "The fault is on the service's side and usually passes."


class TransportError(ServiceProblem):
    """No answer: network, proxy, certificate or time-out."""

    retryable = True
    advice = "Check the network and proxy settings of QGIS."


class ProtocolError(ServiceProblem):
    """An answer that cannot be understood."""

    retryable = True
    advice = "The address may be wrong, or a proxy answers in the service's place."


class AmbiguousSubmit(ServiceProblem):
    """The request left this computer and no usable answer came back: a job may exist and may be charged.

    `retryable` only of a look for it (`Provider.recover`) that may tell more later.
    """

    advice = "The service's job list is checked before anything is sent again."

    def __init__(self, message: str, *, later: bool = False, **known: object) -> None:
        super().__init__(message, **known)  # type: ignore[arg-type]  # the keywords are ServiceProblem's own
        self.retryable = later


class Cancelled(ServiceProblem):
    """The person stopped it."""

    advice = ""
