"""What Sentinel Hub can be asked for."""

from __future__ import annotations

from .hub.form import PROCESS

TITLE = "Sentinel Hub"
OPERATIONS = (PROCESS,)
