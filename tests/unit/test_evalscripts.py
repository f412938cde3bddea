"""What a script promises is read without running it; our own scripts keep their promises."""

from __future__ import annotations

import pytest
from groundtrack.evalscripts import library
from groundtrack.evalscripts.reader import Input, Output, ScriptError, Unreadable, read

PIXEL = "function evaluatePixel(s) { return [1]; }"


def script(setup: str, rest: str = PIXEL) -> str:
    return f"//VERSION=3\n{setup}\n{rest}"


@pytest.mark.parametrize("entry", library.ENTRIES, ids=lambda entry: entry.key)
def test_our_scripts_can_be_read_and_say_what_they_are(entry: library.Entry) -> None:
    setup = read(entry.script)
    (output,) = setup.outputs
    assert output.is_float == ("8bit" not in entry.key and entry.key not in ("true_color", "scl"))
    assert setup.paid_bands <= 3
    assert "dataMask" in setup.inputs[0].bands
    assert entry.summary.endswith(".")


@pytest.mark.parametrize("entry", library.ENTRIES, ids=lambda entry: entry.key)
def test_our_scripts_have_a_small_picture(entry: library.Entry) -> None:
    data = entry.picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 16_000


def test_a_script_fits_collections_that_have_its_bands() -> None:
    ndvi, scl, radar = (library.find(name) for name in ("ndvi", "scl", "s1"))
    assert ndvi is not None
    assert scl is not None
    assert radar is not None
    fitting = {entry.key: [name for name in ("sentinel-2-l2a", "sentinel-2-l1c", "sentinel-1-grd", "landsat-ot-l2", "dem", "byoc-1") if
                           entry.fits(name)] for entry in (ndvi, scl, radar)}
    assert fitting == {"ndvi": ["sentinel-2-l2a", "sentinel-2-l1c", "byoc-1"], "scl": ["sentinel-2-l2a", "byoc-1"],
                       "s1_vv_vh": ["sentinel-1-grd", "byoc-1"]}


@pytest.mark.parametrize("name", ["ndvi", "NDVI", " ndvi ", "true colour", "true-color", "TRUE_COLOR"])
def test_scripts_are_found_by_name_in_any_spelling(name: str) -> None:
    assert library.find(name) is not None
    assert library.find("no such script") is None


@pytest.mark.parametrize(("setup", "inputs", "outputs"), [
    ('function setup() { return { input: ["B04", "B08"], output: { bands: 1 } }; }', (Input(("B04", "B08")),), (Output(),)),
    ("const setup = () => ({input: ['B04',], output: {bands: 2, sampleType: SampleType.FLOAT32, nodataValue: -9999,},})",
     (Input(("B04",)),), (Output("default", 2, "FLOAT32", -9999.0),)),
    (('var setup = function () { /* { */ return { "input": [{ "bands": ["VV"], "datasource": "s1" }, { bands: ["B04"] }], // }\n'
      'output: [{ id: "a", bands: 1, sampleType: "uint8" }, { id: "b", bands: 3, nodataValue: NaN }] } }'),
     (Input(("VV",), "s1"), Input(("B04",))), (Output("a", 1, "UINT8"), Output("b", 3))),
])  # fmt: skip
def test_setups_as_people_write_them(setup: str, inputs: tuple, outputs: tuple) -> None:
    found = read(script(setup))
    assert (found.inputs, found.outputs) == (inputs, outputs)


def test_mosaicking_notes_and_paid_bands() -> None:
    text = 'function setup() { return { input: ["B04", "SCL", "dataMask"], output: { bands: 1 }, mosaicking: Mosaicking.ORBIT } }'
    found = read(script(text, PIXEL + "function updateOutputMetadata(scenes) {}"))
    assert (found.mosaicking, found.notes, found.paid_bands) == ("ORBIT", True, 2)
    assert read(script('function setup() { return { input: ["dataMask"], output: { bands: 1 } } }')).paid_bands == 1


@pytest.mark.parametrize(("text", "part"), [
    ("function setup() {}", "VERSION=3"),
    ("//VERSION=3\nfunction evaluatePixel() {}", "setup"),
    ('//VERSION=3\nfunction setup() { return { input: ["B04"], output: { bands: 1 } } }', "evaluatePixel"),
    (script('function setup() { return { input: ["B04"] } }'), "input and output"),
    (script('function setup() { return { input: [], output: { bands: 1 } } }'), "no input"),
    (script('function setup() { return { input: ["B04"], output: { bands: 0 } } }'), "how many bands"),
    (script('function setup() { return { input: ["B04"], output: { bands: 1, sampleType: "FLOAT64" } } }'), "FLOAT64"),
    (script('function setup() { return { input: ["B04"], output: [{ bands: 1 }, { bands: 2 }] } }'), "different ids"),
    (script('function setup() { return { input: ["B04"], output: { bands: 1 }, mosaicking: "WEEK" } }'), "WEEK"),
])  # fmt: skip
def test_what_the_service_would_refuse_is_said(text: str, part: str) -> None:
    with pytest.raises(ScriptError, match=part) as caught:
        read(text)
    assert not isinstance(caught.value, Unreadable)


@pytest.mark.parametrize("setup", [
    "var bands = ['B04']; function setup() { return { input: bands, output: { bands: 1 } } }",
    "function setup() { return { input: ['B04'], output: { bands: 2 * 3 } } }",
    "function setup() { var told = {}; return told; }",
])  # fmt: skip
def test_a_computed_setup_is_not_called_wrong(setup: str) -> None:
    with pytest.raises(Unreadable):
        read(script(setup))
