"""What an evalscript promises: the inputs, outputs and mosaicking that its `setup()` returns. No script is ever run.

Only literals are understood, as nearly every script writes them; a script that computes them may be fine and cannot be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

SAMPLE_TYPES = ("INT8", "UINT8", "INT16", "UINT16", "FLOAT32", "AUTO")
MOSAICKINGS = ("SIMPLE", "ORBIT", "TILE")
BYTES = {"INT8": 1, "UINT8": 1, "AUTO": 1, "INT16": 2, "UINT16": 2, "FLOAT32": 4}
FREE_BAND = "dataMask"

# a text, or a comment
_TEXT_OR_COMMENT = re.compile(r"(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/", re.DOTALL)
_SETUP = re.compile(r"\bfunction\s+setup\s*\(|\bsetup\s*=\s*(?:function\s*)?\(")
_TOKEN = re.compile(
    r"\s*(?:(?P<text>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\$])*`)"
    r"|(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<word>-?[A-Za-z_$][\w$.]*)|(?P<sign>[\[\]{}:,]))"
)
_WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "Infinity": None, "-Infinity": None}


class ScriptError(ValueError):
    """One sentence that says what is wrong with a script."""


class Unreadable(ScriptError):
    """The script may be fine, but its `setup()` is not written as plain values."""


@dataclass(frozen=True)
class Input:
    """Bands of one data source; `source` is the id the script knows it by, "" without one."""

    bands: Tuple[str, ...]
    source: str = ""


@dataclass(frozen=True)
class Output:
    """One output. `nodata` None where the script gives none."""

    name: str = "default"
    bands: int = 1
    sample_type: str = "AUTO"
    nodata: Optional[float] = None

    @property
    def is_float(self) -> bool:
        return self.sample_type == "FLOAT32"

    @property
    def bytes_per_pixel(self) -> int:
        return self.bands * BYTES[self.sample_type]


@dataclass(frozen=True)
class Setup:
    """What `setup()` returns; `notes` tells whether the script also fills in `userdata`."""

    inputs: Tuple[Input, ...]
    outputs: Tuple[Output, ...]
    mosaicking: str = "SIMPLE"
    notes: bool = False

    @property
    def paid_bands(self) -> int:
        """Input bands that count: all but dataMask, which counts only when it is alone."""
        bands = [band for item in self.inputs for band in item.bands]
        return max(1, sum(band != FREE_BAND for band in bands))


def read(script: str) -> Setup:
    """What a script promises. Raises ScriptError for what the service would refuse, Unreadable when it cannot be told."""
    if not re.match(r"\s*//\s*VERSION\s*=\s*3\b", script.lstrip("\ufeff")):
        raise ScriptError("The script must begin with the line //VERSION=3.")
    code = _TEXT_OR_COMMENT.sub(lambda match: match.group(1) or " ", script)
    start = _SETUP.search(code)
    if start is None:
        raise ScriptError("The script has no function setup().")
    if not re.search(r"\bevaluatePixel\b", code):
        raise ScriptError("The script has no function evaluatePixel().")
    told = _returned(code[start.end() :])
    if not isinstance(told, dict) or "input" not in told or "output" not in told:
        raise ScriptError("setup() must return an object with input and output.")
    outputs = tuple(_output(item) for item in _many(told["output"]))
    if not outputs or len({output.name for output in outputs}) < len(outputs):
        raise ScriptError("The outputs in setup() must have different ids.")
    notes = bool(re.search(r"\bupdateOutputMetadata\b", code))
    return Setup(_inputs(_many(told["input"])), outputs, _mosaicking(told), notes)


def _returned(rest: str) -> Any:
    found = re.search(r"\breturn\s*\(?\s*(?=\{)|=>\s*\(\s*(?=\{)", rest)
    if found is None:
        raise Unreadable("setup() is not written as plain values, so its inputs and outputs cannot be checked.")
    return _Reader(rest[found.end() :]).value()


def _many(value: Any) -> List[Any]:
    return value if isinstance(value, list) else [value]


def _inputs(items: List[Any]) -> Tuple[Input, ...]:
    if items and all(isinstance(item, str) for item in items):
        return (Input(tuple(items)),)
    found = []
    for item in items:
        bands = item.get("bands") if isinstance(item, dict) else None
        if not isinstance(bands, list) or not bands or not all(isinstance(band, str) for band in bands):
            raise ScriptError("An input in setup() must be a list of band names.")
        found.append(Input(tuple(bands), str(item.get("datasource") or "")))
    if not found:
        raise ScriptError("setup() names no input bands.")
    return tuple(found)


def _output(item: Any) -> Output:
    bands = item.get("bands") if isinstance(item, dict) else None
    if not isinstance(bands, int) or isinstance(bands, bool) or bands < 1:
        raise ScriptError("An output in setup() must say how many bands it has.")
    kind = str(item.get("sampleType") or "AUTO").upper()
    if kind not in SAMPLE_TYPES:
        raise ScriptError(f"The sampleType {kind} is not one of {', '.join(SAMPLE_TYPES)}.")
    nodata = item.get("nodataValue")
    return Output(str(item.get("id") or "default"), bands, kind, float(nodata) if isinstance(nodata, (int, float)) else None)


def _mosaicking(told: Dict[str, Any]) -> str:
    given = [item.get("mosaicking") for item in _many(told["input"]) if isinstance(item, dict)]
    word = str(told.get("mosaicking") or next((item for item in given if item), "SIMPLE")).upper()
    if word not in MOSAICKINGS:
        raise ScriptError(f"The mosaicking {word} is not one of {', '.join(MOSAICKINGS)}.")
    return word


class _Reader:
    """Values of JavaScript at the start of a text: objects, lists, texts, numbers, words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self) -> Any:
        kind, part = self._take()
        if kind == "text":
            return re.sub(r"\\(.)", r"\1", part[1:-1])
        if kind == "number":
            return float(part) if re.search(r"[.eE]", part) else int(part)
        if kind == "word":
            return self._word(part)
        if part == "{":
            return self._object()
        if part == "[":
            return self._list()
        raise self._lost()

    def _word(self, word: str) -> Any:
        if word in _WORDS:
            return _WORDS[word]
        owner, _, name = word.rpartition(".")
        if owner in ("SampleType", "Mosaicking"):
            return name
        raise self._lost()

    def _object(self) -> Dict[str, Any]:
        members: Dict[str, Any] = {}
        while True:
            kind, part = self._take()
            if part == "}" and kind == "sign":
                return members
            if kind == "sign" or self._take() != ("sign", ":"):
                raise self._lost()
            members[part[1:-1] if kind == "text" else part] = self.value()
            if self._ends("}"):
                return members

    def _list(self) -> List[Any]:
        items: List[Any] = []
        while True:
            here = self._at
            if self._take() == ("sign", "]"):
                return items
            self._at = here
            items.append(self.value())
            if self._ends("]"):
                return items

    def _ends(self, bracket: str) -> bool:
        part = self._take()
        if part not in (("sign", ","), ("sign", bracket)):
            raise self._lost()
        return part == ("sign", bracket)

    def _take(self) -> Tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None:
            raise self._lost()
        self._at = match.end()
        return str(match.lastgroup), match.group(str(match.lastgroup))

    def _lost(self) -> Unreadable:
        return Unreadable("setup() is not written as plain values, so its inputs and outputs cannot be checked.")
