"""A throw-away home, profile and environment for the whole test run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
from pathlib import Path

# Nothing listens there: programs that heed proxies (curl inside GDAL and QGIS) cannot get out.
DEAD_PROXY = "http://127.0.0.1:9"
FOREIGN_PREFIXES = ("GROUNDTRACK_", "AWS_", "GOOGLE_", "CPL_", "GDAL_", "GS_")


def enter_sandbox() -> Path:
    """Point every per-user location to a new temporary folder, removed at exit, and return it."""
    home = Path(tempfile.mkdtemp(prefix="groundtrack-test-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES):
            del os.environ[name]
    for folder in ("config", "cache", "data", "run", "auth", "tmp"):
        (home / folder).mkdir(mode=0o700)
    os.environ.update(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / "config"),
        XDG_CACHE_HOME=str(home / "cache"),
        XDG_DATA_HOME=str(home / "data"),
        XDG_RUNTIME_DIR=str(home / "run"),
        QGIS_CUSTOM_CONFIG_PATH=str(home / "config" / "qgis"),
        QGIS_AUTH_DB_DIR_PATH=str(home / "auth"),
        AWS_EC2_METADATA_DISABLED="true",
        LC_ALL="C.UTF-8",
        TZ="UTC",
    )
    time.tzset()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ[scheme] = DEAD_PROXY
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = "127.0.0.1,localhost,::1"
    return home
