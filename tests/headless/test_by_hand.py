"""What a developer does: start the simulator, paste what it prints, run an example of the documentation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.pages import pages

from .conftest import SPEED, Headless

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def block() -> Iterator[str]:
    """The lines that a simulator of its own prints to be pasted."""
    command = [sys.executable, str(ROOT / "tests/simulator"), "--buckets", "--port", "0", "--speed", str(SPEED), "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            yield "".join(pasted(iter(process.stdout.readline, "")))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)


def pasted(lines: Iterator[str]) -> Iterator[str]:
    """From the comment that begins the block to the one that ends it."""
    seen = False
    for line in lines:
        seen = seen or line.startswith("# Paste this")
        if seen:
            yield line
        if line.startswith("# That is all"):
            return
    pytest.fail("the simulator ended without it", pytrace=False)


@pytest.mark.parametrize("algorithm", ["sateais_ship", "astra_ndvi", "mapflow_processing", "sentinelhub_process"])
def test_an_example_runs_with_what_the_simulator_prints(headless: Headless, block: str, algorithm: str, tmp_path: Path) -> None:
    (readme,) = [page for page in pages(ROOT) if page.name == "README.md"]
    words = next(command.words for command in readme.commands if command.algorithm == algorithm)
    Path(headless.area(name="port")).rename(tmp_path / "port.gpkg")
    for name, box in (("town", (4.401, 51.23, 4.415, 51.238)), ("fields", (11.4, 48.1, 11.44, 48.12))):
        west, south, east, north = box
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        Path(headless.area([ring], name=name)).rename(tmp_path / f"{name}.gpkg")
    (tmp_path / "ndvi.js").write_text((ROOT / "evalscripts/ndvi.js").read_text())
    env = headless.environment(GROUNDTRACK_SATEAIS_URL=None, GROUNDTRACK_SATEAIS_API_KEY=None, GROUNDTRACK_PACE=None)
    shell = ["bash", "-euc", f'{block}\nexec "$@"', "bash", headless.program, "--json", "run", *words]
    ended = subprocess.run(shell, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    results = json.loads(ended.stdout)["results"]
    assert results["STATE"] == "FETCHED"
    assert all(os.path.exists(tmp_path / path) for path in json.loads(results["OUTPUTS"]))
    assert headless.asked() == []  # of the simulator that this test has besides
