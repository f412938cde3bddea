"""Reads what an evalscript's setup() promises: bands in, outputs, mosaicking. No script is ever run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"""\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"""
                   r"""|([A-Za-z_$][\w$.]*)|([-\[\]{}:,()]))""")
COMMENTS = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL)
SETUP = re.compile(r"(?:function\s+setup\s*\(\s*\)|\bsetup\s*=\s*(?:function\s*\(\s*\)|\(\s*\)\s*=>))")
WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": float("nan"), "Number.NaN": float("nan"),
         "Infinity": float("inf")}
SAMPLE_TYPES = ("INT8", "UINT8", "INT16", "UINT16", "FLOAT32", "AUTO")
MOSAICKING = ("SIMPLE", "ORBIT", "TILE")


@dataclass(frozen=True)
class Input:
    """Bands wanted from one data source."""

    bands: tuple[str, ...]
    datasource: str = ""


@dataclass(frozen=True)
class Output:
    """One output of the script; `nodata` None without one."""

    identifier: str
    bands: int
    sample_type: str
    nodata: float | None


@dataclass(frozen=True)
class Setup:
    """What setup() returns, and the text of the whole script without comments."""

    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    mosaicking: str
    text: str

    @property
    def bands(self) -> list[str]:
        """All bands wanted, in order."""
        return [band for one in self.inputs for band in one.bands]


def read(script: str) -> Setup:
    """What a script promises; raises ValueError saying what is wrong with it."""
    if not re.match(r"\s*//\s*VERSION\s*=\s*3\b", script):
        raise ValueError("the script must begin with //VERSION=3")
    text = COMMENTS.sub(lambda match: match.group(1) or " ", script)
    found = SETUP.search(text)
    if found is None:
        raise ValueError("the script has no function setup()")
    if not re.search(r"\bevaluatePixel\b", text):
        raise ValueError("the script has no function evaluatePixel()")
    rest = text[found.end():]
    start = re.search(r"\breturn\b|\(\s*(?=\{)", rest)
    if start is None:
        raise ValueError("setup() returns nothing")
    told = Literal(rest[start.end():]).value()
    if not isinstance(told, dict) or "input" not in told or "output" not in told:
        raise ValueError("setup() must return an object with input and output")
    outputs = tuple(_output(item) for item in _list(told["output"]))
    if len({output.identifier for output in outputs}) < len(outputs):
        raise ValueError("output ids must be unique")
    return Setup(_inputs(_list(told["input"])), outputs, _mosaicking(told), text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _inputs(items: list[Any]) -> tuple[Input, ...]:
    if items and all(isinstance(item, str) for item in items):
        return (Input(tuple(items)),)
    if not items or not all(isinstance(item, dict) and item.get("bands") for item in items):
        raise ValueError("input must be band names or objects with bands")
    return tuple(Input(tuple(item["bands"]), str(item.get("datasource", ""))) for item in items)


def _output(item: Any) -> Output:
    if not isinstance(item, dict) or not isinstance(item.get("bands"), int) or item["bands"] < 1:
        raise ValueError("an output must be an object with a number of bands")
    kind = item.get("sampleType", "AUTO")
    if kind not in SAMPLE_TYPES:
        raise ValueError(f"sampleType must be one of {', '.join(SAMPLE_TYPES)}, not {kind}")
    nodata = item.get("nodataValue")
    return Output(str(item.get("id", "default")), item["bands"], kind, None if nodata is None else float(nodata))


def _mosaicking(told: dict[str, Any]) -> str:
    given = [item["mosaicking"] for item in _list(told["input"]) if isinstance(item, dict) and "mosaicking" in item]
    word = str(told.get("mosaicking", given[0] if given else "SIMPLE"))
    if word not in MOSAICKING:
        raise ValueError(f"mosaicking must be one of {', '.join(MOSAICKING)}, not {word}")
    return word


class Literal:
    """A JavaScript literal at the start of a text: objects, arrays, strings, numbers, words."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def value(self) -> Any:
        """The next value; raises ValueError when it is not a literal."""
        string, number, word, sign = self._next()
        if string is not None:
            return string[1:-1]
        if number is not None:
            return float(number) if re.search(r"[.eE]", number) else int(number)
        if word is not None:
            return self._word(word)
        if sign == "{":
            return dict(self._members())
        if sign == "[":
            return list(self._items())
        if sign == "-":
            return -self.value()
        raise ValueError(f"setup() cannot be read at {sign!r}")

    def _word(self, word: str) -> Any:
        if word in WORDS:
            return WORDS[word]
        if word.split(".", 1)[0] in ("SampleType", "Mosaicking") and "." in word:
            return word.split(".")[1]
        raise ValueError(f"setup() cannot be read: what is {word}?")

    def _members(self) -> Any:
        while True:
            string, number, word, sign = self._next()
            if sign == "}":
                return
            name = string[1:-1] if string is not None else word or number
            if name is None or self._next()[3] != ":":
                raise ValueError("setup() cannot be read: a name and a colon are expected")
            yield name, self.value()
            if self._closes("}"):
                return

    def _items(self) -> Any:
        while True:
            before = self._at
            if self._next()[3] == "]":
                return
            self._at = before
            yield self.value()
            if self._closes("]"):
                return

    def _closes(self, bracket: str) -> bool:
        sign = self._next()[3]
        if sign not in (",", bracket):
            raise ValueError(f"setup() cannot be read: , or {bracket} is expected")
        return sign == bracket

    def _next(self) -> tuple[Any, Any, Any, Any]:
        match = TOKEN.match(self._text, self._at)
        if match is None:
            raise ValueError("setup() cannot be read")
        self._at = match.end()
        string, number, word, sign = match.groups()
        return string, number, word, sign
