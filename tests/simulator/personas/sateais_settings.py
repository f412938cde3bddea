"""Switches of the SateAIs persona and the keys it knows."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY = "sk_live_simulator_first"
SECOND_KEY = "sk_live_simulator_second"
FORBIDDEN_KEY = "sk_live_simulator_forbidden"
BROKE_KEY = "sk_live_simulator_broke"
REVOKED_KEY = "sk_live_simulator_revoked"

SCENE_TYPES = ("ship", "oilslick")
PAIR_TYPES = ("newbuilding", "disappearbuilding")
TYPES = SCENE_TYPES + PAIR_TYPES + ("timeseries",)
AREA_CAPS: dict[str, float] = {"newbuilding": 30_000.0, "disappearbuilding": 30_000.0, "timeseries": 50.0}


@dataclass
class JobPlan:
    """How a job will go. None: realistic for its type and area. Times in virtual seconds."""

    queue_time: float | None = None
    run_time: float | None = None
    fail_code: str = ""
    fail_message: str = "The job failed."
    fail_after: float | None = None
    status_word: str = ""        # told instead of the true state
    error_shape: str = "flat"    # flat, string, object
    stamps: str = "documented"   # documented (seconds; microseconds in lists), seconds, micro, naive
    result: str = "geojson"      # geojson, empty, nan, zip
    charts: str = "full"         # full, small
    direct: bool = False         # result as 200 with the body instead of a redirect
    hidden_for: float = 0.0      # the list of jobs lacks it so long
    params_hidden_for: float = 0.0  # the list does not say so long what it was asked for
    forgotten: bool = False      # the service knows nothing of it any more


@dataclass
class SateaisSettings:
    """Switches of the service."""

    analyze: bool = True
    detect: bool = True
    preview: bool = True
    me: bool = True
    gateway: str = "not_found"        # not_found, missing_token, not_allowed: answer of a route switched off
    envelope: str = "documented"      # documented, string, flat, numeric, message, text: shape of immediate errors
    submit_status: int = 202
    minimal_submit: bool = False      # only job_id in the answer
    strict_fields: bool = True        # unknown body fields are refused
    strict_headers: bool = True       # Content-Type must be JSON on POST and absent on GET
    allow_holes: bool = False
    body_limit: int = 100_000
    scene_shortage: bool = False
    shortage_as: str = "reject"       # reject (404 at once), fail (the job fails later)
    coverage: float = 1.0             # part of the polygon's width covered by scenes
    early_result: int = 409           # answer to a result asked for too early
    concurrency: int = 5
    rate_limit: bool = True
    rate: float = 10.0
    burst: int = 50
    retry_after: int | None = None  # sent with the service's own 429
    balance: float = 1000.0
    link_seconds: float = 60.0
    retention_days: float = 30.0
    guard_seconds: float = 55.0
    plan: JobPlan = field(default_factory=JobPlan)
