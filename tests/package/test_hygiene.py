"""What is in the repository works on any machine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_no_committed_file_names_this_machine() -> None:
    command = ["git", "-c", "safe.directory=*", "grep", "-I", "-l", "-F", f"{ROOT}/", "HEAD"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 1, found.stdout + found.stderr


def test_what_is_started_by_name_is_executable() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").glob("*.sh")]
    assert [path.name for path in scripts if not os.access(path, os.X_OK)] == []
