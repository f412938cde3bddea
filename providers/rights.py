"""What GDAL reads a folder of somebody's bucket with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping


@dataclass(frozen=True)
class Rights:
    """GDAL's options for everything below `path` (/vsis3/… or /vsigs/…, with a slash at its end).

    The options are as good as a key: they live in memory only, and no layer, project or log holds them. `end` tells that they do so
    after a while, and have to be asked for again.
    """

    path: str
    options: Mapping[str, str] = field(repr=False)
    end: bool = False
