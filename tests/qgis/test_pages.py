"""README and docs against the code: every command, variable, preset and name that they show is one that exists."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest
from groundtrack.accounts import variable_name
from groundtrack.jobs.job import State
from groundtrack.presets.files import read_presets
from groundtrack.presets.preset import SCHEMA
from groundtrack.providers import registry
from groundtrack.providers.fields import Kind
from groundtrack.toolbox.preset_file import read_order
from groundtrack.toolbox.provider import GroundtrackProvider
from qgis.core import QgsProcessingAlgorithm, QgsProcessingContext
from support.pages import Command, Page, captions, pages
from support.rasters import flat, write_raster

ROOT = Path(__file__).parents[2]
SERVICES = registry.keys()
PAGES = {page.name: page for page in pages(ROOT)}
COMMANDS = [(page.name, command) for page in PAGES.values() for command in page.commands]
AREA = {"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.0, 51.95], [4.0, 52.0], [3.9, 52.0], [3.9, 51.95]]]}
COMMON = {"PACE"}  # variables of no service
# in capitals, and no name of ours
FOREIGN = re.compile(r"ARGS|QGIS_\w+|YYYY|MM|DD|SERVICE|FIELD|XYZ|TMS|QUADKEY|TEMPORARY_OUTPUT|PROJECT_PATH|ERROR|NDVI|MNDWI|NDBI|COG|VRT")


@pytest.fixture(params=PAGES.values(), ids=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return request.param


@pytest.fixture(scope="module")
def algorithms(qgis_app: Any) -> dict[str, QgsProcessingAlgorithm]:
    provider = GroundtrackProvider()
    provider.refreshAlgorithms()
    found = {algorithm.name(): algorithm.create() for algorithm in provider.algorithms()}
    assert provider.algorithms()
    return found


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lay_out(name: str) -> None:
    """A file such as a command names it."""
    path = Path(name)
    if path.suffix in (".gpkg", ".geojson"):
        path.write_text(json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": AREA}]}))
    elif path.suffix == ".tif":
        write_raster(path, [flat(1.0)])
    elif path.suffix in (".js", ".json"):
        path.write_text("//VERSION=3\n")


@pytest.mark.parametrize(("where", "command"), [(where, one) for where, one in COMMANDS if one.name == "run"], ids=str)
def test_every_run_that_is_shown_would_be_taken(
    algorithms: dict[str, QgsProcessingAlgorithm], files: Path, where: str, command: Command
) -> None:
    assert command.words[0].startswith("groundtrack:")
    assert command.words[1] == "--"
    algorithm = algorithms[command.algorithm]
    known = {definition.name() for definition in algorithm.parameterDefinitions()}
    assert set(command.parameters) <= known
    for value in command.parameters.values():
        lay_out(value)
    fine, why = algorithm.checkParameterValues(command.parameters, QgsProcessingContext())
    assert fine, f"{where}: {why}"


@pytest.mark.parametrize(("where", "command"), [(where, one) for where, one in COMMANDS if one.name != "run"], ids=str)
def test_other_commands_are_those_of_the_program(algorithms: dict[str, Any], where: str, command: Command) -> None:
    assert command.name in ("list", "help", "plugins")
    if command.name == "help":
        assert command.algorithm in algorithms


def test_the_pages_hold_examples_at_all() -> None:
    assert len(COMMANDS) > 12
    assert sum(block.language == "json" for page in PAGES.values() for block in page.blocks) >= 2


def test_every_preset_that_is_shown_is_taken(page: Page, files: Path) -> None:
    for number, block in enumerate(block for block in page.blocks if block.language == "json"):
        path = files / f"{number}.json"
        path.write_text(block.text)
        (preset,) = read_presets(path)
        assert json.loads(block.text)["schema"] == SCHEMA
        assert read_order(path).operation.key == preset.operation
    assert {int(number) for number in re.findall(r'"schema": (\d+)', page.text)} <= {SCHEMA}


def test_every_variable_that_is_named_is_read(page: Page) -> None:
    fields = {key: registry.provider_class(key).account_fields for key in SERVICES}
    known = {variable_name(key, field.name) for key, found in fields.items() for field in found}
    assert page.variables - {f"GROUNDTRACK_{name}" for name in COMMON} - {"GROUNDTRACK_KEY"} <= known
    if page.name == "docs/headless.md":
        assert known <= page.variables


def test_every_algorithm_that_is_named_exists_and_all_are(page: Page, algorithms: dict[str, Any]) -> None:
    services = "|".join(SERVICES)
    named = set(re.findall(rf"\b(?:{services})_[a-z][a-z_]*\b", " ".join(page.code)))
    named |= set(re.findall(r"groundtrack:(\w+)", page.text))
    assert named <= set(algorithms)
    if page.name == "docs/headless.md":
        assert named == set(algorithms)


@pytest.mark.parametrize("name", ["README.md", "docs/headless.md", "docs/local.md", "docs/sentinelhub.md"])
def test_every_parameter_that_is_named_exists(name: str, algorithms: dict[str, QgsProcessingAlgorithm]) -> None:
    found = [one for algorithm in algorithms.values() for one in (*algorithm.parameterDefinitions(), *algorithm.outputDefinitions())]
    known = {one.name() for one in found} | {state.name for state in State}
    named = {word for code in PAGES[name].code for word in re.findall(r"(?<![\w…/{:])[A-Z][A-Z_0-9]+(?![\w/.])", code)}
    assert {word for word in named if not word.startswith("GROUNDTRACK_") and not FOREIGN.fullmatch(word)} <= known


def test_every_setting_in_code_has_a_value_that_is_taken(page: Page, algorithms: dict[str, QgsProcessingAlgorithm]) -> None:
    fields = [field for key in SERVICES for operation in registry.provider_class(key).fixed_operations for field in operation.fields]
    for name, value in re.findall(r"`([A-Z][A-Z_]+)=([\w.-]+)`", page.prose):
        choices = [field for field in fields if field.name.upper() == name and field.kind is Kind.CHOICE]
        assert not choices or any(value.lower() in [str(word).lower() for word, _ in field.choices] for field in choices), name


def test_every_link_leads_somewhere(page: Page) -> None:
    folder = (ROOT / page.name).parent
    assert [target for target in page.links if not (folder / target).exists()] == []


def test_every_target_of_make_that_is_named_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", page.text, re.MULTILINE)) <= targets


def test_the_page_of_tasks_is_what_the_declarations_say() -> None:
    """`make docs` writes it."""
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "scripts/build_docs.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.page() == PAGES["docs/tasks.md"].text


@pytest.fixture(scope="module")
def shown() -> set[str]:
    return captions(ROOT)


def test_every_caption_that_is_named_stands_in_the_dock(page: Page, shown: set[str]) -> None:
    """Set in bold, or in italics with a capital: what can be pressed, chosen or read."""
    assert [text for text in page.captions if text not in shown] == []
