"""The toolbox inside an application: accounts, threads, what a dialog loads, what comes in as parameters."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from groundtrack.accounts import AccountError, AccountStore
from groundtrack.providers.base import Account, Secrets
from groundtrack.providers.fields import Field, FieldError, Kind, ShownIf
from groundtrack.toolbox.parameters import field_parameter, raw_values
from groundtrack.toolbox.provider import GroundtrackProvider
from qgis.core import (
    QgsApplication,
    QgsExpressionContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication, QDate, QDateTime
from simulator import Simulator
from support.rasters import flat, write_raster

SEA = "POLYGON((3.90 51.95, 4.20 51.95, 4.20 52.10, 3.90 52.10, 3.90 51.95))"


class Heard(QgsProcessingFeedback):
    """Remembers what was told."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.steps: list[float] = []
        self.progressChanged.connect(self.steps.append)

    def pushInfo(self, info: str) -> None:
        self.lines.append(info)

    def pushWarning(self, warning: str) -> None:
        self.lines.append(warning)

    def setProgressText(self, text: str) -> None:
        self.lines.append(text)


@pytest.fixture
def sim(monkeypatch: pytest.MonkeyPatch, qgis_app: Any) -> Iterator[Simulator]:
    with Simulator(speed=1000.0, seed=3) as simulator:
        monkeypatch.setenv("GROUNDTRACK_PACE", "0.001")
        monkeypatch.setenv("GROUNDTRACK_SATEAIS_URL", simulator.sateais.url + "/")
        monkeypatch.setenv("GROUNDTRACK_SATEAIS_API_KEY", simulator.sateais.key)
        yield simulator


@pytest.fixture
def toolbox(qgis_app: QgsApplication) -> GroundtrackProvider:
    provider = GroundtrackProvider()
    provider.refreshAlgorithms()
    return provider


@pytest.fixture
def context(qgis_app: QgsApplication) -> QgsProcessingContext:
    made = QgsProcessingContext()
    made.setProject(QgsProject.instance())
    return made


def area(*wkt: str) -> QgsVectorLayer:
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326", "area", "memory")
    features = []
    for text in wkt or (SEA,):
        feature = QgsFeature()
        feature.setGeometry(QgsGeometry.fromWkt(text))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    return layer


def run(toolbox: GroundtrackProvider, context: QgsProcessingContext, feedback: Any, **given: Any) -> tuple[dict[str, Any], bool]:
    return toolbox.algorithm("sateais_ship").run({"DATE": "2026-05-04", **given}, context, feedback)


def beside(task: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Run a task on another thread while the main thread turns its event loop, as in a window."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(task()))
    thread.start()
    end = time.monotonic() + seconds
    while thread.is_alive() and time.monotonic() < end:
        QCoreApplication.processEvents()
        thread.join(0.01)
    assert found, "it did not end in time"
    return found[0]


def test_every_fixed_operation_is_an_algorithm(toolbox: GroundtrackProvider) -> None:
    names = {algorithm.name() for algorithm in toolbox.algorithms()}
    assert {"sateais_ship", "sateais_oilslick", "sateais_newbuilding", "sateais_disappearbuilding", "sateais_timeseries"} <= names
    assert {"submit_preset", "wait_for_job", "fetch_results", "cancel_job", "list_jobs"} <= names
    ship = toolbox.algorithm("sateais_ship")
    wanted = ["AOI", "SCENE_ID", "DATE", "DATE_DIRECTION", "ORBIT_DIRECTION", "ACCOUNT", "OUTPUT_FOLDER", "WAIT", "TIMEOUT", "BUDGET"]
    assert [item.name() for item in ship.parameterDefinitions()] == wanted
    assert [item.name() for item in ship.outputDefinitions()] == ["JOB_ID", "REMOTE_ID", "STATE", "OUTPUTS", "COST"]


def test_no_parameter_takes_a_secret(toolbox: GroundtrackProvider) -> None:
    for algorithm in toolbox.algorithms():
        for item in algorithm.parameterDefinitions():
            assert not any(word in item.name() for word in ("KEY", "TOKEN", "SECRET", "PASSWORD")), item.name()


def test_the_environment_leaves_the_store_alone(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def touched() -> None:
        raise RuntimeError("the authentication store was touched")

    monkeypatch.setattr(QgsApplication, "authManager", staticmethod(touched))
    heard = Heard()
    results, done = run(toolbox, context, heard, AOI=area())
    assert done, heard.lines
    assert results["STATE"] == "FETCHED"


def test_a_stored_account_is_found_by_its_name(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext, auth_manager: Any, clean_settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store = AccountStore()
    store.save(Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.second_key})), remember=True)
    monkeypatch.delenv("GROUNDTRACK_SATEAIS_API_KEY")
    heard = Heard()
    results, done = run(toolbox, context, heard, AOI=area(), ACCOUNT="Port", WAIT=False)
    assert done, heard.lines
    assert sim.sateais.jobs[results["REMOTE_ID"]].key == sim.sateais.second_key


