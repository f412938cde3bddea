"""The real QGIS application on a screen, virtual or not, with a throw-away profile that has the checkout as its plugin."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = """[PythonPlugins]
{plugins}
[qgis]
checkVersion=false
showTips=false
newsFeed=false
{extra}
[app]
news-feed\\items\\httpsfeedqgisorg\\disabled=true
[core]
NewsFeed\\httpsfeedqgisorg\\disabled=true
[locale]
overrideFlag=true
userLocale=en_US
globalLocale=en_US
[migration]
settings=true
"""


@contextmanager
def profile(plugins: dict[str, Path], extra: str = "", enabled: bool = True) -> Iterator[Path]:
    """A folder that serves as home and holds one profile; `plugins` are linked into it, and switched on when `enabled`."""
    home = Path(tempfile.mkdtemp(prefix="groundtrack-home-"))
    try:
        base = home / "profiles/default"
        (base / "QGIS").mkdir(parents=True)
        (base / "python/plugins").mkdir(parents=True)
        for name, folder in plugins.items():
            (base / "python/plugins" / name).symlink_to(folder)
        switched = "\n".join(f"{name}=true" for name in plugins) if enabled else ""
        (base / "QGIS/QGIS3.ini").write_text(SETTINGS.format(plugins=switched, extra=extra), encoding="utf-8")
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def environment(home: Path, **more: str) -> dict[str, str]:
    """What QGIS is started with; nothing of the caller's own QGIS or services."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("GROUNDTRACK_", "AWS_", "QGIS_", "VIRTUAL_ENV"))}
    env.pop("QT_QPA_PLATFORM", None)
    env.pop("PYTHONPATH", None)
    env.update(
        HOME=str(home), XDG_RUNTIME_DIR=str(home), LC_ALL="C.UTF-8", LIBGL_ALWAYS_SOFTWARE="1",
        PATH="/usr/bin:/bin:" + os.environ.get("PATH", ""), PYTHONDONTWRITEBYTECODE="",
    )  # fmt: skip
    env.update(more)
    return env


def command(home: Path, code: Path, virtual: bool) -> list[str]:
    """The command line of QGIS that runs the script `code` once its window is up."""
    qgis = ["qgis", "--profiles-path", str(home), "--nologo", "--noversioncheck", "--code", str(code)]
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1600x1000x24 -dpi 96"]
    return screen + qgis if virtual else qgis


def run(home: Path, code: Path, limit: float = 180, virtual: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    """Run QGIS to its end, at most `limit` seconds on a virtual screen. Output and errors are in `stdout`."""
    env = environment(home, **more)
    if virtual:
        env["QT_QPA_PLATFORM"] = "xcb"
    shield = ["timeout", "-k", "10", str(limit)] if virtual else []
    return subprocess.run(
        shield + command(home, code, virtual), env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
