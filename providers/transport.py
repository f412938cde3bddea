"""HTTP over requests: one transport for an account.

Every call has time-outs, a size cap and a cancel token. Redirects are followed by hand, and credentials stay on the host (name and
port) they were meant for. Only calls that may be repeated are repeated. requests is imported on first use.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Protocol, Tuple, Union
from urllib.parse import urljoin, urlsplit

from .budget import Budget
from .cancel import Cancel
from .errors import AmbiguousSubmit, Cancelled, ConfigError, ProtocolError, ServiceProblem, TransportError
from .http import Body, HttpCall, Reply
from .multipart import FileForm
from .service_clock import ServiceClock

BLOCK = 256 * 1024
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)
PASSING = (429, 502, 503, 504)
LONGEST_PATIENCE = 30.0  # seconds; a longer Retry-After is left to the poller
_CREDENTIALS = ("authorization", "cookie")

Payload = Union[bytes, FileForm, None]


@dataclass(frozen=True)
class Network:
    """What the application knows of the network; providers do not care.

    `proxies` gives requests' proxy table for an address, `ca_bundle` a PEM file or True for the default, `pace` scales our own waits.
    """

    user_agent: str = "groundtrack"
    proxies: Callable[[str], Optional[Dict[str, str]]] = lambda _: None
    ca_bundle: Union[bool, str] = True
    timeout: Tuple[float, float] = (10.0, 30.0)
    trust_environment: bool = True
    pace: float = 1.0


@dataclass(frozen=True)
class Options:
    """How one call is made. `headers` may hold credentials and are never logged; `repeat` allows automatic repetition.

    `payload` is sent in place of the call's body, for bodies that hold secrets or are not JSON. `pause` reads how many seconds an answer
    asks to wait. `metered` calls count against the account's request budget. `timeout` replaces the usual one: seconds to connect and
    for each block that is sent, seconds for the answer.
    """

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    payload: Payload = field(default=None, repr=False)
    pause: Callable[[Reply], Optional[float]] = lambda reply: retry_after(reply.headers)
    metered: bool = True
    repeat: bool = True
    most_bytes: int = 32 * 1024 * 1024
    follow: bool = True
    cancel: Cancel = field(default_factory=Cancel)
    timeout: Optional[Tuple[float, float]] = None


class Transport(Protocol):
    """What providers need of HTTP. `pace` scales every wait that is ours to choose; `clock` is the service's."""

    pace: float
    clock: ServiceClock

    def send(self, call: HttpCall, options: Options) -> Reply:
        """The answer, whatever its status.

        Raises TransportError (nothing was acted on, or the call may be repeated), AmbiguousSubmit (a call that must not be repeated
        left this computer and no answer came back), ProtocolError, Cancelled.
        """

    def stream(self, call: HttpCall, options: Options) -> Body:
        """The answer's head; its body is read in blocks. Close it."""

    def close(self) -> None:
        """Close this thread's connections."""


class RequestsTransport:
    """The real transport. One instance may be used by several threads."""

    def __init__(self, network: Network, budget: Optional[Budget] = None, clock: Optional[ServiceClock] = None) -> None:
        self.pace = network.pace
        self.clock = clock or ServiceClock()
        self._network = network
        self._budget = budget
        self._local = threading.local()

    def send(self, call: HttpCall, options: Options) -> Reply:
        tries = 3 if options.repeat else 1
        for attempt in range(1, tries + 1):
            try:
                reply = self._once(call, options)
            except TransportError:
                if attempt == tries:
                    raise
                options.cancel.wait(0.5 * attempt * self._network.pace)
                continue
            pause = options.pause(reply) or 0.0
            if reply.status not in PASSING or attempt == tries or pause > LONGEST_PATIENCE:
                return reply
            options.cancel.wait(pause or 0.5 * attempt * self._network.pace)
        raise TransportError("No answer.")

    def stream(self, call: HttpCall, options: Options) -> Body:
        return self._follow(call, options)

    def close(self) -> None:
        """Close this thread's connections."""
        session = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            del self._local.session

    def _once(self, call: HttpCall, options: Options) -> Reply:
        body = self._follow(call, options)
        try:
            blocks, size = [], 0
            for block in body.blocks():
                size += len(block)
                if size > options.most_bytes:
                    most = f"{options.most_bytes / 2**20:.3g} MB"
                    raise ProtocolError(f"{_host(body.url)} sent more than {most} where a short answer was expected.")
                blocks.append(block)
            return Reply(body.status, body.headers, _without_key(b"".join(blocks), options), body.url)
        except ServiceProblem as problem:
            raise self._lost(call, options, problem) from None
        finally:
            body.close()

    def _follow(self, call: HttpCall, options: Options) -> Body:
        """One call and its redirects, credentials dropped when the host changes."""
        url, method, headers = call.url, call.method, self._headers(call, options)
        payload = call.payload if options.payload is None else options.payload
        for _ in range(MOST_REDIRECTS + 1):
            check_address(url)
            answer = self._open(method, url, headers, payload, options)
            target = answer.headers.get("location")
            if answer.status not in REDIRECTS or not target or not options.follow:
                return answer
            answer.close()
            if method not in ("GET", "HEAD"):
                raise ConfigError(f"{_host(url)} redirects to {_host(urljoin(url, target))}. Use that address in the account instead.")
            target = urljoin(url, target)
            if _origin(target) != _origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() not in _CREDENTIALS}
            url = target
        raise ProtocolError(f"{_host(call.url)} redirects more than {MOST_REDIRECTS} times.")

    def _open(self, method: str, url: str, headers: Mapping[str, str], payload: Payload, options: Options) -> Body:
        import requests

        if self._budget is not None and options.metered:
            self._budget.take(options.cancel)
        session, sockets = self._session()
        thread = threading.get_ident()
        network = self._network
        sockets.begin()
        try:
            with options.cancel.calling(lambda: sockets.break_off(thread)):
                response = session.request(
                    method, url, headers=headers, data=payload, timeout=options.timeout or network.timeout,
                    proxies=network.proxies(url) or {}, verify=network.ca_bundle, allow_redirects=False, stream=True,
                )  # fmt: skip
        except (requests.RequestException, OSError, ValueError) as error:
            raise self._failed(url, options, error) from None
        answer = _Streamed(response, sockets, options.cancel, thread)
        if options.metered and "Authorization" in headers:  # a storage's limits and clock are not the service's
            self.clock.learn(answer.headers)
            if self._budget is not None:
                self._budget.learn(answer.headers)
        return answer

    def _failed(self, url: str, options: Options, error: Exception) -> ServiceProblem:
        if not options.repeat and not _never_sent(error):
            return AmbiguousSubmit(f"{_host(url)} gave no answer to the request, so it is not known whether it was accepted.")
        if options.cancel.is_set():
            return Cancelled("Stopped.")
        return TransportError(f"No connection to {_host(url)}: {_reason(error)}.")

    def _lost(self, call: HttpCall, options: Options, problem: ServiceProblem) -> ServiceProblem:
        """Half an answer to a call that must not be repeated tells nothing, not even when the person stopped it."""
        if options.repeat:
            return problem
        return AmbiguousSubmit(f"The answer of {_host(call.url)} broke off, so it is not known whether the request was accepted.")

    def _headers(self, call: HttpCall, options: Options) -> Dict[str, str]:
        headers = {"User-Agent": self._network.user_agent, "Accept": "application/json, */*;q=0.5", **call.headers, **options.headers}
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _session(self) -> Tuple[Any, Any]:
        """One requests session for each thread: sessions are not safe to share."""
        if not hasattr(self._local, "session"):
            import requests

            from .sockets import Sockets, adapter

            self._local.sockets = Sockets()
            self._local.session = requests.Session()
            self._local.session.trust_env = self._network.trust_environment
            # without this, requests looks up a .netrc and overwrites our Authorization header
            self._local.session.auth = lambda request: request
            for scheme in ("http://", "https://"):
                self._local.session.mount(scheme, adapter(self._local.sockets))
        return self._local.session, self._local.sockets


