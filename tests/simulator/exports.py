"""The simulated services as environment variables for runs without a window, ready to be pasted into a shell."""

from __future__ import annotations

import shlex

from .simulator import Simulator

HEADING = "# Paste this into another shell, then run qgis_process there (docs/headless.md):"


def variables(simulator: Simulator, buckets: bool) -> dict[str, str]:
    """Name and value of each; Sentinel Hub's only with the storage it delivers to."""
    sateais, astra, mapflow = simulator.sateais, simulator.astra, simulator.mapflow
    told = {
        "PACE": f"{1 / simulator.clock.speed:.6g}" if simulator.clock.speed > 0 else "1",
        "SATEAIS_URL": sateais.url, "SATEAIS_API_KEY": sateais.key,
        "ASTRA_URL": astra.url, "ASTRA_API_KEY": astra.key,
        "MAPFLOW_URL": mapflow.url, "MAPFLOW_API_TOKEN": mapflow.token,
        **(_sentinelhub(simulator) if buckets else {}),
    }  # fmt: skip
    return {f"GROUNDTRACK_{name}": value for name, value in told.items()}


def exports(simulator: Simulator, buckets: bool) -> str:
    """One line for each variable, quoted for a POSIX shell, between two comments."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables(simulator, buckets).items()]
    ending = "# That is all." if buckets else "# That is all; --buckets adds Sentinel Hub and the storage it delivers to."
    return "\n".join([HEADING, *lines, ending])


def _sentinelhub(simulator: Simulator) -> dict[str, str]:
    hub, s3 = simulator.sentinelhub, simulator.s3
    told = {
        "URL": hub.url, "TOKEN_URL": hub.token_url, "CLIENT_ID": hub.client_id, "CLIENT_SECRET": hub.secret(hub.client_id),
        "BUCKET_URL": f"s3://{s3.bucket}/groundtrack", "S3_ROLE_ARN": s3.role_arn, "S3_REGION": s3.region, "S3_ENDPOINT": s3.endpoint,
        "S3_ACCESS_KEY": s3.user.key_id, "S3_SECRET_KEY": s3.user.secret,
    }  # fmt: skip
    return {f"SENTINELHUB_{name}": value for name, value in told.items()}
