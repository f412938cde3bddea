"""Images of one's own as files: downloaded as they were uploaded, or linked where the service has them already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from contract.cases import MAPFLOW
from contract.play import Play
from groundtrack.jobs.downloads import download
from groundtrack.providers import errors
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.imagery import Image, Outcome, Upload
from simulator import Simulator
from simulator.mapflow_client import tiff


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    sim.clock.speed = 0
    play = Play(MAPFLOW, sim)
    yield play
    play.close()
    assert sim.mapflow.leaks == []


@pytest.fixture
def mosaic(play: Play) -> str:
    return str(play.provider().create_mosaic("North pier flight").id)


@pytest.fixture
def image(play: Play, mosaic: str, tmp_path: Path) -> Image:
    """Just uploaded."""
    path = tmp_path / "pier 01.tif"
    path.write_bytes(tiff(padding=100_000))
    sent = play.provider().upload(Upload(mosaic, path, path.stat().st_size), lambda *_: None, Cancel())
    assert sent.outcome is Outcome.ARRIVED
    (found,) = play.provider().images(mosaic)
    return found


def fetched(play: Play, image: Image, folder: Path) -> Path:
    provider = play.provider()
    return download(provider, provider.image_file(image), folder, progress=lambda *_: None, cancel=Cancel(), pause=lambda _: 0.0)


def test_an_image_comes_back_as_it_was_sent(play: Play, mosaic: str, image: Image, tmp_path: Path) -> None:
    play.sim.clock.advance(60)
    (ready,) = play.provider().images(mosaic)
    assert ready.downloadable
    path = fetched(play, ready, tmp_path / "fetched")
    assert path.read_bytes() == (tmp_path / "pier 01.tif").read_bytes()


def test_an_image_that_is_being_prepared_is_not_there_yet(play: Play, image: Image) -> None:
    with pytest.raises(errors.InvalidRequest, match="still being prepared"):
        play.provider().image_file(image)


def test_an_image_that_was_deleted_meanwhile_is_gone(play: Play, image: Image) -> None:
    play.provider().delete_image(image.id)
    with pytest.raises(errors.NotFound):
        play.provider().image_file(image)


def test_a_linked_image_joins_the_mosaic_and_is_not_given_out(play: Play, mosaic: str) -> None:
    play.provider().link_image(mosaic, "s3://users-data/other/pier_03.tif")
    assert play.sent("POST", f"/rest/rasters/mosaic/{mosaic}/link-image")[0].json == {"url": "s3://users-data/other/pier_03.tif"}
    play.sim.clock.advance(60)
    (linked,) = play.provider().images(mosaic)
    assert (linked.name, linked.downloadable) == ("pier_03.tif", False)
    with pytest.raises(errors.InvalidRequest, match="does not give this image out"):
        play.provider().image_file(linked)


def test_a_wrong_address_is_refused_in_words_and_sent_once(play: Play, mosaic: str) -> None:
    with pytest.raises(errors.InvalidRequest, match="must start with s3://"):
        play.provider().link_image(mosaic, "https://example.org/a.tif")
    assert len(play.sent("POST", f"/rest/rasters/mosaic/{mosaic}/link-image")) == 1


@pytest.mark.parametrize("body", ["{}", "[]", '{"download_url": null}', '{"download_url": 3}'])
def test_an_answer_without_a_link_is_said_so(play: Play, image: Image, body: str) -> None:
    play.sim.fault("status", path="/rest/rasters/image/*/download", status=200, body=body)
    with pytest.raises(errors.ProtocolError, match="no link"):
        play.provider().image_file(image)
