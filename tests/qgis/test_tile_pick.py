"""The address of a tile server is taken from an open layer; its login goes into the account and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.ui.tile_sources import UnfitLayer, tile_source
from qgis.core import QgsDataSourceUri, QgsProject, QgsRasterLayer, QgsSettings
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox
from simulator import Simulator
from simulator.client import START
from support.docks import running_session, wait

LONG = 30_000  # ms
WORD = "geheim-1"


def layer_of(url: str, name: str = "Harbour tiles", **more: str) -> QgsRasterLayer:
    uri = QgsDataSourceUri()
    for key, value in {"type": "xyz", "url": url, **more}.items():
        uri.setParam(key, value)
    return QgsRasterLayer(bytes(uri.encodedUri()).decode(), name, "wms")


@pytest.mark.parametrize(
    ("url", "more", "told"),
    [
        ("https://tiles.test/{z}/{x}/{y}.png", {}, ("https://tiles.test/{z}/{x}/{y}.png", "XYZ", "EPSG:3857")),
        ("https://tiles.test/{z}/{x}/{-y}.png?a=1&b=2", {}, ("https://tiles.test/{z}/{x}/{y}.png?a=1&b=2", "TMS", "EPSG:3857")),
        ("http://tiles.test/q/{q}.jpeg", {}, ("http://tiles.test/q/{q}.jpeg", "QUADKEY", "EPSG:3857")),
        ("https://tiles.test/{z}/{x}/{y}", {"crs": "epsg:3395"}, ("https://tiles.test/{z}/{x}/{y}", "XYZ", "EPSG:3395")),
    ],
)
def test_address_scheme_and_projection_are_read(qgis_app: Any, url: str, more: dict, told: tuple) -> None:
    source = tile_source(layer_of(url, **more))
    assert (source.url, source.scheme, source.crs) == told
    assert source.login == ("", "")


@pytest.mark.parametrize(
    ("url", "more"),
    [("https://tiles.test/{z}/{x}/{y}", {"username": "anna", "password": WORD}), (f"https://anna:{WORD}@tiles.test/{{z}}/{{x}}/{{y}}", {})],
)
def test_a_login_is_kept_apart_from_the_address(qgis_app: Any, url: str, more: dict) -> None:
    source = tile_source(layer_of(url, **more))
    assert source.login == ("anna", WORD)
    assert source.url == "https://tiles.test/{z}/{x}/{y}"
    assert WORD not in repr(source) + str(source.values())


@pytest.mark.parametrize(
    ("url", "more", "part"),
    [
        ("https://tiles.test/{z}/{x}/{y}", {"authcfg": "abc1234"}, "authentication configuration"),
        ("https://tiles.test/{z}/{x}/{y}?access_token=x", {}, "seems to hold a key"),
        ("file:///data/{z}/{x}/{y}.png", {}, "lie on this computer"),
        ("https://tiles.test/{z}/{x}/{y}", {"crs": "EPSG:4326"}, "only EPSG:3857 and EPSG:3395"),
        ("http://127.0.0.1:9/wms", {"type": "wms", "layers": "a"}, "WMS or WMTS"),
    ],
)
def test_what_cannot_be_used_is_said_so(qgis_app: Any, url: str, more: dict, part: str) -> None:
    with pytest.raises(UnfitLayer, match=part):
        tile_source(layer_of(url, **more))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(start=START, seed=7) as running:
        yield running


@pytest.fixture
def dock(qgis_app: Any, clean_settings: Any, tmp_path: Path, simulator: Simulator, make_dock: Any, session: Any) -> Any:
    from groundtrack.providers.base import Account, Secrets

    secret = Secrets({"api_token": simulator.mapflow.token})
    session.store.save(Account("mapflow", "Harbour", {"url": simulator.mapflow.url}, secret), remember=False)
    session.refresh_accounts()
    return make_dock()


@pytest.fixture
def session(qgis_app: Any, clean_settings: Any, tmp_path: Path) -> Iterator[Any]:
    with running_session(tmp_path) as running:
        yield running


def pick(qtbot: Any, dock: Any, name: str) -> None:
    """As a person does: by the button in the input, then by the entry of the layer."""
    wait(qtbot, lambda: dock.new_job.task.operation() is not None, LONG)
    wanted = []
    dock.new_job.pick_wanted.connect(wanted.append)
    line = dock.new_job.form.input("source_url").widget
    next(item for item in line.actions() if "open" in item.toolTip()).trigger()
    assert wanted == ["tiles"]
    menu = dock.tile_pick.menu(dock.new_job.account)
    next(action for action in menu.actions() if action.text() == name).trigger()


def answer(button: str) -> None:
    def look() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            next(item for item in box.buttons() if item.text().replace("&", "") == button).click()
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def kept(session: Any) -> tuple[str, str, str]:
    account = session.account("mapflow/Harbour")
    return account.value("imagery_host"), account.value("imagery_login"), account.value("imagery_password")


def test_an_address_goes_into_the_form(qtbot: Any, dock: Any, session: Any) -> None:
    QgsProject.instance().addMapLayer(layer_of("https://tiles.test/{z}/{x}/{-y}.png"))
    pick(qtbot, dock, "Harbour tiles")
    values = dock.new_job.form.values()
    assert (values["source_url"], values["source_type"]) == ("https://tiles.test/{z}/{x}/{y}.png", "TMS")
    assert kept(session) == ("", "", "")


@pytest.mark.parametrize(("button", "told"), [("Keep Login", ("tiles.test", "anna", WORD)), ("Take Only the Address", ("", "", ""))])
def test_a_login_goes_into_the_account_only_when_it_is_agreed_to(qtbot: Any, dock: Any, session: Any, button: str, told: tuple) -> None:
    QgsProject.instance().addMapLayer(layer_of(f"https://anna:{WORD}@tiles.test/{{z}}/{{x}}/{{y}}.png"))
    answer(button)
    pick(qtbot, dock, "Harbour tiles")
    assert kept(session) == told
    assert session.account("mapflow/Harbour").value("api_token")
    assert dock.new_job.form.values()["source_url"] == "https://tiles.test/{z}/{x}/{y}.png"
    everything = " ".join(str(QgsSettings().value(key)) for key in QgsSettings().allKeys())
    assert WORD not in everything


def test_a_layer_that_cannot_be_used_is_refused_with_a_sentence(qtbot: Any, dock: Any) -> None:
    QgsProject.instance().addMapLayer(layer_of("https://tiles.test/{z}/{x}/{y}", authcfg="abc1234"))
    told = []
    dock.tile_pick.failed.connect(told.append)
    pick(qtbot, dock, "Harbour tiles")
    assert "authentication configuration" in told[0]
    assert "source_url" not in dock.new_job.form.values()
