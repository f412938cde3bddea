"""Switches of the ASTRA persona and the keys it knows."""

from __future__ import annotations

from dataclasses import dataclass, field

KEY = "astra_sk_live_ok_simulator_first_0000000000000000000"
SECOND_KEY = "astra_sk_live_ok_simulator_second_000000000000000000"
NOPLAN_KEY = "astra_sk_live_noplan_simulator_000000000000000000000"
REVOKED_KEY = "astra_sk_live_ok_simulator_revoked_00000000000000000"
CODED_KEY = "astra_ok-coded_simulator_000000000000000000000"
STUB_KEY = "astra_ok-stub_simulator_0000000000000000000000"

DIALECTS = ("documented", "as-coded", "stub")
# requests a minute, requests a day, burst; None: no limit
TIERS = {"free": (30, 1_000, 10), "pro": (120, 50_000, 30), "scale": (600, 500_000, 100), "enterprise": None}


@dataclass
class AstraPlan:
    """How a job will go. Times in virtual seconds; an empty text means the way of the dialect."""

    queue_time: float = 0.2
    run_time: float = 14.0       # from submission to the end, successful or not
    hidden_for: float = 0.0      # status is 404 so long
    forgotten: bool = False      # the service knows nothing of it any more
    no_job_id: bool = False      # the answer to the submission lacks job_id
    stuck: bool = False          # stays processing for ever
    status_word: str = ""        # told instead of the true state
    fail_code: str = ""
    fail_message: str = "The job failed."
    error_shape: str = ""        # object, string, array, null, missing
    result_shape: str = ""       # object (result.href), url (result_url), null
    link: str = "good"           # good, expired, expired_once, other_host, unsigned
    file: str = "good"           # good, missing, html, xml, truncated, empty
    wrong_size: bool = False     # file:size is not the file's
    no_expiry: bool = False      # expires_at missing
    colormap_as: str = "palette"  # palette, rgb, rgba: what a colormap makes of an NDVI
    colour_table: bool = True    # in classified files
    class_names: bool = True     # in the metadata of classified files (COGs cannot hold category names)


@dataclass
class AstraSettings:
    """Switches of the service."""

    dialect: str = "documented"       # documented, as-coded, stub; CODED_KEY and STUB_KEY have their own
    submit_status: int = 202
    strict_fields: bool = True        # unknown members and parameters are refused
    strict_headers: bool = True       # Content-Type must be JSON on POST
    error_shape: str = ""             # object, string, array, html: shape of immediate errors
    coded_success: str = "complete"   # as-coded word of success: complete, completed
    moved_status: int = 0             # 301, 302, 307, 308: every request is sent to the host name localhost
    rate_limit: bool = True
    rate_headers: bool = True
    retry_after: bool = True          # sent with 429
    tier: str = "free"                # free, pro, scale, enterprise
    link_seconds: float = 86_400.0
    asset_seconds: float = 3_600.0
    resign: bool = True               # each status answer has a fresh link
    size: int = 1000                  # pixels along a side of a Sentinel-2 scene, always 10 km
    crowded: bool = False             # a scene of every source every day
    over_limit: str = "clamp"         # clamp, reject: limit above 100
    warnings: bool = True             # an empty list of warnings is sent too (documented)
    trouble: dict[str, str] = field(default_factory=dict)  # source: PROVIDER_TIMEOUT, PROVIDER_ERROR, PARTIAL_RESULTS
    plan: AstraPlan = field(default_factory=AstraPlan)
