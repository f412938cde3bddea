"""Results that belong together lie in one group of the layer tree, in the order of their days."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from support.jobs import make_job


def put(job: Any) -> QgsVectorLayer:
    from groundtrack.results.grouping import JOB_PROPERTY, put_in_group

    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", f"Ships {job.member}", "memory")
    layer.setCustomProperty(JOB_PROPERTY, job.id)
    put_in_group(QgsProject.instance(), layer, job)
    return layer


def member(day: str, **known: Any) -> Any:
    return make_job(group="g1", group_title="Port watch", member=day, **known)


def tree() -> dict[str, list[str]]:
    groups = QgsProject.instance().layerTreeRoot().findGroups(True)
    return {group.name(): [node.layer().name() for node in group.findLayers()] for group in groups}


def test_members_of_a_series_share_a_group_the_latest_on_top(clean_qgis: Any) -> None:
    for day in ("2026-05-02", "2026-05-16", "2026-05-09", "2026-05-16"):
        put(member(day))
    put(make_job())
    assert tree()["Port watch"] == ["Ships 2026-05-16", "Ships 2026-05-16", "Ships 2026-05-09", "Ships 2026-05-02"]
    assert len(tree()) == 2


def test_a_group_that_was_renamed_or_moved_is_found_again(clean_qgis: Any) -> None:
    root = QgsProject.instance().layerTreeRoot()
    put(member("2026-05-02"))
    group = root.findGroup("Port watch")
    group.setName("Mine")
    root.insertGroup(0, "Archive").addChildNode(group.clone())
    root.removeChildNode(group)
    put(member("2026-05-09"))
    assert tree()["Mine"] == ["Ships 2026-05-09", "Ships 2026-05-02"]


def test_another_series_of_the_same_name_has_a_group_of_its_own(clean_qgis: Any) -> None:
    put(member("2026-05-02"))
    layer = put(make_job(group="g2", group_title="Port watch", member="2026-05-02"))
    assert list(tree()) == ["Port watch – 2", "Port watch"]
    assert layer.name() == "Ships 2026-05-02"


def test_the_first_job_brings_its_group_into_the_series(clean_qgis: Any) -> None:
    from groundtrack.results.grouping import adopt_group

    first = make_job()
    put(first)
    first = first.changed(group="g1", group_title="Port watch", member="2026-05-02")
    adopt_group(QgsProject.instance(), first)
    put(member("2026-05-09"))
    assert tree() == {"Port watch": ["Ships 2026-05-09", "Ships "]}
