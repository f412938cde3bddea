"""Values that hold a key, a sign-in or an id of QGIS's authentication store: they never go into a preset."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Tuple

_TELLING = re.compile(
    r"\bauthcfg\b"  # a data source that names an entry of the authentication store
    r"|://[^/\s@]*:[^/\s@]*@"  # a sign-in inside an address
    r"|(?<![?&])[?&](?:x-amz-[a-z-]*(?:signature|credential|token)|x-goog-[a-z-]*(?:signature|credential)|sig|signature|(?:api|access|sub)[-_]?key"
    r"|apikey|key|token|access[-_]?token|password|passwd|pwd|secret|client[-_]?secret)=(?!=)"
    r"|\b(?:sk|pk)_live_\w|\bAKIA[0-9A-Z]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY|\bauthorization\s*:\s*(?:basic|bearer)\b",
    re.IGNORECASE,
)


def is_secretive(value: Any) -> bool:
    """Whether a value, or anything inside it, looks like something that must not be passed on."""
    if isinstance(value, str):
        return _TELLING.search(value) is not None
    if isinstance(value, Mapping):
        return any(is_secretive(key) or is_secretive(item) for key, item in value.items())
    return isinstance(value, (list, tuple)) and any(is_secretive(item) for item in value)


def without_secrets(values: Mapping[str, Any]) -> Tuple[Dict[str, Any], Tuple[str, ...]]:
    """The values that may be stored, and the names of those that were left out."""
    left_out = tuple(name for name, value in values.items() if is_secretive(name) or is_secretive(value))
    return {name: value for name, value in values.items() if name not in left_out}, left_out
