"""Build the plugin's zip through `git archive`: from the last commit, or from the files as they are now.

Refuses when metadata and changelog disagree about the version, and when a file of a kind that
nobody expects in a plugin would be shipped.
"""

from __future__ import annotations

import argparse
import configparser
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "groundtrack"
EXPECTED = [
    "LICENSE", "metadata.txt", "requirements.txt", "resources.qrc", "README.md", "CHANGELOG.md",
    "*.py", "*.svg", "*.png", "*.qml", "*.ui", "*.js", "*.json", "*.qm", "*.html",
]  # fmt: skip
REQUIRED = ["LICENSE", "metadata.txt", "__init__.py"]


def main() -> None:
    """Parse arguments, build, check, and print where the zip is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worktree", action="store_true", help="files as they are now, committed or not")
    parser.add_argument("--output", type=Path, help="where to put the zip (default: build/groundtrack-<version>.zip)")
    arguments = parser.parse_args()
    version = checked_version(ROOT)
    output = arguments.output or ROOT / "build" / f"{PACKAGE}-{version}.zip"
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        tree = worktree_tree(Path(scratch)) if arguments.worktree else "HEAD"
        if not arguments.worktree and git("status", "--porcelain").strip():
            print("note: uncommitted changes are not in the zip", file=sys.stderr)
        archive(tree, output, Path(scratch))
    problems = content_problems(output)
    if problems:
        output.unlink()
        sys.exit("not a plugin zip: " + "; ".join(problems))
    print(output.resolve().relative_to(ROOT) if output.resolve().is_relative_to(ROOT) else output)


def checked_version(root: Path) -> str:
    """The version that metadata.txt names and CHANGELOG.md describes; exits when they disagree."""
    metadata = configparser.ConfigParser()
    metadata.read(root / "metadata.txt", encoding="utf-8")
    version = metadata["general"]["version"]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"metadata.txt: version {version} is not MAJOR.MINOR.PATCH")
    heads = re.findall(r"^## (.+?)(?: - .*)?$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    released = [head for head in heads if head != "Unreleased"]
    if not heads or heads[0] != "Unreleased":
        sys.exit("CHANGELOG.md: the first head must be Unreleased")
    if not released or released[0] != version:
        sys.exit(f"metadata.txt says version {version}, the newest in CHANGELOG.md is {released[:1]}")
    return version


def git(*arguments: str, env: dict[str, str] | None = None) -> str:
    """Run git in the checkout and return what it prints."""
    answer = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", *arguments],
        cwd=ROOT, env={**os.environ, **(env or {})}, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return answer.stdout


def worktree_tree(scratch: Path) -> str:
    """A git tree of the files as they are now; neither the index nor the object store of the checkout changes."""
    (scratch / "objects").mkdir()
    os.environ["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = str(ROOT / git("rev-parse", "--git-path", "objects").strip())
    os.environ["GIT_OBJECT_DIRECTORY"] = str(scratch / "objects")
    env = {"GIT_INDEX_FILE": str(scratch / "index")}
    git("add", "--all", env=env)
    return git("write-tree", env=env).strip()


def archive(tree: str, output: Path, scratch: Path) -> None:
    """Write `tree` as a zip with one top folder; attributes are those of the checkout."""
    part = scratch / "plugin.zip"
    git("archive", "--format=zip", "--worktree-attributes", f"--prefix={PACKAGE}/", f"--output={part}", tree)
    output.write_bytes(part.read_bytes())


def content_problems(path: Path) -> list[str]:
    """Files that are missing or that nobody expects."""
    with zipfile.ZipFile(path) as bundle:
        names = [name.split("/", 1)[1] for name in bundle.namelist() if not name.endswith("/")]
    missing = [f"{name} is missing" for name in REQUIRED if name not in names]
    odd = [f"{name} is unexpected" for name in names if not is_expected(name)]
    return missing + odd


def is_expected(name: str) -> bool:
    """Whether a plugin may carry this file: a known kind, and nothing hidden."""
    hidden = any(part.startswith(".") for part in name.split("/"))
    return not hidden and any(fnmatch(name, pattern) for pattern in EXPECTED)


if __name__ == "__main__":
    main()
