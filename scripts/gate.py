"""The plugin site's upload scan, run over a plugin zip: one finding of bandit or detect-secrets blocks a release.

Usage: gate.py ZIP (with the environment of the static checks).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

# Every rule of the scanner except the two the site has switched off (B404, B411).
BANDIT = (
    "B101 B102 B103 B104 B105 B106 B107 B108 B110 B112 B113 B201 B202 "
    "B301 B302 B303 B304 B305 B306 B307 B308 B310 B311 B312 B313 B314 B315 B316 B317 B318 B319 B321 B323 B324 "
    "B401 B402 B403 B405 B406 B407 B408 B409 B412 B413 B415 B501 B502 B503 B504 B505 B506 B507 B508 B509 "
    "B601 B602 B603 B604 B605 B606 B607 B608 B609 B610 B611 B612 B613 B614 B615 B701 B702 B703 B704"
).split()
FLAKE8 = "E101,E711,E712,E713,E714,E721,E722,E731,E741,E742,E743,E901,E902,E999,W605,F402,F403,F404,F405,F811,F821,F822,F823,F831,F901"
SUSPICIOUS = {".exe", ".dll", ".so", ".dylib", ".bat", ".sh", ".ps1", ".cmd", ".pyc"}


def main() -> None:
    """Scan the zip named on the command line; exit 1 on any finding."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(sys.argv[1]) as bundle:
            bundle.extractall(folder)
        content = Path(folder)
        findings = [*bandit(content), *secrets(content), *flake8(content), *suspicious(content)]
    for finding in findings:
        print(finding)
    if findings:
        sys.exit(f"{len(findings)} findings: the plugin site would refuse this zip")
    print("gate: no finding")


def bandit(folder: Path) -> list[str]:
    """Findings of bandit, one line each."""
    report = _json([sys.executable, "-m", "bandit", "-q", "-r", ".", "-f", "json", "-t", ",".join(BANDIT)], folder)
    broken = [f"{error['filename']}: not scanned: {error['reason']}" for error in report["errors"]]
    return broken + [
        f"{r['filename']}:{r['line_number']}: {r['test_id']} {r['issue_text']}" for r in report["results"]
    ]


def secrets(folder: Path) -> list[str]:
    """Findings of detect-secrets, one line each; the value itself is not printed."""
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify"]
    report = _json([*command, "--disable-plugin", "IPPublicDetector", "."], folder)
    return [
        f"{name}:{hit['line_number']}: {hit['type']}"
        for name, hits in report["results"].items()
        if Path(name).name != "metadata.txt"
        for hit in hits
    ]


def flake8(folder: Path) -> list[str]:
    """The site's informational style rules, kept at zero too."""
    command = [sys.executable, "-m", "flake8", "--isolated", "--max-line-length=120", f"--select={FLAKE8}", "."]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    return (answer.stdout + answer.stderr).splitlines()


def suspicious(folder: Path) -> list[str]:
    """Binaries, scripts, hidden files."""
    odd = [path for path in sorted(folder.rglob("*")) if path.suffix in SUSPICIOUS or path.name.startswith(".")]
    return [f"{path.relative_to(folder)}: suspicious file" for path in odd]


def _json(command: list[str], folder: Path) -> dict:
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    try:
        return json.loads(answer.stdout)
    except ValueError:
        sys.exit(f"{command[2]} gave no report: {answer.stderr or answer.stdout}")


if __name__ == "__main__":
    main()
