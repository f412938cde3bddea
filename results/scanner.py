"""Cuts GeoJSON into its features while it is read or still arriving, without parsing it."""

from __future__ import annotations

import re
from typing import List

import numpy as np

from .brackets import Brackets
from .errors import ResultError

_BEFORE_TEXT = b"\xef\xbb\xbf \t\r\n"
_FEATURES_KEY = re.compile(rb'"features"\s*:\s*$')
_COLLECTION = re.compile(rb'"type"\s*:\s*"FeatureCollection"')
_FEATURE = re.compile(rb'"type"\s*:\s*"Feature"')
_SHAPE = re.compile(rb'"geometry"\s*:\s*\{')
_TAIL = 200
_FRAME = 1 << 16  # of what stands before the features, where the text says what it is
_LARGEST_HEAD = 64 << 20
_OPEN_BRACE, _OPEN_BRACKET = b"{["

NOT_GEOJSON = "The result is not GeoJSON but something else, perhaps an error page or an archive. Fetch it again or save it as a file."
EMPTY = "The result is an empty file. Fetch it again."
CUT_SHORT = "The result is incomplete: it ends in the middle. Fetch it again."
DAMAGED = "The result is damaged: its text is not valid GeoJSON. Fetch it again."
NO_FEATURES = "The result is JSON but holds no features. Open the file in a text editor to see what the service sent."


class FeatureScanner:
    """Accepts a FeatureCollection, an array of features or one bare feature, in UTF-8, with members in any order.

    That there are no features is believed of a FeatureCollection only: from anything else it would be a wrong answer taken for "nothing
    was found". `feed` may be given blocks of any size; the features come out in order, as the bytes they were sent in.
    Memory: one block, and the feature that is still incomplete.
    """

    def __init__(self) -> None:
        self._brackets = Brackets()
        self._started = False
        self._complete = False
        self._held = b""  # backslashes whose meaning the next block decides
        self._tail = b""
        self._level = 0  # of the features' braces, 0 while no list of features is open
        self._listed = False  # a list of features was seen
        self._found = False  # with a feature in it
        self._frame = b""
        self._keeping = False
        self._kept: List[bytes] = []  # of the open feature; of the whole text until a list of features opens, and after an empty one
        self._kept_size = 0
        self._whole = b""

    def feed(self, block: bytes) -> List[bytes]:
        """The features completed by this block. Raises ResultError for anything that cannot be GeoJSON."""
        block = self._held + block
        text = block.rstrip(b"\\")
        self._held = block[len(text) :]
        if not self._started:
            text = self._begin(text)
        return self._scan(text) if text else []

    def finish(self) -> List[bytes]:
        """To be called after the last block: a bare feature comes out here. Raises ResultError for an incomplete text."""
        if not self._started:
            raise ResultError(EMPTY)
        if not self._complete or self._held:
            raise ResultError(CUT_SHORT)
        if not self._listed and _FEATURE.search(self._whole) and _SHAPE.search(self._whole):
            return [self._whole]
        if not self._found and not _COLLECTION.search(self._frame + b"".join(self._kept)):
            raise ResultError(NO_FEATURES)
        return []

    def _begin(self, text: bytes) -> bytes:
        text = text.lstrip(_BEFORE_TEXT)
        if text and text[0] not in b"{[":
            raise ResultError(NOT_GEOJSON)
        self._started = self._keeping = bool(text)
        return text

    def _scan(self, text: bytes) -> List[bytes]:
        where, levels, steps = self._brackets.feed(text)
        if len(levels) and levels.min() < 1:
            raise ResultError(DAMAGED)
        if self._level and len(levels) and levels.min() >= self._level:
            mine = levels == self._level
            return self._scan_inside(text, where[mine], steps[mine])
        shallow = np.flatnonzero(levels <= 3)
        found: List[bytes] = []
        start = end = 0
        for at, level, step in zip(where[shallow].tolist(), levels[shallow].tolist(), steps[shallow].tolist()):
            if step > 0:
                if self._opens_feature(text, at, level):
                    start = at
            elif self._closes_feature(text, at, level):
                found.append(self._release(text[start : at + 1]))
            if level == 1:
                self._check_end(step)
                end = at + 1
        if self._complete and text[end:].strip():
            raise ResultError(DAMAGED)
        self._keep(text[start:])
        self._tail = (self._tail + text)[-_TAIL:]
        return found

    def _scan_inside(self, text: bytes, where: np.ndarray, steps: np.ndarray) -> List[bytes]:
        """A block between whose ends the list of features stays open: only the features' own brackets are looked at."""
        starts, ends = where[steps > 0].tolist(), where[steps < 0].tolist()
        if any(text[start] != _OPEN_BRACE for start in starts):
            raise ResultError(NO_FEATURES)
        found: List[bytes] = []
        if self._keeping and ends:
            found.append(self._release(text[: ends.pop(0) + 1]))
        found += [text[start : end + 1] for start, end in zip(starts, ends)]
        if len(starts) > len(ends):
            self._keeping = True
        self._found = self._found or bool(starts)
        self._keep(text[starts[-1] :] if len(starts) > len(ends) else text)
        self._tail = (self._tail + text)[-_TAIL:]
        return found

    def _opens_feature(self, text: bytes, at: int, level: int) -> bool:
        """Notes what an opening bracket begins; True when the bytes from here on are a feature's."""
        if level == self._level:
            if text[at] != _OPEN_BRACE:
                raise ResultError(NO_FEATURES)
            self._keeping = self._found = True
            return True
        if not self._level and text[at] == _OPEN_BRACKET and (level == 1 or (level == 2 and self._is_features(text, at))):
            self._level = level + 1
            self._listed = True
            self._frame = b"".join([*self._kept, text[:at]])[-_FRAME:]
            self._forget()
        return False

    def _is_features(self, text: bytes, at: int) -> bool:
        return bool(_FEATURES_KEY.search(self._before(text, at)))

    def _before(self, text: bytes, at: int) -> bytes:
        return (self._tail + text[max(0, at - _TAIL) : at])[-_TAIL:]

    def _closes_feature(self, text: bytes, at: int, level: int) -> bool:
        if self._level and level == self._level - 1:
            self._level = 0
            if not self._found and self._before(text, at).rstrip()[-1:] not in (b"", b"["):
                raise ResultError(NO_FEATURES)
            self._keeping = not self._found
        return self._keeping and self._listed and level == self._level

    def _check_end(self, step: int) -> None:
        if self._complete:
            raise ResultError(DAMAGED)
        self._complete = step < 0

    def _release(self, last: bytes) -> bytes:
        feature = b"".join([*self._kept, last]) if self._kept else last
        self._forget()
        return feature

    def _forget(self) -> None:
        self._keeping = False
        self._kept = []
        self._kept_size = 0

    def _keep(self, piece: bytes) -> None:
        if not self._keeping:
            return
        self._kept.append(piece)
        self._kept_size += len(piece)
        if not self._level and self._kept_size > _LARGEST_HEAD:
            raise ResultError(NO_FEATURES)
        if self._complete and not self._listed:
            self._whole = b"".join(self._kept)
            self._forget()
