"""The test harness itself: a leak, a dialog or a call outside must not pass unnoticed."""

from __future__ import annotations

import pytest
from qgis.core import Qgis, QgsApplication, QgsAuthMethodConfig, QgsProject, QgsProviderRegistry, QgsVectorLayer
from qgis.PyQt.QtCore import QThread
from qgis.PyQt.QtWidgets import QDialog, QMessageBox
from support.dialogs import ModalWatch, UnexpectedDialog
from support.interface import TestInterface
from support.qthreads import running_threads


def test_qgis_runs_with_its_data_providers(qgis_app: QgsApplication) -> None:
    assert Qgis.QGIS_VERSION_INT >= 32200
    assert {"ogr", "gdal", "memory", "wms"} <= set(QgsProviderRegistry.instance().providerList())


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_starts_with_an_empty_project(turn: int) -> None:
    assert QgsProject.instance().mapLayers() == {}
    QgsProject.instance().addMapLayer(QgsVectorLayer("Polygon?crs=EPSG:4326", "left behind", "memory"))


def test_static_dialog_fails_instead_of_waiting() -> None:
    with pytest.raises(UnexpectedDialog, match="Delete it"):
        QMessageBox.question(None, "Sure", "Delete it")


def test_open_dialog_is_closed_and_noticed(qgis_app: QgsApplication, modal_watch: ModalWatch) -> None:
    modal_watch._patience = 0.3
    try:
        QDialog().exec()
    finally:
        modal_watch._patience = 8.0
    assert modal_watch.closed == ["QDialog ''"]
    del modal_watch.closed[:]


def test_running_thread_is_noticed(qgis_app: QgsApplication) -> None:
    thread = QThread()
    thread.start()
    assert running_threads(50) == ["QThread"]
    thread.quit()
    assert thread.wait(2000)


def test_ended_thread_is_not_complained_about(qgis_app: QgsApplication) -> None:
    thread = QThread()
    thread.start()
    thread.quit()
    assert running_threads(2000) == []


def test_interface_refuses_what_it_does_not_have(qgis_iface: TestInterface) -> None:
    with pytest.raises(AttributeError):
        qgis_iface.notAMemberOfQgis()


def test_authentication_store_is_throw_away(auth_manager: object) -> None:
    config = QgsAuthMethodConfig("Basic")
    config.setName("harness")
    config.setConfig("username", "someone")
    assert auth_manager.storeAuthenticationConfig(config)
    assert "groundtrack-test-" in auth_manager.authenticationDatabasePath()


def test_processing_framework_runs(qgis_processing: object) -> None:
    layer = QgsVectorLayer("Point?crs=EPSG:4326", "points", "memory")
    result = qgis_processing.run("native:buffer", {"INPUT": layer, "DISTANCE": 1, "OUTPUT": "memory:"})
    assert result["OUTPUT"].isValid()
