"""Imagery of one's own at Mapflow, over real HTTP: lists in every shape, changes, pictures, room, and uploads whatever becomes of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.cases import MAPFLOW
from contract.play import Play
from groundtrack.providers import errors
from groundtrack.providers.cancel import Cancel
from groundtrack.providers.imagery import Arrival, ImageState, Outcome, Upload
from simulator import Simulator
from simulator.mapflow_client import tiff

PREPARED = 60.0  # virtual seconds after which an image is ready


@pytest.fixture
def play(sim: Simulator) -> Iterator[Play]:
    sim.clock.speed = 0
    play = Play(MAPFLOW, sim)
    yield play
    play.close()
    assert sim.mapflow.leaks == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Qüai 01.tif"
    path.write_bytes(tiff(padding=600_000))
    return path


def settings(play: Play, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(play.sim.mapflow.settings, name, value)


def order(mosaic_id: str, file: Path, *known: str, began: float | None = None) -> Upload:
    return Upload(mosaic_id, file, file.stat().st_size, frozenset(known), time.time() if began is None else began)


def send(play: Play, upload: Upload, cancel: Cancel | None = None, report: Callable[[int, int], None] = lambda *_: None) -> Arrival:
    return play.provider().upload(upload, report, cancel or Cancel())


def look(play: Play, upload: Upload) -> Arrival:
    return play.provider().find_upload(upload, Cancel())


@pytest.fixture
def mosaic(play: Play) -> str:
    return play.provider().create_mosaic("North pier flight", ("pier", "2026")).id


def test_an_image_that_gets_ready_while_the_lists_are_read_is_never_ready_without_its_details(
    play: Play, mosaic: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = play.provider()
    send(play, order(mosaic, file))
    ask = provider.ask

    def slowly(*call: Any) -> Any:
        reply = ask(*call)
        play.sim.clock.advance(PREPARED)
        return reply

    monkeypatch.setattr(provider, "ask", slowly)
    (image,) = provider.images(mosaic)
    assert (image.state, image.size) == (ImageState.PREPARING, file.stat().st_size)
    (image,) = provider.images(mosaic)
    assert (image.state, image.size) == (ImageState.READY, file.stat().st_size)


SHAPES = [
    {}, {"mosaic_shape": "seed"}, {"mosaic_shape": "both"}, {"data_time_style": "seconds"}, {"upload_shape": "object"},
    {"extra_keys": True}, {"lean": True}, {"write_status": 201}, {"write_status": 204}, {"memory_shape": "seed"},
    {"memory_unlimited": True}, {"preview": "png"},
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(f"{name}={value}" for name, value in shape.items()) or "usual")
def test_an_image_goes_all_the_way_whatever_the_shape_of_the_answers(play: Play, mosaic: str, file: Path, shape: dict) -> None:
    settings(play, **shape)
    provider = play.provider()
    assert send(play, order(mosaic, file)).outcome is Outcome.ARRIVED
    (image,) = provider.images(mosaic)
    assert image.state is ImageState.PREPARING
    play.sim.clock.advance(PREPARED)
    (image,) = provider.images(mosaic)
    assert image.state is ImageState.READY
    assert next(iter(play.sim.mapflow.images.values())).data == file.read_bytes()
    assert [item.id for item in provider.mosaics()] == [mosaic]
    assert provider.picture(image.id)[:3] in (b"\xff\xd8\xff", b"\x89PN")
    provider.change_mosaic(mosaic, "South pier", ["s"])
    provider.rename_image(image.id, "Süd & Co.tif")
    (told,) = play.sim.mapflow.mosaics.values()
    assert (told.name, told.tags) == ("South pier", ["s"])
    assert play.sim.mapflow.images[image.id].filename == "Süd & Co.tif"
    provider.delete_image(image.id)
    assert provider.images(mosaic) == ()
    provider.delete_mosaic(mosaic)
    assert provider.mosaics() == ()


def test_what_is_told_of_mosaics_and_images(play: Play, mosaic: str, file: Path) -> None:
    provider = play.provider()
    send(play, order(mosaic, file))
    play.sim.clock.advance(PREPARED)
    play.sim.clock.advance(60)
    newer = provider.create_mosaic("Newer")
    first, second = provider.mosaics()
    assert (first.id, first.images, first.size, first.bounds, first.tags) == (newer.id, 0, 0, None, ())
    size = file.stat().st_size
    assert (second.name, second.tags, second.images, second.size) == ("North pier flight", ("pier", "2026"), 1, size)
    assert second.created.endswith("Z")
    (image,) = provider.images(mosaic)
    assert (image.name, image.size, image.crs, image.bands, image.width, image.height) == (file.name, size, "EPSG:4326", 3, 400, 300)
    assert image.bounds == pytest.approx((4.39, 51.22, 4.43, 51.25))


@pytest.mark.parametrize(("shape", "limit"), [("camel", 1073741824), ("seed", None)])
def test_room_is_told_in_both_shapes(play: Play, mosaic: str, file: Path, shape: str, limit: int | None) -> None:
    settings(play, memory_shape=shape)
    send(play, order(mosaic, file))
    room = play.provider().storage()
    assert (room.used, room.limit, room.most_file) == (file.stat().st_size, 5_368_709_120, limit)
    assert room.free == room.limit - room.used
    settings(play, memory_unlimited=True)
    assert play.provider().storage().free is None


def test_an_older_service_without_states_lists_what_is_ready(play: Play, mosaic: str, file: Path) -> None:
    settings(play, off={"/rasters/mosaic/*/status": 404})
    send(play, order(mosaic, file))
    assert play.provider().images(mosaic) == ()
    play.sim.clock.advance(PREPARED)
    assert [image.state for image in play.provider().images(mosaic)] == [ImageState.READY]


def test_an_image_that_cannot_be_prepared_says_why(play: Play, mosaic: str, file: Path) -> None:
    settings(play, prepare_fail="The projection is unknown")
    send(play, order(mosaic, file))
    play.sim.clock.advance(PREPARED)
    (image,) = play.provider().images(mosaic)
    assert (image.state, image.problem) == (ImageState.FAILED, "The projection is unknown")


@pytest.mark.parametrize("body", ["null", "[null, 3, \"x\", {}, {\"id\": 5}, {\"id\": null}]", "{\"images\": 3}", "{}", "[[]]"])
def test_a_garbage_list_breaks_nothing(play: Play, mosaic: str, body: str) -> None:
    play.sim.fault("status", path="/rest/rasters/mosaic", status=200, body=body)
    play.sim.fault("status", path="/rest/rasters/mosaic/*/image", status=200, body=body)
    play.sim.fault("status", path="/rest/rasters/mosaic/*/status", status=200, body=body)
    for call in (play.provider().mosaics, lambda: play.provider().images(mosaic)):
        if body == "null":
            with pytest.raises(errors.ProtocolError, match="unexpected"):
                call()
        else:
            assert {item.id for item in call()} <= {"5"}
    play.sim.fault("garbage", path="/rest/rasters/mosaic")
    with pytest.raises(errors.ProtocolError):
        play.provider().mosaics()


@pytest.mark.parametrize("shape", ["object", "list", "string", "message"])
def test_something_deleted_meanwhile_is_said_so_in_every_shape(play: Play, shape: str) -> None:
    settings(play, data_error_shape=shape)
    for call in (lambda: play.provider().images("gone"), lambda: play.provider().delete_mosaic("gone"),
                 lambda: play.provider().delete_image("gone"), lambda: play.provider().picture("gone")):  # fmt: skip
        with pytest.raises(errors.NotFound, match="Refresh the list"):
            call()


def test_what_a_running_job_uses_stays_until_its_end(play: Play, mosaic: str, file: Path) -> None:
    send(play, order(mosaic, file))
    play.sim.clock.advance(PREPARED)
    values = {"model": play.request.values["model"], "mosaic_id": mosaic}
    handle = play.provider().submit(type(play.request)("processing", values, play.request.aoi))
    with pytest.raises(errors.InvalidRequest, match="has to end first"):
        play.provider().delete_mosaic(mosaic)
    play.sim.mapflow.finish(handle.remote_id)
    play.provider().delete_mosaic(mosaic)


def test_a_change_without_an_answer_says_that_nobody_knows(play: Play, mosaic: str) -> None:
    play.sim.fault("drop_after", method="DELETE", path="/rest/rasters/*")
    with pytest.raises(errors.TransportError, match="Refresh the list"):
        play.provider().delete_mosaic(mosaic)
    assert len(play.sent("DELETE", "/rest/rasters/*")) == 1
    assert play.provider().mosaics() == ()


def test_read_only_accounts_are_told_so(play: Play) -> None:
    with pytest.raises(errors.AuthError, match="does not allow this"):
        play.provider(api_token=play.sim.mapflow.tokens["readonly"]).create_mosaic("x")


# Uploads

REFUSED = [
    ({"max_upload": 1000}, errors.InvalidRequest, "at most"),
    ({"memory_limit": 1000}, errors.InvalidRequest, "storage is full"),
    ({"upload_gate": 1000}, errors.InvalidRequest, "larger than Mapflow takes"),
    ({"max_pixels": 10}, errors.InvalidRequest, "not supported"),
]


@pytest.mark.parametrize(("switches", "kind", "words"), REFUSED, ids=lambda value: str(value)[:20])
def test_a_refused_upload_says_why_and_leaves_nothing(play: Play, mosaic: str, file: Path, switches: dict, kind: type, words: str) -> None:
    settings(play, **switches)
    with pytest.raises(kind, match=words):
        send(play, order(mosaic, file))
    assert not play.sim.mapflow.images


def test_something_else_than_a_geotiff_is_refused(play: Play, mosaic: str, file: Path) -> None:
    file.write_bytes(b"no raster at all")
    with pytest.raises(errors.InvalidRequest, match="not a GeoTIFF"):
        send(play, order(mosaic, file))


def test_an_image_that_does_not_fit_its_mosaic_is_refused(play: Play, mosaic: str, file: Path) -> None:
    send(play, order(mosaic, file))
    file.write_bytes(tiff(count=1))
    with pytest.raises(errors.InvalidRequest, match="another mosaic"):
        send(play, order(mosaic, file))


def test_progress_is_told_and_the_whole_file_arrives_at_its_own_pace(play: Play, mosaic: str, file: Path) -> None:
    settings(play, upload_rate=2_000_000.0)
    told: list[tuple[int, int]] = []
    assert send(play, order(mosaic, file), report=lambda *done: told.append(done)).outcome is Outcome.ARRIVED
    assert told == sorted(told)
    assert told[-1] == (file.stat().st_size, file.stat().st_size)


def test_an_answer_lost_after_the_file_arrived_is_looked_for_and_nothing_is_sent_twice(play: Play, mosaic: str, file: Path) -> None:
    play.sim.fault("drop_after", method="POST", path="/rest/rasters/*/image")
    upload = order(mosaic, file)
    assert send(play, upload).outcome is Outcome.UNKNOWN
    assert look(play, upload).outcome is Outcome.ARRIVED
    assert len(play.sent("POST", "/rest/rasters/*/image")) == len(play.sim.mapflow.images) == 1


def test_a_gateway_that_gave_up_waiting_is_no_refusal(play: Play, mosaic: str, file: Path) -> None:
    play.sim.fault("status", method="POST", path="/rest/rasters/*/image", status=504, acted=True)
    upload = order(mosaic, file)
    assert send(play, upload).outcome is Outcome.UNKNOWN
    assert look(play, upload).outcome is Outcome.ARRIVED


def test_a_lost_upload_that_never_arrived_is_said_to_be_missing(play: Play, mosaic: str, file: Path) -> None:
    play.sim.fault("drop_before", method="POST", path="/rest/rasters/*/image")
    upload = order(mosaic, file)
    assert send(play, upload).outcome is Outcome.UNKNOWN
    assert look(play, upload).outcome is Outcome.MISSING
    assert send(play, upload).outcome is Outcome.ARRIVED


def test_an_image_that_is_listed_late_is_waited_for(play: Play, mosaic: str, file: Path) -> None:
    settings(play, upload_list_lag=30.0)
    play.sim.clock.speed = 60.0
    upload = order(mosaic, file)
    send(play, upload)
    assert look(play, upload).outcome is Outcome.ARRIVED
    assert len(play.sent("GET", "/rest/rasters/mosaic/*/status")) > 1


def test_without_states_a_missing_image_may_still_come_for_a_while(play: Play, mosaic: str, file: Path) -> None:
    settings(play, off={"/rasters/mosaic/*/status": 404})
    upload = order(mosaic, file)
    assert look(play, upload).outcome is Outcome.UNKNOWN
    assert look(play, order(mosaic, file, began=time.time() - 3600)).outcome is Outcome.MISSING


def test_a_name_that_the_service_spells_anew_is_known_again(play: Play, mosaic: str, file: Path) -> None:
    upload = order(mosaic, file)
    send(play, upload)
    next(iter(play.sim.mapflow.images.values())).filename = "Q??ai_01.TIF"
    assert look(play, upload).outcome is Outcome.ARRIVED


def test_images_that_were_there_before_and_others_are_not_taken_for_the_upload(play: Play, mosaic: str, file: Path) -> None:
    send(play, order(mosaic, file))
    (before,) = play.provider().images(mosaic)
    upload = order(mosaic, file, before.id)
    assert look(play, upload).outcome is Outcome.MISSING
    other = file.with_name("other.tif")
    other.write_bytes(file.read_bytes())
    send(play, order(mosaic, other))
    assert look(play, upload).outcome is Outcome.MISSING


def test_a_connection_that_breaks_in_the_middle_keeps_nothing_and_needs_no_look(play: Play, mosaic: str, file: Path) -> None:
    with file.open("ab") as growing:
        growing.truncate(40 * 2**20)
    settings(play, upload_cut=200_000)
    with pytest.raises(errors.TransportError, match=r"of 40\.0 MB\. Nothing of the file was kept"):
        send(play, order(mosaic, file))
    assert not play.sim.mapflow.images


def test_stop_ends_an_upload_at_once_and_nothing_is_kept(play: Play, mosaic: str, file: Path) -> None:
    settings(play, upload_rate=50_000.0)
    cancel, begun, ended = Cancel(), threading.Event(), []

    def run() -> None:
        try:
            ended.append(send(play, order(mosaic, file), cancel, lambda *_: begun.set()))
        except errors.ServiceProblem as problem:
            ended.append(problem)
        finally:
            play.transport.close()

    with file.open("ab") as growing:
        growing.truncate(40 * 2**20)
    worker = threading.Thread(target=run)
    worker.start()
    assert begun.wait(30)
    cancel.set()
    worker.join(30)
    assert not worker.is_alive()
    assert isinstance(ended[0], errors.Cancelled)
    assert not play.sim.mapflow.images


def test_a_mosaic_deleted_while_a_file_is_sent_is_said_so(play: Play, mosaic: str, file: Path) -> None:
    settings(play, upload_rate=400_000.0)

    def delete(sent: int, size: int) -> None:
        play.sim.mapflow.mosaics.clear()

    with pytest.raises(errors.NotFound, match="deleted meanwhile"):
        send(play, order(mosaic, file), report=delete)
