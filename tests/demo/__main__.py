"""The whole way of a job in a real QGIS with a throw-away profile: first on this computer, then at a simulated service.

Where there is a display a person clicks. Where there is none the journey is driven through the real widgets on a virtual screen, and
pictures, result files and a table of jobs are left in build/demo.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

from simulator import Simulator
from support import desktop

SPEED = 240.0  # simulated seconds in one real second: a job of 15 minutes takes four
OUT = desktop.ROOT / "build/demo"


def main() -> int:
    """Run it; the exit status says whether the journey went well."""
    virtual = not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) or "--drive" in sys.argv
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with Simulator(SPEED, seed=7) as simulator, desktop.profile({"groundtrack": desktop.ROOT}) as home:
        simulator.sateais.settings.link_seconds = 60 * SPEED
        known = {
            "GROUNDTRACK_PACE": str(1 / SPEED), "DEMO_URL": simulator.sateais.url, "DEMO_KEY": simulator.sateais.key,
            "DEMO_MAPFLOW_URL": simulator.mapflow.url, "DEMO_MAPFLOW_TOKEN": simulator.mapflow.token,
            "DEMO_OUT": str(OUT), "DEMO_DRIVEN": "1" if virtual else "",
        }  # fmt: skip
        if not virtual:
            print("QGIS opens with two scenes and an NDVI filled in. Press Run Job in the Groundtrack dock. Close QGIS to end.")
            command, env = desktop.command(home, HERE / "start.py", virtual=False), desktop.environment(home, **known)
            return subprocess.run(command, env=env, check=False).returncode
        answer = desktop.run(home, HERE / "start.py", limit=240, **known)
    return tell(answer.stdout)


def tell(output: str) -> int:
    """Print what was left, or what went wrong."""
    story = OUT / "jobs.txt"
    if not story.exists():
        print(output[-4000:], file=sys.stderr)
        print("The demonstration did not come to its end.", file=sys.stderr)
        return 1
    print(story.read_text(encoding="utf-8"))
    for path in sorted(OUT.rglob("*")):
        if path.is_file():
            print(f"  {path.relative_to(desktop.ROOT)}  {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
