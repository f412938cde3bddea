"""Switches of the Mapflow persona, the plan of a job, and the accounts it knows."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any


def token_of(email: str, key: str) -> str:
    """The token of an account as its profile page shows it."""
    return base64.b64encode(f"{email}:{key}".encode()).decode("ascii")


@dataclass
class Account:
    """One account. What belongs to it is kept under the address of its `owner`; areas in m²."""

    email: str
    key: str
    owner: str = ""
    role: str = "owner"          # owner, readonly
    billing: str = "CREDITS"     # CREDITS, AREA, NONE
    credits: int = 100_000
    area_limit: int = 10_000_000_000
    processed: int = 0
    downloads: bool = True       # False: the plan has no GeoJSON
    premium: bool = True         # False: the plan has no premium imagery
    state: str = "good"          # good, blocked (403), revoked (401)

    def __post_init__(self) -> None:
        self.owner = self.owner or self.email

    @property
    def token(self) -> str:
        """What is sent after Basic."""
        return token_of(self.email, self.key)


def accounts() -> dict[str, Account]:
    """All accounts by use."""
    return {
        "good": Account("planner@example.org", "K3y-For-Tests-1"),  # its token ends in =
        "second": Account("second@example.org", "K3y-For-Tests-2"),
        "readonly": Account("guest@example.org", "K3y-For-Tests-3", owner="planner@example.org", role="readonly"),
        "free": Account("free@example.org", "K3y-For-Tests-4", downloads=False, premium=False),
        "no_credits": Account("poor@example.org", "K3y-For-Tests-5", credits=0),
        "area": Account("area@example.org", "K3y-For-Tests-6", billing="AREA", credits=0, area_limit=2_000_000),
        "blocked": Account("blocked@example.org", "K3y-For-Tests-7", state="blocked"),
        "bad": Account("gone@example.org", "K3y-For-Tests-8", state="revoked"),
    }


@dataclass
class MapflowPlan:
    """How a processing will go. Times in virtual seconds."""

    queue_time: float = 2.0       # UNPROCESSED so long
    await_time: float = 0.0       # then AWAITING so long
    run_time: float = 20.0        # then IN_PROGRESS so long, at 0, 35 and 70 per cent
    stuck: bool = False           # never ends
    outcome: str = ""             # OK, FAILED, CANCELLED, CANCELED, REFUNDED; empty: what follows from the members below
    status_word: str = ""         # told instead of the true status
    fail_codes: list[Any] = field(default_factory=list)   # codes of messages, or whole messages
    failed_aois: list[int] = field(default_factory=list)  # places of the AOIs that fail; none with fail_codes: all
    fails_again: bool = False     # a restart does not help
    review: bool = False          # ends under review
    rework_time: float = 60.0     # from a rejection to the next review
    rework_end: str = "IN_REVIEW"  # or REFUNDED, ACCEPTED
    percent: str = "number"       # number, null, missing, text, 100 (always), falling
    no_id: bool = False           # the answer to the creation lacks id
    forgotten: bool = False       # the service knows nothing of it any more
    hidden_for: float = 0.0       # unknown so long
    nan: str = ""                 # status, result: where numbers are not numbers
    layers: str = "both"          # both, vector, raster_result, none, null_urls, empty_urls
    empty: bool = False           # a result without features
    polygons: int = 0             # a large result of so many buildings, made while it is sent
    rate: float = 0.0             # bytes per second of the result, 0: as fast as it goes
    result_lag: float = 0.0       # no result so long after OK
    result_lag_status: int = 404  # 404, 409, 503
    dirty: bool = False           # self-touching rings, null geometry, object-valued properties


@dataclass
class MapflowSettings:
    """Switches of the service; where the contract knows several answers, which one is given."""

    bearer: bool = True               # Bearer is taken for Basic
    strict_fields: bool = True        # unknown members of a creation are refused
    strict_headers: bool = True       # JSON must be announced
    name_outcomes: bool = True        # -fail, -await, -cancel, -refund, -review, -empty, -unknown, -partial at the end of names
    status_shape: str = "flat"        # flat, nested (seed)
    billing_shape: str = "text"       # text, zero, missing
    model_price: str = "blocks"       # blocks, model (pricePerSqKm alone), both
    min_area_key: str = "minAreaSqKm"  # minAreaSqKm, minAreaSqkm
    repeat_providers: bool = False    # a provider is listed twice
    create_shape: str = "full"        # full, short (seed)
    list_shape: str = "full"          # full, short (seed)
    project_shape: str = "full"       # full, short (seed)
    update_shape: str = "v2"          # v2, v1 (flat params), empty
    write_status: int = 200           # 200, 201, 204 for other writing calls (204: no body)
    empty_page: str = "list"          # list, null, missing: results of a page without any
    stats_shape: str = "full"         # full, no_links (rows tell no id), no_totals
    stats_sifts: bool = True          # False: the history takes neither sort nor filter
    cost_shape: str = "text"          # text, decimal, json, padded
    catalog_shape: str = "object"     # object, array (seed)
    catalog_words: str = "new"        # new (Image, MOSAIC), seed (Scene, Mosaic)
    catalog_cloud: str = "percent"    # percent, fraction
    catalog_zoom: str = "text"        # text, number, missing
    catalog_previews: str = "list"    # list, json_text, parts
    upload_shape: str = "message"     # message, object (seed)
    memory_shape: str = "camel"       # camel, seed
    memory_unlimited: bool = False
    mosaic_shape: str = "layer"       # layer (client), seed, both
    aois_shape: str = "list"          # list, object
    review_shape: str = "object"      # object, status, text
    partial_results: str = "serve"    # serve, refuse, empty: result of a failed processing with good AOIs
    zoom_shape: str = "number"        # number, text, null: zoom in the params told back
    tile_pattern: str = "docs"        # docs, seed
    time_style: str = "micro"         # micro, milli, seconds, naive
    data_time_style: str = "naive"
    extra_keys: bool = False          # every object has members nobody knows
    lean: bool = False                # every optional member is missing
    error_shape: str = "json"         # json, text, html
    data_error_shape: str = "object"  # object, list, string, message
    off: dict[str, int] = field(default_factory=dict)  # pattern of a path below /rest: status it is answered with
    page_max: int = 0                 # most items of a page, 0: as many as asked for
    reviews: bool = False             # reviewWorkflowEnabled; every processing ends under review
    max_aois: int = 12
    aoi_area_limit: int = 100_000_000     # m²
    search_area_limit: int = 700_000_000  # m²
    memory_limit: int = 5_368_709_120
    max_upload: int = 1_073_741_824
    max_pixels: int = 65_535
    upload_rate: float = 0.0          # bytes per second at which uploads are taken
    upload_gate: int = 0              # bytes; a gateway answers longer bodies with 413 before it has read them
    upload_cut: int = 0               # bytes of a body after which the connection is closed
    upload_list_lag: float = 0.0      # virtual seconds until an uploaded image is in any list
    prepare_time: float = 20.0        # virtual seconds from an upload to a ready image
    prepare_fail: str = ""            # error all further uploads end with
    preview: str = "jpeg"             # jpeg, png
    credits_status: int = 400         # 400, 403: not enough credits
    line_roads: bool = False          # roads as lines
    point_crowns: bool = True         # tree crowns as points
    crowd: int = 0                    # so many running processings are put into the good account's default project
    plan: MapflowPlan = field(default_factory=MapflowPlan)
