"""The package keeps its own rules; and every rule is shown to catch what it is for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from support import structure

ROOT = Path(__file__).resolve().parents[2]
FILES = structure.shipped_files(ROOT)

# (rule, place in the package, code that breaks it, part of the complaint)
BROKEN = [
    (structure.import_direction, "providers/x.py", "from ..jobs import poller", "providers imports jobs"),
    (structure.import_direction, "providers/x.py", "from .. import ui", "providers imports ui"),
    (structure.import_direction, "aoi.py", "from .providers.base import Provider", "aoi imports providers"),
    (structure.import_direction, "results/x.py", "def f():\n    from ..ui.dock import Dock", "results imports ui"),
    (structure.import_direction, "ui/forms/x.py", "from ...toolbox import provider", "ui imports toolbox"),
    (structure.import_direction, "toolbox/x.py", "from ..ui import dock", "toolbox imports ui"),
    (structure.import_direction, "accounts.py", "from .jobs import job", "accounts imports jobs"),
    (structure.import_direction, "presets.py", "from .results import styles", "presets imports results"),
    (structure.import_direction, "ui/x.py", "from groundtrack.jobs import job", "absolute name"),
    (structure.import_direction, "ui/x.py", "import groundtrack.jobs", "absolute name"),
    (structure.import_direction, "helpers/x.py", "", "not in the plan"),
    (structure.no_binding_by_name, "ui/x.py", "from PyQt5.QtCore import Qt", "PyQt5 by name"),
    (structure.no_binding_by_name, "ui/x.py", "import PyQt6", "PyQt6 by name"),
    (structure.no_binding_by_name, "ui/x.py", "import PySide6.QtCore", "PySide6 by name"),
    (structure.no_binding_by_name, "providers/x.py", "def f():\n    from qgis.core import Qgis", "without QGIS"),
    (structure.no_binding_by_name, "aoi.py", "import qgis.PyQt.QtCore", "without QGIS"),
    (structure.no_binding_by_name, "jobs/job.py", "from qgis.PyQt.QtCore import QObject", "without QGIS"),
    (structure.no_binding_by_name, "jobs/journal.py", "import qgis", "without QGIS"),
    (structure.light_start, "aoi.py", "import shapely.geometry", "when the module loads"),
    (structure.light_start, "providers/x.py", "try:\n    import boto3\nexcept ImportError:\n    x = 1", "boto3"),
    (structure.size, "ui/x.py", "def long():\n" + "    x = 1\n" * 60, "long has 61 lines"),
    (structure.annotations, "ui/x.py", "def f(a: int): ...", "does not say what it returns"),
    (structure.annotations, "ui/x.py", "class A:\n    def f(self, a) -> None: ...", "f(a) has no type"),
    (structure.annotations, "ui/x.py", "def f(*rest, **more) -> None: ...", "f(more) has no type"),
    (structure.security_gate, "ui/x.py", "assert True", "assert in shipped code"),
    (structure.security_gate, "ui/x.py", "try:\n    f()\nexcept ValueError:\n    pass", "only passes"),
    (structure.security_gate, "ui/x.py", "for a in b:\n    try:\n        f()\n    except E:\n        continue", "only"),
    (structure.versions, "ui/x.py", "dialog.exec_()", "exec_ is gone"),
    (structure.versions, "ui/x.py", "role = Qt.UserRole", "Qt.UserRole does not name its enum"),
    (structure.versions, "ui/x.py", "b = QDialogButtonBox.Ok", "QDialogButtonBox.Ok"),
    (structure.versions, "ui/x.py", "k = Qgis.GeometryType.Polygon", "younger than QGIS 3.22"),
]
# (rule, place, code that is fine)
SOUND = [
    (structure.import_direction, "ui/forms/x.py", "from ...providers.base import Provider\nfrom . import y\nimport json"),
    (structure.import_direction, "plugin.py", "from .ui.dock import Dock\nfrom .toolbox import provider"),
    (structure.no_binding_by_name, "jobs/poller.py", "from qgis.PyQt.QtCore import QThread"),
    (structure.light_start, "providers/x.py", "if TYPE_CHECKING:\n    import shapely\ndef f() -> None:\n    import boto3"),
    (structure.size, "ui/x.py", "def f():\n" + "    x = 1\n" * 59),
    (structure.annotations, "ui/x.py", "class A:\n    def f(self, a: int, *b: int, **c: int) -> None: ..."),
    (structure.security_gate, "ui/x.py", "try:\n    f()\nexcept ValueError:\n    log.debug('no')"),
    (structure.versions, "ui/x.py", "r = Qt.ItemDataRole.UserRole\nd.exec()\nt = QEvent.Type.DeferredDelete\nQgis.MessageLevel.Info"),
]


def _name(value: Any) -> str:
    return getattr(value, "__name__", str(value))


@pytest.mark.parametrize("check", structure.CHECKS, ids=_name)
def test_package_keeps_the_rule(check: Any) -> None:
    complaints = [
        f"{place}: {complaint}"
        for place in FILES
        for complaint in check(place, ast.parse((ROOT / place).read_text("utf-8")))
    ]
    assert complaints == []


def test_no_file_is_too_long() -> None:
    lengths = {str(place): len((ROOT / place).read_text("utf-8").splitlines()) for place in FILES}
    assert {place: n for place, n in lengths.items() if n > structure.MAX_FILE_LINES} == {}


def test_the_walk_sees_the_package_and_nothing_else() -> None:
    places = {str(place) for place in FILES}
    assert {"__init__.py", "aoi.py", "providers/base.py"} <= places
    assert not [place for place in places if place.startswith(("tests", "build", ".venv", "scripts"))]


@pytest.mark.parametrize(("check", "place", "code", "expected"), BROKEN, ids=_name)
def test_rule_catches(check: Any, place: str, code: str, expected: str) -> None:
    complaints = list(check(PurePosixPath(place), ast.parse(code)))
    assert any(expected in complaint for complaint in complaints), complaints


@pytest.mark.parametrize(("check", "place", "code"), SOUND, ids=_name)
def test_rule_lets_pass(check: Any, place: str, code: str) -> None:
    assert list(check(PurePosixPath(place), ast.parse(code))) == []


def test_source_is_python_3_9() -> None:
    for place in FILES:
        ast.parse((ROOT / place).read_text("utf-8"), feature_version=(3, 9))


def test_layers_without_qgis_load_without_it_and_without_heavy_packages() -> None:
    modules = [
        ".".join(["groundtrack", *place.with_suffix("").parts]).removesuffix(".__init__")
        for place in FILES
        if str(place).startswith(structure.WITHOUT_QGIS)
    ]
    program = f"""
import importlib, importlib.util, sys
heavy = ["qgis", "PyQt5", "osgeo", "shapely", "boto3", "numpy"]
sys.modules.update(dict.fromkeys(heavy))  # importing one of these now fails
spec = importlib.util.spec_from_file_location("groundtrack", {str(ROOT / "__init__.py")!r},
                                              submodule_search_locations=[{str(ROOT)!r}])
sys.modules["groundtrack"] = importlib.util.module_from_spec(spec)
for name in {modules!r}:
    importlib.import_module(name)
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
