"""Uploads written down: durable, told of only when nobody carries them on, whatever else lies in the folder."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
from groundtrack.jobs.upload_notes import Note, UploadNotes

NOTE = Note("a1", "mapflow/Harbour", "m1", "Pier", "/data/pier_01.tif", 5, ("x", "y"), 1000.0)


@pytest.fixture
def notes(tmp_path: Path) -> UploadNotes:
    return UploadNotes(tmp_path / "uploads")


def age(folder: Path, identity: str, seconds: float = 600.0) -> None:
    os.utime(folder / "uploads" / f"{identity}.json", (time.time() - seconds,) * 2)


def test_without_a_folder_there_is_nothing(notes: UploadNotes) -> None:
    assert notes.left_behind() == ()
    notes.touch("a1")
    notes.drop("a1")


def test_only_what_shows_no_sign_of_life_is_told_of(notes: UploadNotes, tmp_path: Path) -> None:
    notes.write(NOTE)
    assert notes.left_behind() == ()
    age(tmp_path, "a1")
    assert notes.left_behind() == (NOTE,)
    notes.touch("a1")
    assert notes.left_behind() == ()


def test_they_come_in_order_and_go_for_good(notes: UploadNotes, tmp_path: Path) -> None:
    for note in (NOTE, replace(NOTE, id="b2", began=10.0)):
        notes.write(note)
        age(tmp_path, note.id)
    assert [note.id for note in notes.left_behind()] == ["b2", "a1"]
    notes.drop("b2")
    assert [note.id for note in notes.left_behind()] == ["a1"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"id": 3}', '{"known": null}'])
def test_what_is_no_note_is_passed_over(notes: UploadNotes, tmp_path: Path, text: str) -> None:
    notes.write(NOTE)
    (tmp_path / "uploads" / "z9.json").write_text(text)
    for identity in ("a1", "z9"):
        age(tmp_path, identity)
    assert notes.left_behind() == (NOTE,)