class _Streamed:
    """A requests response read in blocks."""

    def __init__(self, response: Any, sockets: Any, cancel: Cancel, thread: int) -> None:
        self._response = response
        self._sockets = sockets
        self._cancel = cancel
        self._thread = thread
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self.url: str = response.url

    def blocks(self) -> Iterator[bytes]:
        import requests

        try:
            with self._cancel.calling(lambda: self._sockets.break_off(self._thread)):
                for block in self._response.iter_content(BLOCK):
                    self._cancel.check()
                    yield block
                self._check_length()
        except (requests.RequestException, OSError) as error:
            if self._cancel.is_set():
                raise Cancelled("Stopped.") from None
            raise TransportError(f"{_host(self.url)} broke off in the middle of an answer: {_reason(error)}.") from None

    def close(self) -> None:
        self._sockets.release()
        self._response.close()

    def _check_length(self) -> None:
        """Requests before 2.32 takes a cut body for a whole one."""
        announced = self.headers.get("content-length", "")
        if announced.isdigit() and self._response.request.method != "HEAD" and self._response.raw.tell() < int(announced):
            raise OSError("fewer bytes arrived than were announced")


def _without_key(body: bytes, options: Options) -> bytes:
    """What arrived, less the key if something echoes it: excerpts end up in messages."""
    signature = next((value for name, value in options.headers.items() if name.lower() == "authorization"), "")
    key = signature.rpartition(" ")[2].encode()
    return body.replace(key, b"***") if key else body


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds to wait as the service asks (number or HTTP date), or None."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    with suppress(ValueError):
        seconds = float(text)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(text) - dt.datetime.now(dt.timezone.utc)).total_seconds())
    return None


def check_address(url: str) -> None:
    """Only https, and http on this computer. Raises ConfigError."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError("The address is not one that can be called: its host is malformed.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_computer(parts.hostname or "")):
        raise ConfigError(f"The address {parts.scheme}://{parts.netloc.rpartition('@')[2]} is not secure; it must begin with https://.")


def _is_this_computer(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _origin(url: str) -> Tuple[str, Optional[str], Optional[int]]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2] or "The service"


def _never_sent(error: Exception) -> bool:
    """Whether the request surely never left: no connection was made, or nothing could be put into it."""
    import requests
    from urllib3 import exceptions as urllib3

    cause = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    if isinstance(cause, urllib3.ProxyError):  # also when the proxy hangs up after it has passed the request on
        cause = getattr(cause, "original_error", None)
        return isinstance(cause, urllib3.ConnectTimeoutError) or str(cause).startswith("Tunnel connection failed")
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(error)
    if isinstance(error, ValueError):  # of what is sent, unless it was found in the answer
        return isinstance(error, (requests.RequestException, UnicodeEncodeError)) and not isinstance(cause, urllib3.HTTPError)
    return isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(cause, urllib3.NewConnectionError)


def _reason(error: Exception) -> str:
    """Why there was no answer, in words and without the address (which may hold a signature)."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate is not trusted"
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy refuses the connection"
    if isinstance(error, requests.exceptions.Timeout):
        return "it did not answer in time"
    if _never_sent(error):
        return "it cannot be reached"
    return "the connection was lost"
