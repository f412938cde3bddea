"""What each kind of fault does to an answer."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import dataclass, replace
from email.utils import formatdate
from typing import Any, Callable

from .messages import Request, Response, json_response, xml_error

Options = dict[str, Any]
Apply = Callable[[Options, Request, Response], Response]
HOUR = 3600.0
STRANGE_NUMBERS = (float("nan"), float("inf"), float("-inf"))
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Guest network</h1></body></html>"


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it does, its options with their defaults, and whether the service acts before it strikes."""

    help: str
    apply: Apply
    acted: bool
    options: Options


KINDS: dict[str, Kind] = {}


def _kind(help_text: str, acted: bool, **options: Any) -> Callable[[Apply], Apply]:
    def register(apply: Apply) -> Apply:
        KINDS[apply.__name__.strip("_")] = Kind(help_text, apply, acted, options)
        return apply
    return register


@_kind("429; retry_after: seconds or null, as_date: Retry-After as a date", False, retry_after=1, as_date=False,
       message="Rate limit exceeded", code="RATE_LIMIT_EXCEEDED")
def _rate_limit(options: Options, request: Request, response: Response) -> Response:
    answer = json_response(429, {"error": {"code": options["code"], "message": options["message"]}})
    if options["retry_after"] is not None:
        seconds = options["retry_after"]
        # real time: the client compares the date with its own clock
        answer.headers["Retry-After"] = formatdate(time.time() + seconds, usegmt=True) if options["as_date"] else str(seconds)
    return answer


@_kind("any status with any body (text, or an object sent as JSON)", False, status=500, body="",
       content_type="application/json", headers={})
def _status(options: Options, request: Request, response: Response) -> Response:
    body = options["body"]
    data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode("utf-8")
    headers = {"Content-Type": options["content_type"], **options["headers"]}
    return Response(int(options["status"]), {k: v for k, v in headers.items() if v}, data)


@_kind("answer after a delay in real seconds", True, delay=1.0)
def _slow(options: Options, request: Request, response: Response) -> Response:
    return replace(response, delay=response.delay + float(options["delay"]))


@_kind("never answer", False, delay=HOUR)
def _hang(options: Options, request: Request, response: Response) -> Response:
    return replace(response, delay=float(options["delay"]), drop=True)


@_kind("body at so many bytes per second", True, rate=1000.0)
def _trickle(options: Options, request: Request, response: Response) -> Response:
    return replace(response, rate=float(options["rate"]))


@_kind("connection closed before the request is acted on; reset: by a TCP reset", False, reset=False)
def _drop_before(options: Options, request: Request, response: Response) -> Response:
    return replace(response, drop=True, reset=bool(options["reset"]))


@_kind("request acted on, then the connection is closed without an answer", True, reset=False)
def _drop_after(options: Options, request: Request, response: Response) -> Response:
    return replace(response, drop=True, reset=bool(options["reset"]))


@_kind("connection closed inside the body: at a byte, or at a fraction of it", True, fraction=0.5, at=None, reset=False)
def _cut(options: Options, request: Request, response: Response) -> Response:
    size = response.size
    at = int(size * options["fraction"]) if options["at"] is None else int(options["at"])
    return replace(response, send_only=min(at, max(size - 1, 0)), reset=bool(options["reset"]))


@_kind("body cut short, its length told as if that were all", True, fraction=0.5)
def _truncated(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, response.whole()[:int(response.size * options["fraction"])])


@_kind("no Content-Length, chunked transfer", True)
def _chunked(options: Options, request: Request, response: Response) -> Response:
    headers = {k: v for k, v in response.headers.items() if k != "Content-Length"}
    return replace(response, headers=headers, chunked=True)


@_kind("bytes that are not what the content type says", True)
def _garbage(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, b"\x00\xff{]garbage" + bytes(range(128, 256)))


