"""The built zip: what the plugin site checks at upload, and that it loads where only QGIS is installed."""

from __future__ import annotations

import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT_PYTHON = ROOT / ".venv-lint" / "bin" / "python"
SITE_LIMIT = 25_000_000
OUR_LIMIT = 2_000_000

# Imports every module of the plugin with nothing but QGIS's own packages, as a first start does.
IMPORT_ALL = """
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys(["shapely", "boto3", "botocore", "s3transfer"]))
sys.path.insert(0, sys.argv[1])
import groundtrack
names = [m.name for m in pkgutil.walk_packages(groundtrack.__path__, "groundtrack.")]
for name in names:
    importlib.import_module(name)
print(callable(groundtrack.classFactory), "groundtrack.plugin" in names)
"""


def _run(command: list[str], timeout: int = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def test_one_top_folder_with_what_the_site_requires(plugin_zip: Path) -> None:
    with zipfile.ZipFile(plugin_zip) as bundle:
        names = bundle.namelist()
    assert {name.split("/")[0] for name in names} == {"groundtrack"}
    assert {"groundtrack/__init__.py", "groundtrack/metadata.txt", "groundtrack/LICENSE"} <= set(names)
    assert not [name for name in names if "\\" in name or ".." in name.split("/") or name.startswith("/")]


def test_nothing_of_the_workshop_is_shipped(plugin_zip: Path) -> None:
    with zipfile.ZipFile(plugin_zip) as bundle:
        parts = {part for name in bundle.namelist() for part in name.split("/")[1:]}
    forbidden = {"tests", "docs", "scripts", "Makefile", "pyproject.toml", "constraints.txt", "__pycache__", "build"}
    assert not parts & forbidden
    assert not [part for part in parts if part.startswith(".") or part.endswith((".pyc", ".sh", ".so"))]


def test_size(plugin_zip: Path) -> None:
    assert plugin_zip.stat().st_size < OUR_LIMIT < SITE_LIMIT


def test_no_python_file_is_executable(plugin_zip: Path) -> None:
    with zipfile.ZipFile(plugin_zip) as bundle:
        modes = {info.filename: info.external_attr >> 16 for info in bundle.infolist() if info.filename.endswith(".py")}
    assert [name for name, mode in modes.items() if mode & stat.S_IXUSR] == []


def test_licence_is_gpl_2(unpacked: Path) -> None:
    text = (unpacked / "LICENSE").read_text("utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text
    assert "Version 2, June 1991" in text


def test_every_module_loads_on_stock_qgis(unpacked: Path) -> None:
    answer = _run(["/usr/bin/python3", "-c", IMPORT_ALL, str(unpacked.parent)])
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["True", "True"]


@pytest.fixture
def gate() -> list[str]:
    if not LINT_PYTHON.exists():
        pytest.fail("run `make venv-lint` first", pytrace=False)
    return [str(LINT_PYTHON), str(ROOT / "scripts" / "gate.py")]


def test_security_gate_has_no_finding(gate: list[str], plugin_zip: Path) -> None:
    answer = _run([*gate, str(plugin_zip)])
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_security_gate_finds_what_the_site_would_find(gate: list[str], tmp_path: Path) -> None:
    sample = "import random\nassert random.random()\ntry:\n    x = 1\nexcept Exception:\n    pass\n"
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as bundle:
        bundle.writestr("groundtrack/bad.py", sample)
        bundle.writestr("groundtrack/README.md", "key: " + "AKIA" + "Z7QX" * 4)
        bundle.writestr("groundtrack/run.sh", "true")
    answer = _run([*gate, str(tmp_path / "bad.zip")])
    assert answer.returncode != 0
    for expected in ("B101", "B110", "B311", "AWS Access Key", "run.sh: suspicious"):
        assert expected in answer.stdout


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("ui/icons/ship.svg", True), ("results/styles/ship.qml", True), ("providers/base.py", True),
        (".gitignore", False), ("ui/.hidden.py", False), ("lib/fast.so", False), ("notes.txt", False), ("data.gpkg", False),
    ],
)  # fmt: skip
def test_build_refuses_unexpected_files(build_zip: ModuleType, name: str, allowed: bool) -> None:
    assert build_zip.is_expected(name) is allowed


@pytest.mark.parametrize(
    ("version", "changelog", "complaint"),
    [
        ("0.2.0", "## Unreleased\n\n## 0.1.0\n", "newest in CHANGELOG.md"),
        ("0.1", "## Unreleased\n\n## 0.1\n", "not MAJOR.MINOR.PATCH"),
        ("0.1.0", "## 0.1.0\n", "first head must be Unreleased"),
    ],
)
def test_build_refuses_versions_that_disagree(
    build_zip: ModuleType, tmp_path: Path, version: str, changelog: str, complaint: str
) -> None:
    (tmp_path / "metadata.txt").write_text(f"[general]\nversion={version}\n")
    (tmp_path / "CHANGELOG.md").write_text(changelog)
    with pytest.raises(SystemExit, match=complaint):
        build_zip.checked_version(tmp_path)


def test_build_accepts_versions_that_agree(build_zip: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "metadata.txt").write_text("[general]\nversion=1.2.3\n")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2027-01-31\n\n## 1.2.2\n")
    assert build_zip.checked_version(tmp_path) == "1.2.3"


def test_tests_use_the_same_python_as_qgis() -> None:
    assert Path(sys.base_prefix) == Path("/usr")
