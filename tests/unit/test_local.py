"""This computer as a provider: inputs, refusals before anything starts, and handing the result over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from groundtrack.aoi import from_bounds
from groundtrack.providers.base import Account, Asset, Handle, Phase, Severity
from groundtrack.providers.errors import Gone, InvalidRequest, NotFound
from groundtrack.providers.local import Local
from groundtrack.providers.operation import Request
from support.rasters import flat, write_raster


@pytest.fixture
def provider() -> Local:
    return Local(Account("local", "This computer"), None)


@pytest.fixture
def image(tmp_path: Path) -> str:
    return write_raster(tmp_path / "scene.tif", [flat(2), flat(1), flat(3), flat(2)], names=("green", "red", "nir", "swir16"))


def errors(provider: Local, operation: str, aoi: Any = None, **values: Any) -> list[tuple[str, str]]:
    found = provider.problems(Request(operation, values, aoi))
    return [(problem.field, problem.message) for problem in found if problem.severity is Severity.ERROR]


def test_the_names_of_the_tasks_are_fixed(provider: Local) -> None:
    assert [operation.key for operation in provider.operations()] == ["ndvi", "change_detection", "ndwi", "ndmi", "nbr", "formula"]


def test_nothing_is_needed_to_sign_in(provider: Local) -> None:
    assert provider.check().who == "This computer"
    assert provider.account_fields == ()
    assert "Free" in provider.estimate(Request("ndvi")).note


@pytest.mark.parametrize("operation", ["ndvi", "ndwi", "ndmi"])
def test_an_image_with_known_bands_is_enough(provider: Local, image: str, operation: str) -> None:
    assert errors(provider, operation, image=image) == []


def test_guessed_bands_are_shown_and_can_be_written_down(provider: Local, image: str) -> None:
    request = Request("ndvi", {"image": image})
    (problem,) = provider.problems(request)
    assert problem.severity is Severity.WARNING
    assert "near infrared is band 3 of scene.tif (nir)" in problem.message
    assert "red is band 2 of scene.tif (red)" in problem.message
    (repaired,) = problem.repair.apply(request)
    assert repaired.values == {"image": image, "red_band": 2, "nir_band": 3}
    assert provider.problems(repaired) == ()


def test_other_bands_can_be_chosen(provider: Local, image: str, tmp_path: Path) -> None:
    alone = write_raster(tmp_path / "alone.tif", [flat(9)])
    assert errors(provider, "ndvi", image=image, red_band=1, nir_band=4) == []
    assert errors(provider, "ndvi", red=f"{image}#2", nir=alone) == []
    assert errors(provider, "ndvi", red=image, nir=alone) == []


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({}, "nir", "Near infrared is missing: give an image with several bands, or a file for this band."),
        ({"image": "absent.tif"}, "image", "absent.tif cannot be opened as a raster"),
        ({"image": "{folder}/one.tif"}, "image", "one.tif has only one band. Give an image with several bands, or one file for each band."),
        ({"image": "{folder}/plain.tif"}, "nir_band", "Nothing in plain.tif tells which band is near infrared. Give its number."),
        ({"image": "{folder}/plain.tif", "red_band": 1, "nir_band": 5}, "nir_band", "plain.tif has no band 5; it has 2."),
        (
            {"red": "{folder}/plain.tif", "nir": "{folder}/one.tif"},
            "red",
            "plain.tif has several bands. Write the number of",
        ),
        ({"red": "{folder}/one.tif", "nir": "{folder}/far.tif"}, "red", "do not overlap"),
        ({"red": "{folder}/one.tif", "nir": "{folder}/turned.tif"}, "nir", "turned.tif lies on a rotated grid"),
        ({"red": "{folder}/one.tif", "nir": "{folder}/nowhere.tif"}, "nir", "nowhere.tif has no coordinate system"),
        ({"red": "{folder}/one.tif", "nir": "{folder}/one.tif", "mask": "{folder}/one.tif"}, "mask_kind", "does not tell what kind"),
        ({"image": "{folder}/plain.tif", "grid": "explicit"}, "resolution", "Resolution is missing."),
        ({"image": "{folder}/plain.tif", "threshold": 1}, "threshold", "has no input"),
    ],
)
def test_what_cannot_work_is_refused_before_it_starts(
    provider: Local, tmp_path: Path, values: dict[str, Any], field: str, sentence: str
) -> None:
    write_raster(tmp_path / "one.tif", [flat(1)])
    write_raster(tmp_path / "plain.tif", [flat(1), flat(2)])
    write_raster(tmp_path / "far.tif", [flat(1)], origin=(700000.0, 5000000.0))
    write_raster(tmp_path / "turned.tif", [flat(1)], rotation=0.5)
    write_raster(tmp_path / "nowhere.tif", [flat(1)], epsg=None)
    given = {name: value.format(folder=tmp_path) if isinstance(value, str) else value for name, value in values.items()}
    ((named, message), *_) = errors(provider, "ndvi", **given)
    assert named == field
    assert sentence in message
    with pytest.raises(InvalidRequest) as refused:
        provider.submit(Request("ndvi", given, None, "refused"))
    assert sentence in str(refused.value)
    assert provider.statuses([Handle("refused")])["refused"].phase is Phase.FAILED


def test_the_area_must_lie_on_the_image(provider: Local, image: str) -> None:
    assert errors(provider, "ndvi", from_bounds(100, 10, 101, 11), image=image) == [("", "The area lies outside the images.")]
    assert errors(provider, "ndvi", from_bounds(2.9, 45.1, 3.1, 45.2), image=image) == []


def test_looking_for_problems_asks_no_server(provider: Local) -> None:
    # the guard around every test fails on any attempt
    assert errors(provider, "ndvi", image="https://example.org/scene.tif") == []
    assert errors(provider, "ndvi", red="s3://bucket/B04.tif", nir="/vsicurl/https://example.org/B08.tif") == []


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"bands": "red, blue"}, "bands", "“blue” is not a band of change detection."),
        ({"bands": "nir, swir16"}, "bands", "Change detection needs red and nir; red is not among the bands."),
        ({"bands": "red=9, nir"}, "bands", "scene.tif has no band 9; it has 4."),
        ({"threshold": 2}, "threshold", "above the largest value 1"),
    ],
)
def test_change_detection_says_what_is_wrong(provider: Local, image: str, values: dict[str, Any], field: str, sentence: str) -> None:
    ((named, message), *_) = errors(provider, "change_detection", before=image, after=image, **values)
    assert named == field
    assert sentence in message


def test_classes_that_cannot_be_told_are_told(provider: Local, image: str) -> None:
    request = Request("change_detection", {"before": image, "after": image, "bands": "red, nir"})
    told = [problem.message for problem in provider.problems(request)]
    assert told == [f"“{name}” cannot be told from the bands of these images." for name in ("Built-up gain", "Water change")]
    assert provider.problems(Request("change_detection", {"before": image, "after": image})) == ()


@pytest.mark.parametrize(
    ("expression", "field", "sentence"),
    [
        ("nir - blue", "expression", "The formula uses blue, which no band of scene.tif is known as. Use b1 to b4."),
        ("b9 + 1", "expression", "scene.tif has no band 9; it has 4."),
        ("a + 1", "a", "The formula uses a, but no file is given for it."),
        ("open('x')", "expression", "The formula may not hold"),
    ],
)
def test_formulas_say_what_is_wrong(provider: Local, image: str, expression: str, field: str, sentence: str) -> None:
    ((named, message), *_) = errors(provider, "formula", image=image, expression=expression)
    assert named == field
    assert sentence in message


def test_what_is_previewed_holds_every_input_and_equal_requests_are_equal(provider: Local, image: str) -> None:
    area = from_bounds(3.0, 45.1, 3.001, 45.15)
    call = provider.build(Request("ndvi", {"image": image, "nir_band": "3"}, area))
    assert call.preview().startswith("RUN local:ndvi\n")
    assert (call.body["image"], call.body["nir_band"], call.body["area"]) == (image, 3, area.geojson())
    assert "Authorization" not in call.preview()
    one, same, other = {"image": image, "nir_band": "3"}, {"image": image, "nir_band": 3}, {"image": image}
    asked = provider.fingerprint(Request("ndvi", one, area))
    assert asked == provider.fingerprint(Request("ndvi", same, area, "other tag"))
    assert asked != provider.fingerprint(Request("ndvi", other, area))


def test_the_result_is_moved_with_what_belongs_to_it(provider: Local, tmp_path: Path) -> None:
    work, folder = tmp_path / "work", tmp_path / "results"
    work.mkdir()
    folder.mkdir()
    for name in ("ndvi.tif", "ndvi.tif.stats.json", "ndvi.tif.aux.xml"):
        (work / name).write_text(name)
    asset = Asset("ndvi.tif", (work / "ndvi.tif").as_uri())
    assert provider.bring(asset, folder / "ndvi_2.tif")
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "ndvi_2.tif": "ndvi.tif",
        "ndvi_2.tif.stats.json": "ndvi.tif.stats.json",
        "ndvi_2.tif.aux.xml": "ndvi.tif.aux.xml",
    }
    assert not work.exists()
    with pytest.raises(Gone):
        provider.bring(asset, folder / "again.tif")


def test_a_result_is_copied_where_it_cannot_be_renamed(provider: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from groundtrack.providers import local

    rename = local.os.replace

    def other_disk(source: Path, target: Path) -> None:
        if Path(source).parent != Path(target).parent:
            raise OSError(18, "Invalid cross-device link")
        rename(source, target)

    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "ndvi.tif").write_bytes(b"pixels")
    monkeypatch.setattr(local.os, "replace", other_disk)
    assert provider.bring(Asset("ndvi.tif", (tmp_path / "work" / "ndvi.tif").as_uri()), tmp_path / "ndvi.tif")
    assert (tmp_path / "ndvi.tif").read_bytes() == b"pixels"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ndvi.tif"]


def test_a_job_nobody_started_is_known_to_be_gone(provider: Local) -> None:
    handle = provider.recover(Request("ndvi", tag="never"), 0.0, [])
    status = provider.statuses([handle])["never"]
    assert (status.phase, status.message) == (Phase.FAILED, "QGIS was closed while this was computed. Run it again.")
    with pytest.raises(NotFound):
        provider.stop(handle)
    with pytest.raises(Gone):
        provider.assets(handle)


def told(provider: Local, operation: str, **values: Any) -> Any:
    return provider.guesses(Request(operation, values))


def test_the_bands_of_an_image_are_offered_and_guessed(provider: Local, image: str) -> None:
    found = told(provider, "ndvi", image=image)
    assert (found["nir_band"].value, found["red_band"].value) == (3, 2)
    words = ["1 – green", "2 – red", "3 – nir (near infrared)", "4 – swir16 (short-wave infrared 1.6 µm)"]
    assert found["red_band"].options == tuple(enumerate(words, 1))


def test_bands_without_names_are_offered_without_a_guess(provider: Local, tmp_path: Path) -> None:
    plain = write_raster(tmp_path / "plain.tif", [flat(1), flat(2)])
    assert told(provider, "ndvi", image=plain)["nir_band"].value is None
    assert [label for _, label in told(provider, "ndvi", image=plain)["nir_band"].options] == ["1 – plain.tif", "2 – plain.tif"]


def test_several_files_are_told_apart(provider: Local, tmp_path: Path) -> None:
    one, other = (write_raster(tmp_path / name, [flat(1)]) for name in ("T31TFJ_B04.tif", "T31TFJ_B08.tif"))
    found = told(provider, "ndvi", image=f"{one}; {other}")
    assert (found["red_band"].value, found["nir_band"].value) == (1, 2)
    assert found["red_band"].options[0] == (1, "1 – T31TFJ_B04.tif (red)")


def test_the_bands_of_two_dates_are_written_with_numbers_where_these_agree(provider: Local, image: str, tmp_path: Path) -> None:
    assert told(provider, "change_detection", before=image, after=image)["bands"].value == ("red=2", "nir=3", "green=1", "swir16=4")
    other = write_raster(tmp_path / "other.tif", [flat(2), flat(1)], names=("nir", "red"))
    assert told(provider, "change_detection", before=image, after=other)["bands"].value == ("red", "nir")
    assert told(provider, "change_detection", before=image) == {}
    assert errors(provider, "change_detection", before=image, after=other, bands="red, nir") == []


def test_a_formula_is_told_what_its_bands_are_called(provider: Local, image: str) -> None:
    assert told(provider, "formula", image=image)["expression"].note == "Bands: b1 green, b2 red, b3 nir, b4 swir16"


def test_an_image_that_cannot_be_opened_is_told_where_its_bands_are_asked(provider: Local) -> None:
    guesses = told(provider, "ndvi", image="absent.tif")
    assert "absent.tif cannot be opened" in guesses["red_band"].note
    assert not guesses["nir_band"].note  # once is enough
