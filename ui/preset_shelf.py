"""All presets at hand, those of the project first, and what can be done with them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence, Tuple, Union

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..presets.files import read_presets, write_presets
from ..presets.preset import LONGEST_NAME, Preset, PresetError
from .preset_profile import ProfilePresets
from .preset_project import ProjectPresets
from .session import Session
from .words import translate

PROJECT, PROFILE = "project", "profile"


@dataclass(frozen=True)
class Kept:
    """A preset and where it is kept; `key` is unique among all."""

    place: str
    identity: str
    preset: Preset

    @property
    def key(self) -> str:
        return f"{self.place}/{self.identity}"


class Shelf(QObject):
    """`changed` follows every change; `failed` carries a sentence about something that could not be done."""

    changed = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._stores: Dict[str, Union[ProjectPresets, ProfilePresets]] = {
            PROJECT: ProjectPresets(self), PROFILE: ProfilePresets(session, self),
        }  # fmt: skip
        for store in self._stores.values():
            store.changed.connect(self.changed)

    def kept(self, place: str = "") -> Tuple[Kept, ...]:
        """Every preset, or those of one place, in order."""
        places = (place,) if place else tuple(self._stores)
        return tuple(Kept(here, identity, preset) for here in places for identity, preset in self._stores[here].presets().items())

    def find(self, key: str) -> Optional[Kept]:
        return next((item for item in self.kept() if item.key == key), None)

    def refused(self) -> List[str]:
        """Sentences about what lies in the places of presets but is none."""
        return [sentence for store in self._stores.values() for sentence in store.refused()]

    def add(self, preset: Preset, place: str) -> Optional[Kept]:
        """Keep a new preset, under its name or, where that is taken, the name with a number."""
        named = replace(preset, name=self._free_name(preset.name, place))
        return self._put(named, place)

    def change(self, kept: Kept, preset: Preset) -> Optional[Kept]:
        """Put another preset in the place of one; those of a newer version stay as they are."""
        if kept.preset.newer is not None:
            return None
        return self._put(preset, kept.place, kept.identity)

    def rename(self, kept: Kept, name: str) -> Optional[Kept]:
        """Give a preset another name; taken and empty names are refused."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name == kept.preset.name or kept.preset.newer is not None:
            return kept
        if not name or name in self._names(kept.place):
            text = translate("Groundtrack", "There is already a preset called “{}” here.")
            self.failed.emit(text.format(name) if name else translate("Groundtrack", "A preset needs a name."))
            return None
        return self.change(kept, replace(kept.preset, name=name))

    def duplicate(self, kept: Kept) -> Optional[Kept]:
        return self.add(kept.preset, kept.place)

    def remove(self, kept: Kept) -> None:
        self._try(lambda: self._stores[kept.place].remove(kept.identity))

    def move(self, kept: Kept, steps: int) -> None:
        """Move a preset up (negative) or down among those of its place."""
        order = list(self._stores[kept.place].presets())
        old = order.index(kept.identity)
        new = max(0, min(len(order) - 1, old + steps))
        if new != old:
            order.insert(new, order.pop(old))
            self._stores[kept.place].arrange(order)

    def read_files(self, paths: Sequence[Path], place: str, then: Callable[[Tuple[Kept, ...], int], None]) -> None:
        """Add the presets of files, read by a worker, but none that is there word for word.

        `then` gets those of the files as they are kept now, and how many of them were there already.
        """

        def read() -> Tuple[Preset, ...]:
            return tuple(preset for path in paths for preset in read_presets(path))

        def take(presets: Tuple[Preset, ...]) -> None:
            before = {kept.key for kept in self.kept(place)}
            found = [self._same(preset, place) or self.add(preset, place) for preset in presets]
            kept = {item.key: item for item in found if item is not None}
            then(tuple(kept.values()), len(kept.keys() & before))

        self._session.work(self, read, take, self._fail)

    def write_file(self, path: Path, kept: Sequence[Kept], then: Callable[[], None]) -> None:
        """Write presets into one file, by a worker."""
        presets = [item.preset for item in kept]
        self._session.work(self, lambda: write_presets(path, presets), lambda _: then(), self._fail)

    def close_down(self) -> None:
        """Stop listening."""
        for store in self._stores.values():
            store.close_down()

    def _put(self, preset: Preset, place: str, identity: str = "") -> Optional[Kept]:
        done = self._try(lambda: self._stores[place].put(preset, identity))
        return Kept(place, done, preset) if done else None

    def _same(self, preset: Preset, place: str) -> Optional[Kept]:
        return next((kept for kept in self.kept(place) if kept.preset == preset), None)

    def _try(self, action: Callable[[], Optional[str]]) -> str:
        try:
            return action() or ""
        except PresetError as error:
            self._fail(error)
            return ""

    def _fail(self, error: Exception) -> None:
        self.failed.emit(str(error))

    def _names(self, place: str) -> Tuple[str, ...]:
        return tuple(preset.name for preset in self._stores[place].presets().values())

    def _free_name(self, name: str, place: str) -> str:
        taken, number, free = self._names(place), 1, name
        while free in taken:
            number += 1
            free = f"{name[: LONGEST_NAME - 6]} ({number})"
        return free


def added_words(found: Sequence[Kept], there: int, place: str) -> str:
    """What became of the presets of a file, of which so many were there already."""
    where = translate("Groundtrack", "project") if place == PROJECT else translate("Groundtrack", "profile")
    one, many = translate("Groundtrack", "“{}” was added to the {}."), translate("Groundtrack", "{} presets were added to the {}.")
    if len(found) == there:
        all_there = translate("Groundtrack", "All {} presets are in the {} already.").format(there, where)
        return translate("Groundtrack", "“{}” is in the {} already.").format(found[0].preset.name, where) if there == 1 else all_there
    if len(found) == 1:
        return one.format(found[0].preset.name, where)
    added = many.format(len(found) - there, where)
    return f"{added} {translate('Groundtrack', '{} were there already.').format(there)}" if there else added
