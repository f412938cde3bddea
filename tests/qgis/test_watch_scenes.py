"""A watch that looks for new scenes, and the run that follows from one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from qgis.core import Qgis
from qgis.PyQt.QtWidgets import QPushButton
from simulator import Simulator
from support.docks import add_account, wait
from support.watches import SHAPE, Clock, watch, watcher

LONG = 30_000  # ms
OLD = "sentinel-2:S2A_MSIL2A_20250504T103021_N0511_R108_T32UPU_20250504T142210"


@pytest.fixture
def clock() -> Clock:
    return Clock(time.time())


@pytest.fixture
def looking(session: Any, simulator: Simulator, tmp_path: Path, clock: Clock) -> Iterator[Any]:
    add_account(session, simulator.astra.url, "Fields", "astra", simulator.astra.key)
    made = watcher(session, tmp_path, clock)
    yield made
    made.close_down()


def scenes_watch(looking: Any, operation: str, **values: Any) -> Any:
    from groundtrack.aoi import Aoi
    from groundtrack.presets.preset import FIXED, AreaRule, Preset

    ring = tuple((x + 7.5, y - 3.6) for x, y in SHAPE[0][0])
    preset = Preset("Fields", "astra", operation, "Fields", values, AreaRule(FIXED, shapes=(Aoi(((ring,),)),)))
    known = {"kind": "scenes", "search_account": "astra/Fields", "collections": ("sentinel-2-l2a",), "unit": "runs", "price": None}
    return watch(preset=preset, since=looking.now(), **known)


def settle(looking: Any, qtbot: Any, clock: Clock, hours: float = 0) -> None:
    clock.hours(hours)
    with qtbot.waitSignal(looking.changed, timeout=LONG):
        looking.look()
    wait(qtbot, lambda: not looking._busy, LONG)
    with qtbot.waitSignal(looking.changed, timeout=LONG):
        looking.look()


def test_the_first_look_is_no_news_and_a_newer_scene_is(looking: Any, session: Any, clock: Clock, qtbot: Any) -> None:
    looking.store.put(scenes_watch(looking, "ndvi"))
    settle(looking, qtbot, clock)
    assert looking.news == []
    newest = looking.states[0].newest
    assert looking.states[0].outcome.startswith("Newest scene: 20")
    settle(looking, qtbot, clock, 12)
    assert looking.news == []
    looking.store.saw("w1", f"2025-05-04T10:30:21Z {OLD}")
    settle(looking, qtbot, clock, 12)
    assert [news.offer for news in looking.news] == [True]
    assert looking.news[0].text.startswith("New scene: 20")
    assert looking.states[0].newest == f"{newest.split(' ')[0]} {newest.split(' ')[1]} {OLD}"
    assert session.jobs == {}
    assert looking.states[0].spent == 0.0


def test_run_now_takes_the_new_scene(looking: Any, session: Any, qgis_iface: Any, clock: Clock, qtbot: Any) -> None:
    from groundtrack.ui.watch_notices import WatchNotices

    notices = WatchNotices(looking, qgis_iface)
    looking.store.put(scenes_watch(looking, "ndvi"))
    looking.store.saw("w1", f"2025-05-04T10:30:21Z {OLD}")
    settle(looking, qtbot, clock)
    item = qgis_iface.messageBar().currentItem()
    assert item.level() == Qgis.MessageLevel.Info
    button = item.findChild(QPushButton)
    assert button.text() == "Run Now"
    button.click()
    wait(qtbot, lambda: session.jobs, LONG)
    job = next(iter(session.jobs.values()))
    assert tuple(job.asked().values["scene_ids"]) == (looking.states[0].newest.split(" ")[1],)
    wait(qtbot, lambda: not looking._busy, LONG)
    settle(looking, qtbot, clock)
    assert looking.states[0].spent == 1.0
    assert qgis_iface.messageBar().currentItem().findChild(QPushButton).text() == "Show Jobs"
    notices.close_down()


def test_a_change_task_gets_the_scene_before_and_the_new_one(looking: Any, session: Any, clock: Clock, qtbot: Any) -> None:
    looking.store.put(scenes_watch(looking, "change_detection"))
    looking.store.saw("w1", f"2025-05-04T10:30:21Z {OLD}")
    settle(looking, qtbot, clock)
    looking.run_now(looking.states[0])
    wait(qtbot, lambda: looking.news[1:], LONG)
    wait(qtbot, lambda: not looking._busy, LONG)
    if session.jobs:
        scenes = tuple(next(iter(session.jobs.values())).asked().values["scene_ids"])
        assert scenes == (OLD, looking.states[0].newest.split(" ")[1])
    else:  # the two are of different places, which is said
        assert "Nothing was sent" in looking.news[1].text


def test_what_a_new_scene_will_fill_in_is_no_complaint(looking: Any, session: Any, qtbot: Any) -> None:
    from groundtrack.ui.watch_dialog import WatchDialog

    dialog = WatchDialog(session, scenes_watch(looking, "ndvi"), looking.now())
    qtbot.addWidget(dialog)
    dialog.show()
    wait(qtbot, lambda: "Looking costs nothing" in dialog.price.text(), LONG)
    assert dialog.complaint.text() == ""
    assert dialog.on_button.isEnabled()
    dialog.kind.setCurrentIndex(dialog.kind.findData("run"))
    assert "Scene is missing" in dialog.complaint.text()
    dialog.reject()


def test_the_latest_note_of_a_watch_takes_the_place_of_the_one_before(looking: Any, qgis_iface: Any) -> None:
    from groundtrack.presets.watch_store import WatchState
    from groundtrack.ui.watch_notices import WatchNotices
    from groundtrack.ui.watcher import WatchNews

    notices, bar = WatchNotices(looking, qgis_iface), qgis_iface.messageBar()
    watch = scenes_watch(looking, "ndvi")
    for text in ("Nothing was sent: it would be refused.", "Nothing was sent: the balance is too low."):
        looking.told.emit(WatchNews(WatchState(watch), text, bad=True))
    looking.told.emit(WatchNews(WatchState(replace(watch, id="another")), "1 job was sent."))
    assert [len(bar.items()), *("1 job was sent" in item.text() for item in bar.items())] == [2, True, False]
    assert "the balance is too low" in bar.items()[1].text()
    notices.close_down()