def test_a_model_thread_reads_the_store_on_the_main_thread(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext, qgis_iface: Any, auth_manager: Any, clean_settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    AccountStore().save(Account("sateais", "Port", {"url": sim.sateais.url}, Secrets({"api_key": sim.sateais.key})), remember=True)
    seen: list[Any] = []
    real = AccountStore.account
    monkeypatch.setattr(AccountStore, "account", lambda self, info: (seen.append(threading.current_thread()), real(self, info))[1])
    layer, heard = area(), Heard()
    _, done = beside(lambda: run(toolbox, context, heard, AOI=layer, ACCOUNT="Port", WAIT=False))
    assert done, heard.lines
    assert seen == [threading.main_thread()]


def test_what_a_dialog_loads_looks_as_from_the_dock(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext, qgis_iface: Any, qgis_processing: Any
) -> None:
    from processing.gui.Postprocessing import handleAlgorithmResults

    layer, heard = area(), Heard()
    results, done = beside(lambda: run(toolbox, context, heard, AOI=layer))
    assert done, heard.lines
    assert handleAlgorithmResults(toolbox.algorithm("sateais_ship"), context, QgsProcessingFeedback(), parameters={})
    (loaded,) = QgsProject.instance().mapLayers().values()
    assert loaded.source().startswith(json.loads(results["OUTPUTS"])[0])
    assert loaded.name().startswith("Ships 2026-05-04 (")
    assert loaded.customProperty("groundtrack/job") == results["JOB_ID"]
    assert loaded.temporalProperties().isActive()
    assert results["REMOTE_ID"] in loaded.metadata().abstract() + json.dumps(loaded.metadata().history())


def test_without_a_window_nothing_is_loaded(sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext) -> None:
    _, done = run(toolbox, context, Heard(), AOI=area())
    assert done
    assert not context.layersToLoadOnCompletion()


def test_progress_never_goes_back(sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext) -> None:
    heard = Heard()
    _, done = run(toolbox, context, heard, AOI=area(SEA, SEA.replace("51.95", "51.90")))
    assert done, heard.lines
    assert heard.steps == sorted(heard.steps)
    assert heard.steps[-1] == 100


def test_a_cancel_is_noticed_in_the_middle_of_a_call(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext, qgis_iface: Any
) -> None:
    sim.fault("hang", path="/api/v1/jobs/*", times=0)
    layer, heard, ended = area(), Heard(), []

    def task() -> Any:
        answer = run(toolbox, context, heard, AOI=layer)
        ended.append(time.monotonic())
        return answer

    def stop() -> None:
        while not sim.requests.find(path="/api/v1/jobs/*"):
            time.sleep(0.01)
        ended.append(time.monotonic())
        heard.cancel()

    stopper = threading.Thread(target=stop)
    stopper.start()
    _, done = beside(task)
    stopper.join()
    assert not done
    assert ended[1] - ended[0] < 0.5


def test_a_locked_store_is_said_plainly(sim: Simulator, clean_settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from groundtrack.providers.registry import provider_class
    from groundtrack.toolbox.sign_in import sign_in

    stored = [{"provider": "sateais", "name": "Port", "public": {"url": sim.sateais.url}, "stored": "abc1234"}]
    clean_settings.setValue("groundtrack/accounts", json.dumps(stored))
    monkeypatch.setattr(AccountStore, "unlocked", property(lambda self: False))
    with pytest.raises(AccountError, match="QGIS_AUTH_PASSWORD_FILE"):
        sign_in(provider_class("sateais"), "Port", lambda: False)


def test_importing_the_toolbox_is_light(root: Path) -> None:
    code = (
        "import qgis.core; import sys; before = set(sys.modules); import importlib.util as u; "
        "s = u.spec_from_file_location('groundtrack', sys.argv[1] + '/__init__.py', "
        "submodule_search_locations=[sys.argv[1]]); m = u.module_from_spec(s); sys.modules['groundtrack'] = m; s.loader.exec_module(m); "
        "from groundtrack.toolbox.provider import GroundtrackProvider; GroundtrackProvider().refreshAlgorithms(); "
        "print(*{n.split('.')[0] for n in set(sys.modules) - before} & {'shapely', 'requests', 'boto3', 'numpy', 'osgeo', 'sqlite3'})"
    )
    command = [sys.executable, "-c", code, str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=dict(os.environ))
    assert done.stdout.strip() == ""
    # QGIS 3.22 itself imports qgis.gui with qgis.core, so what we import is read
    assert not [path.name for path in (root / "toolbox").glob("*.py") if "qgis.gui" in path.read_text() or "QtWidgets" in path.read_text()]


def test_values_come_as_text_or_typed(qgis_app: QgsApplication) -> None:
    context = QgsProcessingContext()
    context.setExpressionContext(QgsExpressionContext())
    day, band = Field("date", "Date", Kind.DATE), Field("bands", "Bands", Kind.BANDS)
    direction = Field("way", "Way", Kind.CHOICE, choices=(("", "Any"), ("before", "Before"), ("after", "After")))
    fields = (day, band, direction)

    def values(**given: Any) -> dict[str, Any]:
        raw = raw_values(fields, given, context)
        return {field.name: field.parse(raw.get(field.name)) for field in fields if field.name in raw}

    for given in (QDate(2026, 5, 4), QDateTime(QDate(2026, 5, 4)), "2026-05-04"):
        assert values(DATE=given) == {"date": "2026-05-04"}
    assert values(BANDS="B02, B03") == values(BANDS=["B02", "B03"]) == {"bands": ("B02", "B03")}
    assert values(WAY="after") == values(WAY="After") == values(WAY=1) == {"way": "after"}
    assert values(DATE=QgsProperty.fromExpression("'2026' || '-05-04'")) == {"date": "2026-05-04"}


def test_an_image_is_a_layer_or_a_file(tmp_path: Path, qgis_app: QgsApplication) -> None:
    source = write_raster(tmp_path / "scene.tif", [flat(1), flat(2)])
    layer, project, context = QgsRasterLayer(source, "My scene"), QgsProject(), QgsProcessingContext()
    project.addMapLayer(layer)
    context.setProject(project)
    image = (Field("image", "Image", Kind.RASTER),)
    for given in (layer, layer.id(), "My scene", source):
        assert raw_values(image, {"IMAGE": given}, context) == {"image": source}
    assert raw_values(image, {"IMAGE": "other.tif; b.tif"}, context) == {"image": "other.tif; b.tif"}


def test_a_script_is_text_or_a_file(tmp_path: Path) -> None:
    script = (Field("evalscript", "Evalscript", Kind.SCRIPT),)
    file = tmp_path / "ndvi.js"
    file.write_text("//VERSION=3\nfunction setup() {}\n")
    context = QgsProcessingContext()
    assert raw_values(script, {"EVALSCRIPT": str(file)}, context)["evalscript"] == file.read_text()
    assert raw_values(script, {"EVALSCRIPT": "//VERSION=3\nreturn 1;"}, context)["evalscript"] == "//VERSION=3\nreturn 1;"
    with pytest.raises(FieldError, match="there is no file"):
        raw_values(script, {"EVALSCRIPT": str(tmp_path / "other.js")}, context)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_field_is_a_parameter(qgis_app: QgsApplication, kind: Kind) -> None:
    choices = (("a", "A"), ("b", "B")) if kind is Kind.CHOICE else ()
    made = field_parameter(Field("some_name", "Some name", kind, required=True, choices=choices, advanced=True))
    assert made.name() == "SOME_NAME"
    assert not made.flags() & made.FlagOptional
    assert made.flags() & made.FlagAdvanced
    conditional = field_parameter(Field("x", "X", kind, required=True, choices=choices, shown_if=ShownIf("y")))
    assert conditional.flags() & conditional.FlagOptional


def test_a_refusal_is_a_processing_exception(
    sim: Simulator, toolbox: GroundtrackProvider, context: QgsProcessingContext
) -> None:
    algorithm = toolbox.algorithm("sateais_ship").create()
    heard = Heard()
    given = {"AOI": area(), "DATE": "2036-05-04"}
    assert algorithm.prepare(given, context, heard)
    with pytest.raises(QgsProcessingException, match="future"):
        algorithm.runPrepared(given, context, heard)
    assert len(sim.requests) == 0


def test_a_missing_area_is_said_in_our_words(toolbox: GroundtrackProvider, context: QgsProcessingContext) -> None:
    algorithm = toolbox.algorithm("mapflow_processing").create()
    for given in ({}, {"AOI": ""}):
        allowed, words = algorithm.checkParameterValues({"MODEL": "Roads", **given}, context)
        assert not allowed
        assert words.startswith("An area is missing")
    allowed, words = algorithm.checkParameterValues({"MODEL": "Roads", "AOI": area()}, context)
    assert allowed, words


@pytest.mark.parametrize(
    ("most", "sizes", "words"),
    [
        (None, [4], "in one request"),
        (8, [4], "in one request"),
        (3, [1, 3], "2 features are sent as 2 jobs"),
        (2, [1, 1, 1, 1], "4 jobs, one for each polygon"),
        (1, [1, 1, 1, 1], "4 jobs, one for each polygon"),
    ],
)
def test_features_are_sent_as_the_service_allows(most: int | None, sizes: list[int], words: str) -> None:
    from groundtrack.aoi import Aoi, from_bounds
    from groundtrack.providers.operation import AoiRule
    from groundtrack.toolbox.areas import arrange

    squares = [from_bounds(x, 0, x + 0.5, 1) for x in range(4)]
    multi = Aoi(tuple(polygon for square in squares[1:] for polygon in square.polygons))
    areas, told = arrange([(7, squares[0]), (9, multi)], AoiRule(most_parts=most), "Ships")
    assert [len(item.aoi.polygons) for item in areas] == sizes
    assert sum(item.aoi.area_km2 for item in areas) == pytest.approx(sum(square.area_km2 for square in squares))
    assert words in told


def test_costs_are_summed_with_their_unit() -> None:
    from groundtrack.toolbox.costs import total_cost

    assert total_cost(["3.4 credits", "0.1 credits", ""]) == "3.5 credits"
    assert total_cost(["2 PU", "1 credits"]) == "2 PU + 1 credits"
    assert total_cost([]) == ""
