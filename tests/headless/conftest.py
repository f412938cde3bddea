"""The real qgis_process in a throw-away profile, with the checkout as its plugin, against the simulator."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from simulator import Simulator

SPEED = 1000.0  # virtual seconds per second
PACE = "0.001"
# packages that a user's QGIS has, and the system's Python here may lack
BORROWED = ("shapely", "shapely.libs", "boto3", "botocore", "s3transfer", "jmespath")
SEA = [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]


@dataclass
class Ended:
    """How a run ended. `results` are its outputs, empty when it failed."""

    code: int
    out: str
    err: str
    seconds: float
    json: dict[str, Any]

    @property
    def results(self) -> dict[str, Any]:
        return self.json.get("results", {})

    @property
    def outputs(self) -> list[str]:
        return json.loads(self.results["OUTPUTS"])

    @property
    def said(self) -> str:
        return self.out + self.err


class Headless:
    """Runs qgis_process with the account of the simulator in the environment."""

    def __init__(self, home: Path, root: Path, sim: Simulator, program: str) -> None:
        self.home = home
        self.sim = sim
        self.program = program
        profile = home / "profiles" / "default"
        (profile / "python" / "plugins").mkdir(parents=True)
        (profile / "python" / "plugins" / "groundtrack").symlink_to(root)
        (profile / "QGIS").mkdir()
        (profile / "QGIS" / "QGIS3.ini").write_text("[PythonPlugins]\ngroundtrack=true\n[locale]\noverrideFlag=true\nuserLocale=en_US\n")
        self.profile = profile
        self.journal = profile / "groundtrack" / "journal.sqlite"

    def environment(self, **changes: str | None) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("QGIS_")}
        env |= {
            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home), "QGIS_CUSTOM_CONFIG_PATH": str(self.home), "LC_ALL": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(self.home / "site"), "PYTHONDONTWRITEBYTECODE": "1",
            "GROUNDTRACK_PACE": PACE, "GROUNDTRACK_SATEAIS_URL": self.sim.sateais.url, "GROUNDTRACK_SATEAIS_API_KEY": self.sim.sateais.key,
        }  # fmt: skip
        for name, value in changes.items():
            env.pop(name, None)
            if value is not None:
                env[name] = value
        return env

    def start(self, *arguments: str, **environment: str | None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.program, *arguments], env=self.environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def call(self, *arguments: str, **environment: str | None) -> Ended:
        begun = time.monotonic()
        process = self.start(*arguments, **environment)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
        parsed = json.loads(out) if out.lstrip().startswith("{") else {}
        return Ended(process.returncode, out, err, time.monotonic() - begun, parsed)

    def run(self, algorithm: str, environment: dict[str, str | None] | None = None, **parameters: Any) -> Ended:
        """`qgis_process --json run groundtrack:<algorithm>`."""
        given = [f"{name}={value}" for name, value in parameters.items()]
        return self.call("--json", "run", f"groundtrack:{algorithm}", "--", *given, **(environment or {}))

    def jobs(self) -> list[dict[str, Any]]:
        """The journal's jobs, oldest first."""
        if not self.journal.exists():
            return []
        with closing(sqlite3.connect(self.journal)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'requests'").fetchone():
                return []  # another process has only just made the file
            found = db.execute("SELECT e.body, r.body FROM entries e JOIN requests r ON r.job = e.id ORDER BY e.created_at, e.rowid")
            return [{**json.loads(body), "request": json.loads(request)} for body, request in found]

    def asked(self, method: str = "*", path: str = "*") -> list[str]:
        return [f"{item.method} {item.path}" for item in self.sim.requests.find(method=method, path=path)]

    def area(self, *polygons: Any, crs: str = "", name: str = "area") -> str:
        """A GeoJSON file with one feature for each polygon's rings (or each list of polygons)."""
        features = [{"type": "Feature", "properties": {"harbour": f"Harbour {place}"}, "geometry": _shape(item)}
                    for place, item in enumerate(polygons or (SEA,))]  # fmt: skip
        data: dict[str, Any] = {"type": "FeatureCollection", "features": features}
        if crs:
            data["crs"] = {"type": "name", "properties": {"name": crs}}
        path = self.home / f"{name}.geojson"
        path.write_text(json.dumps(data))
        return str(path)


def moved(dx: float, dy: float = 0.0) -> list[Any]:
    """The usual sea area, elsewhere."""
    return [[[x + dx, y + dy] for x, y in SEA[0]]]


def wait_until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def _shape(item: Any) -> Any:
    if item is None:
        return None
    many = isinstance(item[0][0][0], list)
    return {"type": "MultiPolygon" if many else "Polygon", "coordinates": item}


@pytest.fixture(scope="session")
def qgis_process() -> str:
    """The program itself: Debian's wrapper adds options of the desktop that it does not know."""
    found = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
    if found is None:
        pytest.fail("qgis_process is not installed", pytrace=False)
    return found


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator(speed=SPEED, seed=7) as simulator:
        yield simulator
        assert not simulator.errors


@pytest.fixture
def headless(tmp_path: Path, root: Path, sim: Simulator, qgis_process: str) -> Headless:
    tmp_path.chmod(0o700)
    site = tmp_path / "site"
    site.mkdir()
    spec = importlib.util.find_spec("shapely")
    packages = Path(spec.origin).parents[1] if spec and spec.origin else None
    for name in BORROWED:
        if packages and (packages / name).exists():
            (site / name).symlink_to(packages / name)
    return Headless(tmp_path, root, sim, qgis_process)
