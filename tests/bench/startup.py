"""Start-up: loadPlugin + startPlugin in the real application, against a plugin that does nothing."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.tables import Row, table
from support import desktop

DRIVER = Path(__file__).with_name("startup_driver.py")
METADATA = "[general]\nname=empty\nqgisMinimumVersion=3.22\ndescription=none\nversion=1\nauthor=none\nemail=none@example.org\n"
CODE = "class P:\n    def initGui(self): pass\n    def unload(self): pass\ndef classFactory(iface): return P()\n"


def main(runs: int) -> None:
    """Print medians and the ratio; the first run of each warms the bytecode and is dropped."""
    with tempfile.TemporaryDirectory(prefix="groundtrack-bench-") as folder:
        empty = Path(folder) / "empty"
        empty.mkdir()
        (empty / "metadata.txt").write_text(METADATA, encoding="utf-8")
        (empty / "__init__.py").write_text(CODE, encoding="utf-8")
        plugins = {"empty": empty, "groundtrack": desktop.ROOT}
        measured: dict[str, list[dict]] = {name: [] for name in plugins}
        for _ in range(runs + 1):
            for name, place in plugins.items():
                measured[name].append(once(name, place))
    rows = [Row(name, figures(found[1:])) for name, found in measured.items()]
    print(table("Start-up (loadPlugin + startPlugin)", rows, base="empty"))
    last = measured["groundtrack"][-1]
    print(f"sockets {len(last['sockets'])}, processes {len(last['processes'])}, files written {last['written']}")
    print(f"new modules: {', '.join(last['modules'])}")


def figures(found: list[dict]) -> dict[str, list[float]]:
    return {"ms": [r["ms"] for r in found], "modules": [len(r["modules"]) for r in found], "MB": [r["mb"] for r in found]}


def once(name: str, place: Path) -> dict:
    """One fresh application and profile."""
    with desktop.profile({name: place}, enabled=False) as home:
        out = home / "out.json"
        answer = desktop.run(home, DRIVER, limit=90, BENCH_PLUGIN=name, BENCH_OUT=str(out))
        if not out.exists():
            raise RuntimeError(f"no result for {name}: {answer.stdout[-1500:]}")
        result = json.loads(out.read_text(encoding="utf-8"))
    if not result["started"]:
        raise RuntimeError(f"{name} did not start: {answer.stdout[-1500:]}")
    return result
