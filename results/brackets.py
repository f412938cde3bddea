"""The brackets of a JSON text that arrives in blocks: where they are and how deep they nest, strings respected.

numpy looks at a block as a whole, so that no long loop and no parse of the text ever holds the interpreter.
"""

from __future__ import annotations

from typing import Tuple

import numpy as np

_QUOTE, _BACKSLASH = b'"\\'
_DIFFERENT, _SAME = 0x26, 0x7F  # bits in which brackets differ, and what is left of them then (and of a few letters)
_STEP = np.zeros(256, np.int8)
_STEP[list(b"{[")] = 1
_STEP[list(b"}]")] = -1


class Brackets:
    """Fed with consecutive blocks; remembers between them whether a string is open and how deep the text nests.

    A block may be cut anywhere except after a backslash.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.in_string = False

    def feed(self, block: bytes) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(position in the block, level, +1 or -1) of each bracket outside strings; both brackets of a pair have one level, 1 outermost."""
        text = np.frombuffer(block, np.uint8)
        quotes = _unescaped_quotes(text)
        where = np.flatnonzero((text | _DIFFERENT) == _SAME)
        where = where[_STEP[text[where]] != 0]
        quotes_before = np.searchsorted(quotes, where) + int(self.in_string)
        where = where[quotes_before % 2 == 0]
        steps = _STEP[text[where]]
        depths = self.depth + np.cumsum(steps, dtype=np.int64)
        if len(depths):
            self.depth = int(depths[-1])
        self.in_string ^= bool(len(quotes) % 2)
        return where, depths + (steps < 0), steps


def _unescaped_quotes(text: np.ndarray) -> np.ndarray:
    quotes = np.flatnonzero(text == _QUOTE)
    slashes = np.flatnonzero(text == _BACKSLASH)
    if not len(slashes):
        return quotes
    breaks = np.flatnonzero(np.diff(slashes) > 1)
    first = slashes[np.concatenate(([0], breaks + 1))]
    last = slashes[np.concatenate((breaks, [len(slashes) - 1]))]
    escaped = last[(last - first) % 2 == 0] + 1
    return np.setdiff1d(quotes, escaped, assume_unique=True)
