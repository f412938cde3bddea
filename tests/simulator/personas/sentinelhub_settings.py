"""Switches of the Sentinel Hub persona and the clients it knows."""

from __future__ import annotations

from dataclasses import dataclass, field

# id: (secret, account, what its role lacks); the secrets hold characters that must be percent-encoded in a form
CLIENTS = {
    "sim-client-first": ("se+cret/1&=%41 ü", "first", ""),
    "sim-client-same": ("other se+cret", "first", ""),
    "sim-client-second": ("second&secret", "second", ""),
    "sim-client-noprocess": ("third=secret", "third", "process"),
}
DEPLOYMENTS = {"aws-eu-central-1": "eu-central-1", "aws-us-west-2": "us-west-2", "cdse": "eu-central-1"}


@dataclass
class SentinelhubPlan:
    """How a job will go. Times in virtual seconds."""

    run_time: float = 20.0      # from acceptance to the end, successful or not
    hidden_for: float = 0.0     # 404 so long, as if the id had not spread yet
    forgotten: bool = False     # the service knows nothing of it any more (files still come)
    stuck: bool = False         # runs for ever
    status_word: str = "RUNNING"
    fail_message: str = ""      # the job fails with this message
    error_shape: str = "flat"   # of error.json: flat, wrapped, invalid (JSON cut short), text, missing (no message in it)
    partial: int = 0            # outputs that a failed job leaves
    outputs: int = -1           # outputs that a successful job ever delivers, -1 all
    outcome: str = "files"      # files, nothing (neither result nor error)
    write_denied: bool = False  # the service cannot write, whatever the policies say
    copy: bool = True           # the copy of the request is written
    copy_cost: bool = True      # and gets its cost at the end
    delay: float = 0.0          # from the 404 to the first file
    apart: float = 0.0          # from one file to the next
    grow: float = 0.0           # each file is there cut short for so long before it is complete
    error_after: bool = False   # a complete result, and error.json as well
    file: str = "good"          # good, truncated, empty, html, wrong_size, wrong_kind
    padding_megabytes: int = 0  # blanks after the end of each file
    long_extension: bool = False  # .tiff and .jpeg


@dataclass
class SentinelhubSettings:
    """Switches of the service."""

    deployment: str = "aws-eu-central-1"  # aws-eu-central-1, aws-us-west-2, cdse
    path_styles: str = "AB"           # paths served; the Copernicus deployment has A alone
    moved_status: int = 404           # of a path style that is not served: 404, 410
    strict_fields: bool = True        # unknown members are refused
    token_seconds: float = 3600.0
    expires_in: bool = True           # told with the token
    reject_tokens: bool = False       # 401 to every token
    tokens_per_minute: int = 60       # 0: no limit
    requests_per_minute: int = 600    # 0: no limit
    retry_after: bool = True          # milliseconds, sent with the 429 of a rate limit
    bare_limits: bool = False         # the 429 of a rate limit without the outer "error"
    errors_as: str = "array"          # violations: array, object
    concurrent: int = 2               # jobs of one account that may run at once
    check_bucket: bool = False        # 400 at once when the copy of the request cannot be written
    external_id: str = "simulated-domain-account"
    forbidden_types: list[str] = field(default_factory=list)  # 403 for these collections
    distinct_as: str = "scalars"      # of a catalog search: scalars, features
    crowded: bool = False             # a scene of every collection every day
    plan: SentinelhubPlan = field(default_factory=SentinelhubPlan)
