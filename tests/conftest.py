"""What every test tier shares: the package under its own name, guards, a throw-away home.

Unit, contract and package tests run without starting QGIS; `tests/qgis/conftest.py` adds it.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
# Last on the path: the folder `qgis` in here must never stand in for the real package.
sys.path.append(str(TESTS))

from support.guards import NetworkGuard, lingering_threads
from support.sandbox import enter_sandbox

TIERS = ["unit", "contract", "package", "qgis"]
VERSIONS = """
import platform
from osgeo import gdal
from qgis.core import Qgis
from qgis.PyQt.QtCore import PYQT_VERSION_STR, QT_VERSION_STR
print(f"QGIS {Qgis.QGIS_VERSION}, GDAL {gdal.__version__}, Qt {QT_VERSION_STR}, "
      f"PyQt {PYQT_VERSION_STR}, Python {platform.python_version()}")
"""

# What the package learns of addresses and accounts for as long as it runs.
MEMORIES = {
    "groundtrack.providers.sateais": ("_answering",),
    "groundtrack.providers.astra": ("_as_coded",),
    "groundtrack.providers.hub.oauth": ("_held", "_locks"),
    "groundtrack.providers.mapflow_calls": ("_learnt",),
}

HOME = enter_sandbox()

try:
    import qgis  # noqa: F401 - else pytest would register tests/qgis under this name
except ImportError:
    pass


def _load_package() -> None:
    """Make the checkout importable as `groundtrack`, whatever its folder is called."""
    if "groundtrack" in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(
        "groundtrack", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["groundtrack"] = module
    spec.loader.exec_module(module)


_load_package()
_guard = NetworkGuard()
_guard.install()


def pytest_configure(config: pytest.Config) -> None:
    try:
        from hypothesis import settings
    except ImportError:
        return
    # No example database, no deadline: the same examples on every machine, however busy.
    settings.register_profile("groundtrack", database=None, deadline=None, derandomize=True)
    settings.load_profile("groundtrack")


def pytest_report_header() -> list[str]:
    # In a process of its own, so that tiers without QGIS stay without it.
    answer = subprocess.run([sys.executable, "-c", VERSIONS], capture_output=True, text=True, timeout=60, check=False)
    return [answer.stdout.strip() or "QGIS: not available to this Python"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Cheap tiers first; the one that needs QGIS last."""
    items.sort(key=lambda item: _tier_rank(item.path))


def _tier_rank(path: Path) -> int:
    tier = path.relative_to(TESTS).parts[0]
    return TIERS.index(tier) if tier in TIERS else len(TIERS)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout, which is the package."""
    return ROOT


@pytest.fixture(autouse=True)
def only_loopback() -> Iterator[None]:
    """Fail a test that tried to leave this machine, even when its code swallowed the refusal."""
    del _guard.attempts[:]
    yield
    attempts, _guard.attempts[:] = list(_guard.attempts), []
    if attempts:
        pytest.fail(f"tried to reach {sorted(set(attempts))}", pytrace=False)


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """Begin each test like a new process: a simulator may get the port, and so the address, of one that is gone."""
    for module, names in MEMORIES.items():
        for name in names if module in sys.modules else ():
            getattr(sys.modules[module], name).clear()


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    """Fail a test that leaves a non-daemon Python thread running."""
    before = set(threading.enumerate())
    yield
    left = lingering_threads(before)
    if left:
        pytest.fail(f"threads still running after the test: {left}", pytrace=False)
