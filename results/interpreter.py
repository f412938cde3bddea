"""A Python beside the one inside QGIS, which can run a script with the same libraries."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Dict, Iterator, Mapping, Optional

# What an interpreter and its libraries are found by, and nothing else: accounts and keys stay here.
_HANDED_ON = frozenset((
    "PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PYTHONHOME",
    "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FRAMEWORK_PATH", "GDAL_DATA",
    "GDAL_DRIVER_PATH", "PROJ_LIB", "PROJ_DATA", "OSGEO4W_ROOT", "VIRTUAL_ENV", "CONDA_PREFIX",
))  # fmt: skip


def interpreter() -> Optional[Path]:
    """The program, None where there is none. Inside QGIS, `sys.executable` may be QGIS itself, or nothing."""
    own = Path(sys.executable or "")
    if own.stem.lower().startswith("python") and own.is_file():
        return own
    return next((path for path in _candidates(own) if path.is_file()), None)


def _candidates(own: Path) -> Iterator[Path]:
    homes = [Path(sys.exec_prefix), Path(sys.base_exec_prefix), *([own.parent] if own.name else [])]
    names = (f"python{sys.version_info[0]}.{sys.version_info[1]}", "python3", "python")
    for home in homes:
        for folder in (home, home / "bin"):
            yield from (folder / (f"{name}.exe" if os.name == "nt" else name) for name in names)


def environment(known: Mapping[str, str] = os.environ) -> Dict[str, str]:
    """What such a program needs to know of this one's environment."""
    found = {name: value for name, value in known.items() if name.upper() in _HANDED_ON or name.startswith("LC_")}
    return {**found, "USE_PATH_FOR_GDAL_PYTHON": "YES"}  # where libraries are found over PATH: Windows
