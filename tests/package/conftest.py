"""The zip under test: the one named by PLUGIN_ZIP, else one built from the files as they are now."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build_zip() -> ModuleType:
    """The build script as a module."""
    spec = importlib.util.spec_from_file_location("build_zip", ROOT / "scripts" / "build_zip.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def plugin_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of the zip."""
    if os.environ.get("PLUGIN_ZIP"):
        return ROOT / os.environ["PLUGIN_ZIP"]
    path = tmp_path_factory.mktemp("zip") / "groundtrack.zip"
    script = ROOT / "scripts" / "build_zip.py"
    command = [sys.executable, str(script), "--worktree", "--output", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
    return path


@pytest.fixture(scope="session")
def unpacked(plugin_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plugin folder, as the plugin manager would unpack it."""
    folder = tmp_path_factory.mktemp("plugins")
    with zipfile.ZipFile(plugin_zip) as bundle:
        bundle.extractall(folder)
    return folder / "groundtrack"