@_kind("a page of a guest network instead of the service", False, status=200)
def _html(options: Options, request: Request, response: Response) -> Response:
    return Response(int(options["status"]), {"Content-Type": "text/html; charset=utf-8"}, PAGE)


@_kind("an answer that is not HTTP at all", False)
def _not_http(options: Options, request: Request, response: Response) -> Response:
    return replace(response, raw=b"SSH-2.0-OpenSSH_9.2\r\n")


@_kind("NaN, Infinity and -Infinity in place of the numbers", True)
def _nan(options: Options, request: Request, response: Response) -> Response:
    value = response.json()
    if _spoil(value, []) == 0 and isinstance(value, dict):
        value["area_sqkm"] = STRANGE_NUMBERS[0]
    return _with_body(response, json.dumps(value).encode("utf-8"))


@_kind("a member missing from the JSON object", True, member="job_id")
def _missing_member(options: Options, request: Request, response: Response) -> Response:
    value = response.json()
    value.pop(options["member"], None)
    return _with_body(response, json.dumps(value).encode("utf-8"))


@_kind("job_id missing from the answer", True)
def _missing_job_id(options: Options, request: Request, response: Response) -> Response:
    return _missing_member({"member": "job_id"}, request, response)


@_kind("another state word in a job or a list of jobs", True, word="reviewing")
def _unknown_state(options: Options, request: Request, response: Response) -> Response:
    value = response.json()
    for job in value.get("jobs", [value]):
        job["status"] = options["word"]
    return _with_body(response, json.dumps(value).encode("utf-8"))


@_kind("a list of jobs that lacks all jobs", True)
def _empty_list(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, json.dumps({"jobs": []}).encode("utf-8"))


@_kind("storage says that the link has expired", False)
def _expired_link(options: Options, request: Request, response: Response) -> Response:
    return xml_error(403, "AccessDenied", "Request has expired")


@_kind("body followed by blanks up to so many megabytes", True, megabytes=64)
def _huge(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, response.whole().ljust(int(options["megabytes"] * 1_000_000)))


@_kind("redirect; location: the storage port unless given", False, location="", status=302)
def _redirect(options: Options, request: Request, response: Response) -> Response:
    return Response(int(options["status"]), {"Location": options["location"]})


@_kind("redirect to itself", False, status=302)
def _redirect_loop(options: Options, request: Request, response: Response) -> Response:
    query = f"?{request.raw_query}" if request.raw_query else ""
    return Response(int(options["status"]), {"Location": request.path + query})


@_kind("another content type, or none at all with an empty text", True, content_type="text/html")
def _wrong_type(options: Options, request: Request, response: Response) -> Response:
    headers = {k: v for k, v in response.headers.items() if k != "Content-Type"}
    if options["content_type"]:
        headers["Content-Type"] = options["content_type"]
    return replace(response, headers=headers)


@_kind("no body", True)
def _empty(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, b"")


@_kind("gzip content encoding", True)
def _gzip(options: Options, request: Request, response: Response) -> Response:
    packed = _with_body(response, gzip.compress(response.whole(), 1))
    packed.headers["Content-Encoding"] = "gzip"
    return packed


@_kind("gzip announced, plain body sent", True)
def _bad_gzip(options: Options, request: Request, response: Response) -> Response:
    return replace(response, headers={**response.headers, "Content-Encoding": "gzip"})


@_kind("a byte order mark before the body", True)
def _bom(options: Options, request: Request, response: Response) -> Response:
    return _with_body(response, b"\xef\xbb\xbf" + response.whole())


def _with_body(response: Response, body: bytes) -> Response:
    headers = {k: v for k, v in response.headers.items() if k != "Content-Length"}
    return replace(response, headers=headers, body=body, stream=None)


def _spoil(value: Any, done: list[int]) -> int:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in list(items):
        if isinstance(member, (int, float)) and not isinstance(member, bool):
            value[key] = STRANGE_NUMBERS[len(done) % 3]
            done.append(1)
        elif key != "coordinates":
            _spoil(member, done)
    return len(done)
