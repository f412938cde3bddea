"""Download of one object from S3: our own code against the AWS command line, on a bare loopback server and with 50 ms of latency.

The command line is the program that BENCH_AWS names, else `aws` on the path; without it only our own times are shown.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("s3_driver.py")
MEGABYTES = 256
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1",
               "AWS_EC2_METADATA_DISABLED": "true", "NO_PROXY": "127.0.0.1"}


def main(runs: int) -> None:
    """Print medians, ratios and peak memory; the first run of each warms caches and is dropped."""
    aws = os.environ.get("BENCH_AWS") or shutil.which("aws") or ""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as folder:
        source = Path(folder) / "object"
        with source.open("wb") as file:
            for _ in range(MEGABYTES):
                file.write(os.urandom(1 << 20))
        for title, latency in (("bare loopback server", 0.0), ("50 ms for each request", 0.05)):
            with server(source, latency) as endpoint:
                compare(title, endpoint, aws, Path(folder), runs)


def compare(title: str, endpoint: str, aws: str, folder: Path, runs: int) -> None:
    commands = {"groundtrack": [sys.executable, str(DRIVER), "fetch", endpoint, str(folder / "ours"), str(desktop.ROOT)]}
    if aws:
        commands["aws s3 cp"] = [aws, "--endpoint-url", endpoint, "s3", "cp", "--quiet", "s3://bench/obj", str(folder / "theirs")]
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            shutil.rmtree(folder / "ours", ignore_errors=True)
            (folder / "theirs").unlink(missing_ok=True)
            measured[name].append(timed(command))
    wanted = MEGABYTES << 20
    if (folder / "ours" / "object.bin").exists() and (folder / "ours" / "object.bin").stat().st_size != wanted:
        raise RuntimeError("the object did not arrive whole")
    rows = [Row(name, {"s": [s for s, _ in found[1:]], "peak MB": [m for _, m in found[1:]]}) for name, found in measured.items()]
    print(table(f"{MEGABYTES} MB from S3, {title}", rows, base="groundtrack"))


def timed(command: list[str]) -> tuple[float, float]:
    """Seconds of wall time, and the child's peak memory in MB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **ENVIRONMENT}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} failed")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


@contextmanager
def server(source: Path, latency: float) -> Iterator[str]:
    process = subprocess.Popen([sys.executable, str(DRIVER), "serve", str(source), str(latency)], stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline() if process.stdout else 0)}"
    finally:
        process.kill()
        process.communicate()
