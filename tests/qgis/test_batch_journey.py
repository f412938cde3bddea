"""One job for each feature of a layer: from the form over a budget, a pause and a failure to one layer with the features' ids."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from groundtrack.jobs.group import Hold, Standing, latest, new_group, standing
from groundtrack.jobs.job import State
from groundtrack.presets.preset import from_dict
from groundtrack.ui import batch_header as deeds
from groundtrack.ui.area_row import LAYER, SELECTION
from groundtrack.ui.batch_words import hold_words, progress_words
from groundtrack.ui.words import DAY
from qgis.core import QgsFeature, QgsField, QgsGeometry, QgsProject, QgsVectorLayer, edit
from qgis.PyQt.QtCore import QVariant
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from qgis.PyQt.QtXml import QDomDocument
from simulator import Simulator
from support.docks import squares, texts, wait
from support.presets import apply, entries, save, ship_preset

LONG = 40_000  # ms; only waited for when something is wrong


def harbours(count: int, name: str = "harbours", size: float = 0.05) -> QgsVectorLayer:
    """Squares with names, in the project."""
    layer = squares(count, name, size)
    with edit(layer):
        layer.addAttribute(QgsField("name", QVariant.String))
        layer.addAttribute(QgsField("kind", QVariant.String))
        layer.updateFields()
        for number, feature in enumerate(layer.getFeatures()):
            layer.changeAttributeValue(feature.id(), layer.fields().indexOf("name"), f"harbour {number}")
            layer.changeAttributeValue(feature.id(), layer.fields().indexOf("kind"), "port")
    return layer


def each_feature(dock: Any, qtbot: Any, layer: QgsVectorLayer, field: str = "name", budget: float = 0.0) -> Any:
    """The form for one job for each feature of the layer, checked."""
    page = dock.new_job
    dock.tabs.setCurrentWidget(dock.first_tab)
    page.form.input("date").set_value("2026-05-04")
    page.area.layer_box.setLayer(layer)
    page.area.set_source(LAYER)
    page.area.batch.set_each(True)
    page.area.batch.id_box.setField(field)
    page.area.batch.budget_box.setValue(budget)
    checked(page, qtbot)
    return page


def checked(page: Any, qtbot: Any) -> None:
    wait(qtbot, lambda: page.checker.verdict is not None, LONG)


def priced(page: Any, qtbot: Any) -> None:
    wait(qtbot, lambda: page.price.cost is not None, LONG)


def run(dock: Any, qtbot: Any) -> Any:
    """Press the button; returns the group."""
    known = set(dock._session.groups)
    dock.new_job.run()
    wait(qtbot, lambda: set(dock._session.groups) - known, LONG)
    return dock._session.groups[(set(dock._session.groups) - known).pop()]


def stands(dock: Any, group: Any) -> Any:
    return standing(dock._session.groups[group.id], dock._session.jobs.values())


def members(dock: Any, group: Any) -> list[Any]:
    return [job for job in dock._session.jobs.values() if job.group == group.id]


def header(dock: Any, qtbot: Any, group: Any) -> Any:
    wait(qtbot, lambda: group.id in dock.jobs_page.batches.headers, LONG)
    return dock.jobs_page.batches.headers[group.id]


@pytest.fixture
def fast(simulator: Simulator) -> Simulator:
    simulator.clock.speed = 3000.0
    simulator.sateais.settings.rate_limit = False
    simulator.sateais.settings.link_seconds = 1e6
    simulator.sateais.settings.plan.run_time = 300.0
    return simulator


def test_the_choice_is_there_only_where_a_layer_has_several_polygons(dock: Any, qtbot: Any) -> None:
    page, one, many = dock.new_job, squares(1, "one"), squares(3, "many")
    page.area.layer_box.setLayer(one)
    page.area.set_source(LAYER)
    assert not page.area.batch.isVisible()
    page.area.layer_box.setLayer(many)
    assert page.area.batch.isVisible()
    assert not page.area.batch.id_box.isVisible()  # one job for all, as long as nothing else is chosen
    checked(page, qtbot)
    assert len(page.checker.verdict.requests) == 1
    page.area.batch.set_each(True)
    checked(page, qtbot)
    assert (len(page.checker.verdict.requests), page.area.batch.id_box.isVisible()) == (3, True)
    assert "3 features, one by one" in texts(page.area)
    assert "each at most 1 polygon" in texts(page.area)  # not all three together
    many.select([1, 2])
    page.area.set_source(SELECTION)
    checked(page, qtbot)
    assert len(page.checker.verdict.requests) == 2
    many.select([1])
    many.removeSelection()


def test_ids_that_do_not_tell_the_features_apart_are_refused(dock: Any, qtbot: Any) -> None:
    layer = harbours(3)
    page = each_feature(dock, qtbot, layer, "kind")
    assert "does not tell the features apart: several have “port”" in texts(dock)
    assert not page.foot.run_button.isEnabled()
    with edit(layer):
        layer.changeAttributeValue(1, layer.fields().indexOf("name"), None)
    page.area.batch.id_box.setField("name")
    wait(qtbot, lambda: "is empty in 1 feature" in texts(dock), LONG)
    page.area.batch.id_box.setField("")
    wait(qtbot, lambda: page.checker.verdict is not None and page.checker.verdict.members == ("1", "2", "3"), LONG)


def test_a_feature_without_a_shape_is_not_left_out_in_silence(dock: Any, qtbot: Any) -> None:
    layer = harbours(2)
    layer.dataProvider().addFeatures([QgsFeature(layer.fields())])
    each_feature(dock, qtbot, layer, "")
    assert "Without a shape: 3" in texts(dock)


def test_a_cure_goes_for_every_feature_that_needs_it(dock: Any, qtbot: Any) -> None:
    layer = harbours(3)
    double = "MultiPolygon(((3 53, 3.1 53, 3.1 53.1, 3 53)), ((4 53, 4.1 53, 4.1 53.1, 4 53)))"
    layer.dataProvider().changeGeometryValues({2: QgsGeometry.fromWkt(double)})
    page = each_feature(dock, qtbot, layer)
    assert "Feature harbour 1: The area has 2 parts" in texts(page.foot)
    page.foot.problems.repair_wanted.emit("parts", 0)
    wait(qtbot, lambda: page.checker.verdict is not None and len(page.checker.verdict.requests) == 4, LONG)
    assert page.checker.verdict.members == ("harbour 0", "harbour 1\x1f1", "harbour 1\x1f2", "harbour 2")
    assert not page.checker.verdict.errors


def test_from_the_form_to_one_layer_with_the_ids(dock: Any, qtbot: Any, fast: Simulator) -> None:
    layer = harbours(14)
    page = each_feature(dock, qtbot, layer, budget=50.0)
    priced(page, qtbot)
    assert "worked out from 5 of 14 jobs" in texts(page.foot)
    assert page.foot.run_button.text() == "Run 14 Jobs"
    group = run(dock, qtbot)
    assert (group.title, group.budget, group.unit, group.id_field) == ("harbours – Ships", 50.0, "credits", "name")
    wait(qtbot, lambda: stands(dock, group).done == 14, LONG)
    assert {job.member for job in members(dock, group)} == {f"harbour {number}" for number in range(14)}
    assert len(fast.sateais.jobs) == 14
    shown = header(dock, qtbot, group)
    wait(qtbot, lambda: "14 of 14 done" in texts(shown), LONG)
    assert "of 50 credits" in texts(shown)
    assert len(QgsProject.instance().mapLayers()) == 1  # nobody wants fourteen layers
    shown.deeds[deeds.MERGE].trigger()
    wait(qtbot, lambda: len(QgsProject.instance().mapLayers()) == 2, LONG)
    merged = next(found for found in QgsProject.instance().mapLayers().values() if found is not layer)
    ids = Counter(feature["feature_id"] for feature in merged.getFeatures())
    assert set(ids) <= {f"harbour {number}" for number in range(14)}
    assert len(ids) > 5
    assert QgsProject.instance().layerTreeRoot().findGroup(group.title).findLayer(merged.id())
    shown.deeds[deeds.JOIN].trigger()
    wait(qtbot, lambda: len(QgsProject.instance().mapLayers()) == 3, LONG)
    joined = next(found for found in QgsProject.instance().mapLayers().values() if found.name() == "harbours with results")
    found = {feature["name"]: (feature["job_state"], feature["job_found"]) for feature in joined.getFeatures()}
    assert {state for state, _ in found.values()} <= {"Downloaded", "Loaded"}
    assert {name: number for name, (_, number) in found.items() if number} == dict(ids)
    costs = [feature["job_cost"] for feature in joined.getFeatures()]
    assert sum(costs) == pytest.approx(sum(job.credits for job in fast.sateais.jobs.values()))


def test_a_small_batch_comes_by_itself_into_one_group_of_layers(dock: Any, qtbot: Any, fast: Simulator) -> None:
    each_feature(dock, qtbot, harbours(3))
    group = run(dock, qtbot)
    wait(qtbot, lambda: all(job.state is State.LOADED for job in members(dock, group)), LONG)
    nodes = QgsProject.instance().layerTreeRoot().findGroup(group.title).findLayers()
    assert sorted(node.name().partition(" · ")[0] for node in nodes) == ["harbour 0", "harbour 1", "harbour 2"]
    found = {feature["feature_id"] for node in nodes for feature in node.layer().getFeatures()}
    assert found <= {"harbour 0", "harbour 1", "harbour 2"}


def test_the_dock_says_where_the_budget_ends_and_takes_a_higher_one(dock: Any, qtbot: Any, fast: Simulator) -> None:
    page = each_feature(dock, qtbot, harbours(6), budget=0.5)
    priced(page, qtbot)
    group = run(dock, qtbot)
    wait(qtbot, lambda: stands(dock, group).hold is Hold.BUDGET and not stands(dock, group).at_work, LONG)
    assert sum(job.credits for job in fast.sateais.jobs.values()) <= 0.5
    shown = header(dock, qtbot, group)
    wait(qtbot, lambda: "The budget ends here" in texts(shown), LONG)
    assert shown.main_button.defaultAction() is shown.deeds[deeds.BUDGET]
    shown.deeds[deeds.BUDGET].trigger()
    wait(qtbot, lambda: QApplication.activeModalWidget() or dock.findChild(object, "GroundtrackBudgetDialog"))
    dialog = dock.findChild(object, "GroundtrackBudgetDialog")
    assert "So far: " in texts(dialog)
    dialog.budget.setValue(20.0)
    dialog.accept()
    wait(qtbot, lambda: stands(dock, group).done == 6, LONG)
    assert len(fast.sateais.jobs) == 6


def test_a_batch_that_ended_stays_above_the_table_until_the_next_day(dock: Any, qtbot: Any, fast: Simulator) -> None:
    each_feature(dock, qtbot, harbours(2))
    first = run(dock, qtbot)
    wait(qtbot, lambda: stands(dock, first).over, LONG)
    each_feature(dock, qtbot, harbours(2, "ports", 0.04))
    second, panel = run(dock, qtbot), dock.jobs_page.batches
    wait(qtbot, lambda: stands(dock, second).over, LONG)
    dock.jobs_page.table.clearSelection()
    wait(qtbot, lambda: list(panel.headers) == [second.id], LONG)
    assert panel.headers[second.id].main_button.defaultAction() is panel.headers[second.id].deeds[deeds.MERGE]
    panel._clock = lambda: time.time() + 30 * DAY
    panel.refresh()
    assert panel.headers == {}


def test_what_cannot_be_read_is_looked_at_again_from_the_batch(dock: Any, qtbot: Any, fast: Simulator) -> None:
    each_feature(dock, qtbot, harbours(2))
    group = run(dock, qtbot)
    wait(qtbot, lambda: all(job.state is State.LOADED for job in members(dock, group)), LONG)
    unread, gone = members(dock, group)
    journal = dock._session.poller._journal
    journal.change(unread.id, back=True, state=State.CANNOT_READ, files=())
    shown = header_of_chosen(dock, qtbot, group)
    wait(qtbot, lambda: shown.deeds[deeds.CHECK].isVisible(), LONG)
    assert not shown.deeds[deeds.RETRY].isVisible()  # it is there, and paid for
    journal.change(gone.id, back=True, state=State.EXPIRED)
    wait(qtbot, lambda: shown.deeds[deeds.RETRY].isVisible(), LONG)
    assert shown.main_button.defaultAction() is shown.deeds[deeds.MERGE] or not shown.deeds[deeds.MERGE].isVisible()
    wait(qtbot, lambda: shown.deeds[deeds.CHECK] in (shown.main_button.defaultAction(), shown.mend_button.defaultAction()), LONG)
    shown.deeds[deeds.CHECK].trigger()
    wait(qtbot, lambda: dock._session.jobs[unread.id].state in (State.FETCHED, State.LOADED), LONG)
    wait(qtbot, lambda: not shown.deeds[deeds.CHECK].isVisible(), LONG)
    assert shown.mend_button.defaultAction() is shown.deeds[deeds.RETRY]  # what comes next, beside the results
    assert len(fast.sateais.jobs) == 2  # nothing was sent again


def test_without_a_price_a_budget_is_refused(dock: Any, qtbot: Any, fast: Simulator) -> None:
    fast.sateais.settings.preview = False
    page = each_feature(dock, qtbot, harbours(3), budget=5.0)
    wait(qtbot, lambda: "so a budget cannot be kept" in texts(page.area), LONG)
    page.run()
    assert "so a budget cannot be kept. Leave it open" in dock.message_bar.currentItem().text()
    assert dock._session.groups == {}
    assert fast.sateais.jobs == {}


def test_pause_resume_and_the_rest_cancelled(dock: Any, qtbot: Any, fast: Simulator, monkeypatch: Any) -> None:
    fast.clock.speed = 0.0
    each_feature(dock, qtbot, harbours(9))
    group = run(dock, qtbot)
    wait(qtbot, lambda: stands(dock, group).at_work == 4, LONG)
    shown = header(dock, qtbot, group)
    wait(qtbot, lambda: shown.deeds[deeds.PAUSE].isVisible(), LONG)
    shown.deeds[deeds.PAUSE].trigger()
    wait(qtbot, lambda: "Paused: what is at the service goes on" in texts(shown), LONG)
    fast.clock.speed = 3000.0
    wait(qtbot, lambda: not stands(dock, group).at_work, LONG)
    assert (stands(dock, group).waiting, len(fast.sateais.jobs)) == (5, 4)
    fast.clock.speed = 0.0
    shown.deeds[deeds.RESUME].trigger()
    wait(qtbot, lambda: stands(dock, group).at_work, LONG)
    monkeypatch.setattr("groundtrack.ui.batch_panel.ask_cancel_rest", lambda *_: True)
    wait(qtbot, lambda: shown.deeds[deeds.CANCEL].isVisible(), LONG)
    shown.deeds[deeds.CANCEL].trigger()
    wait(qtbot, lambda: stands(dock, group).dropped, LONG)
    fast.clock.speed = 3000.0
    wait(qtbot, lambda: stands(dock, group).over, LONG)
    assert stands(dock, group).done + stands(dock, group).dropped == 9
    assert len(fast.sateais.jobs) == stands(dock, group).done


def test_a_preset_keeps_the_choice_the_field_and_the_budget(dock: Any, qtbot: Any) -> None:
    layer = harbours(3)
    page = each_feature(dock, qtbot, layer, budget=50.0)
    save(dock, "Harbours")
    assert entries()[0]["each"] == {"id_field": "name", "budget": 50.0}
    row = page.area.batch
    row.set_each(False)
    row.id_box.setField("kind")
    row.budget_box.setValue(0.0)
    apply(page.presets, "Harbours")
    assert (row.each(), row.id_box.currentField(), row.budget()) == (True, "name", 50.0)
    page.presets.shelf.add(from_dict(ship_preset(name="One", area={"rule": "layer", "layer": "harbours"}), "one"), "project")
    apply(page.presets, "One")  # an older one: all features in one request
    assert not row.each()
    for budget, kept in ((12.349, 12.34), (0.29, 0.29)):  # never more than the preset allows
        changed = {"each": {"id_field": "name", "budget": budget}, "schema": 3, "area": {"rule": "layer", "layer": "harbours"}}
        page.presets.shelf.add(from_dict(ship_preset(name=str(budget), **changed), "one"), "project")
        apply(page.presets, str(budget))
        assert (row.each(), row.budget()) == (True, kept)
    apply(page.presets, "One")
    page.presets.shelf.add(from_dict({**ship_preset(name="Tiny", **changed), "each": {"budget": 0.004}}, "one"), "project")
    apply(page.presets, "Tiny")  # shown as 0.00 it would have no limit
    assert not row.each()
    assert "budget of 0.004 is too small" in texts(page)
    with edit(layer):
        layer.deleteAttribute(layer.fields().indexOf("name"))
    apply(page.presets, "Harbours")
    assert not row.each()
    assert "by the field “name”, which the layer “harbours” does not have" in texts(page)


def test_failed_features_are_sent_again_after_a_question(dock: Any, qtbot: Any, fast: Simulator, monkeypatch: Any) -> None:
    fast.sateais.next_job(1, fail_code="INTERNAL_ERROR", fail_after=10.0)
    each_feature(dock, qtbot, harbours(3))
    group = run(dock, qtbot)
    wait(qtbot, lambda: stands(dock, group).over, LONG)
    assert (stands(dock, group).done, stands(dock, group).failed) == (2, 1)
    shown, asked = header_of_chosen(dock, qtbot, group), []
    monkeypatch.setattr("groundtrack.ui.batch_ask.ask", lambda *words: not asked.append(words))
    wait(qtbot, lambda: shown.deeds[deeds.RETRY].isVisible(), LONG)
    shown.deeds[deeds.RETRY].trigger()
    wait(qtbot, lambda: stands(dock, group).done == 3, LONG)
    assert "may be charged again" in asked[0][2]
    assert (len(members(dock, group)), len(latest(members(dock, group)))) == (4, 3)


def header_of_chosen(dock: Any, qtbot: Any, group: Any) -> Any:
    """The header of a batch that is over comes with one of its jobs."""
    dock.show_jobs(members(dock, group)[0].id)
    return header(dock, qtbot, group)


def test_the_table_shows_only_the_jobs_of_a_batch_when_asked(dock: Any, qtbot: Any, fast: Simulator) -> None:
    fast.clock.speed = 0.0
    each_feature(dock, qtbot, harbours(3))
    group = run(dock, qtbot)
    each_feature(dock, qtbot, harbours(2, "ports", 0.04))
    other, page = run(dock, qtbot), dock.jobs_page
    wait(qtbot, lambda: page.filter.rowCount() == 5, LONG)
    header(dock, qtbot, group).only_button.setChecked(True)
    wait(qtbot, lambda: page.filter.rowCount() == 3, LONG)
    assert header(dock, qtbot, group).only_button.isChecked()
    page.show_job(members(dock, other)[0].id)
    wait(qtbot, lambda: page.filter.rowCount() == 5, LONG)
    assert not header(dock, qtbot, group).only_button.isChecked()


def test_what_is_sent_names_no_source_and_no_key(dock: Any, qtbot: Any, fast: Simulator, tmp_path: Path) -> None:
    each_feature(dock, qtbot, harbours(2))
    group = run(dock, qtbot)
    assert set(group.to_dict()) >= {"layer", "layer_id", "id_field"}
    assert "memory" not in str(group.to_dict())


def test_yes_and_no_to_the_questions(dock: Any, monkeypatch: Any) -> None:
    from groundtrack.ui.batch_ask import ask_cancel_rest, ask_retry
    from support.service import draft

    asked: list[QMessageBox] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: asked.append(box))
    assert not ask_cancel_rest(dock, 3)
    assert asked[0].text() == "Cancel 3 jobs that were not sent yet?"
    assert ask_retry(dock, [draft()])  # the service never took it: nothing to ask
    assert not ask_retry(dock, [draft(), draft().changed(remote_id="r")])
    assert "Send 2 failed features again?" in asked[1].text()
    doubtful = draft().changed(state=State.LOST, sent_at=1.0)
    assert not ask_retry(dock, [draft(), doubtful, doubtful.changed(provider="sateais")])
    assert "2 were sent without an answer and never found at the service: they may have been paid for" in asked[2].informativeText()
    assert "list of jobs" not in asked[2].informativeText()  # not every service keeps one; the details of each job say where to look
    assert not ask_retry(dock, [draft().changed(state=State.EXPIRED, remote_id="r")])
    assert "The result of one is no longer to be had" in asked[-1].informativeText()
    assert ask_retry(dock, [draft().changed(provider="local", remote_id="r", state=State.FAILED)])  # nobody charges for it


def test_lost_answers_are_told_while_they_take_up_slots_and_afterwards() -> None:
    group = new_group("Harbours", 1.0, budget=20.0, unit="credits")
    shown = Standing(total=20, done=4, waiting=11, at_work=5, sought=5, spent=4.0, reserved=5.0)
    assert progress_words(group, shown) == "4 of 20 done, 5 being looked for, 4 of 20 credits"
    assert hold_words(group, shown) == (
        "5 got no answer and are looked for at the service. That takes up to 6 min, and one of the account’s slots each."
    )
    shown = Standing(total=20, done=15, unknown=5, spent=15.0, doubtful=5.0)
    assert progress_words(group, shown) == "15 of 20 done, 5 never confirmed, 15 of 20 credits, perhaps 5 more"
    assert hold_words(group, shown) == ""


def test_a_field_that_went_is_named_instead_of_joining_by_it(dock: Any) -> None:
    results, told = dock.jobs_page.batches.results, []
    results.told.connect(told.append)
    layer = harbours(3)
    results.join(new_group("Ships", 1.0, layer="harbours", layer_id=layer.id(), id_field="gone"))
    assert told == ["The layer “harbours” has no field “gone” any more, which tells its features apart. Add it again."]


def test_the_numbers_of_a_layer_that_only_has_the_same_name_are_not_joined(dock: Any) -> None:
    results, told = dock.jobs_page.batches.results, []
    results.told.connect(told.append)
    harbours(3)
    results.join(new_group("Ships", 1.0, layer="harbours", layer_id="another"))
    assert "is not in this project" in told[0]
    results.join(new_group("Ships", 1.0, layer="harbours", layer_id="another", id_field="name"))
    assert told[1] == "No result is here yet."


def test_a_project_with_a_large_batch_opens_without_counting_it_for_each_feature(dock: Any, tmp_path: Path) -> None:
    from groundtrack.results.loader import ResultLoader
    from support.service import draft

    class Counted(dict[str, Any]):
        looks = 0

        def values(self) -> Any:
            self.looks += 1
            return super().values()

    session, group = dock._session, new_group("Ships", 1.0)
    QgsProject.instance().write(str(tmp_path / "harbours.qgz"))
    known = {"group": group.id, "state": State.FETCHED, "project": QgsProject.instance().absoluteFilePath()}
    drafts = [draft({"n": number}, member=str(number), **known) for number in range(50)]
    session.groups[group.id] = group
    session.jobs = Counted((job.id, job) for job in drafts)
    loader = ResultLoader(session)
    QgsProject.instance().readProject.emit(QDomDocument())
    assert session.jobs.looks < 10
    assert loader._cancels == {}
    loader.close_down()


def test_a_layer_that_is_removed_takes_its_choice_along(dock: Any, qtbot: Any) -> None:
    layer = harbours(3)
    page = each_feature(dock, qtbot, layer)
    QgsProject.instance().removeMapLayer(layer.id())
    QApplication.processEvents()
    page.area.batch.batch()
    assert not page.area.batch.each()
