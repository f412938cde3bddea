"""The pages that people read, taken apart: commands, JSON, names in code."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_RUN = re.compile(r"qgis_process(?:\.bin)?((?: --\w+)*) (\w+) ?(.*)")
OF_QGIS = ("Settings", "Options", "Web", "User Profiles", "Open Active Profile Folder")


@dataclass(frozen=True)
class Block:
    """A fenced piece of a page: its language ("" for none) and text, lines that go on put together."""

    language: str
    text: str


@dataclass(frozen=True)
class Command:
    """One call of qgis_process: its options, its command, and what follows it."""

    options: tuple[str, ...]
    name: str
    words: tuple[str, ...]

    @property
    def algorithm(self) -> str:
        return self.words[0].partition(":")[2]

    @property
    def parameters(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in self.words[2:])


@dataclass(frozen=True)
class Page:
    """A page by its path inside the project."""

    name: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        return [Block(found[1], found[2].replace("\\\n", "")) for found in _FENCE.finditer(self.text)]

    @property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    @property
    def code(self) -> list[str]:
        """What stands in backticks within the prose."""
        return re.findall(r"`([^`\n]+)`", self.prose)

    @property
    def commands(self) -> list[Command]:
        found = [_RUN.match(line) for block in self.blocks if block.language != "json" for line in block.text.splitlines()]
        return [Command(tuple(one[1].split()), one[2], tuple(shlex.split(one[3], comments=True))) for one in found if one]

    @property
    def variables(self) -> set[str]:
        """Environment variables of ours; `…_NAME` belongs to the service that was named last on its line."""
        found: set[str] = set()
        for line in self.text.splitlines():
            service = ""
            for name in re.findall(r"GROUNDTRACK_[A-Z0-9_]+\w|…_[A-Z0-9_]+", line):
                service = name.split("_")[1] if name.startswith("GROUNDTRACK") else service
                found.add(name.replace("…", f"GROUNDTRACK_{service}"))
        return found

    @property
    def captions(self) -> list[str]:
        """Words of the dock: `**Run Job**`, `*Manage Presets…*`, the steps of `*Options → Groundtrack*` that are ours."""
        bold = re.findall(r"(?<!\*)\*\*([^*\n]+[^*.\n])\*\*", self.prose)
        slanted = re.findall(r"(?<![\w*])\*([A-Z][^*\n]+)\*(?![\w*])", self.prose)
        steps = [step.strip() for text in (*bold, *slanted) for step in text.split("→")]
        return [step.replace("“…”", "{}").replace("’", "'") for step in steps if step not in OF_QGIS]

    @property
    def links(self) -> list[str]:
        """Targets inside the project, without what is on another host."""
        return [target for target in re.findall(r"\]\(([^)#\s]+)", self.text) if "://" not in target]


def captions(root: Path) -> set[str]:
    """Every text in the code that a person may see, apostrophes straight, whatever is filled in as {}."""
    found: set[str] = set()
    for folder in ("ui", "providers", "toolbox", "results", "jobs"):
        for path in (root / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {re.sub(r"{\w*}", "{}", text.replace("’", "'").replace("“{}”", "{}")) for text in found}


def pages(root: Path) -> list[Page]:
    """README, change log and everything in docs but the contracts."""
    found = [root / "README.md", root / "CHANGELOG.md", *sorted((root / "docs").glob("*.md"))]
    return [Page(str(path.relative_to(root)), path.read_text(encoding="utf-8")) for path in found]
