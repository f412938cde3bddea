"""Areas of very many corners, in requests."""

from __future__ import annotations

import math

from groundtrack.aoi import Aoi
from groundtrack.jobs.job import new_job
from groundtrack.providers.base import MOST_CORNERS_IN_CLEAR, Account
from groundtrack.providers.local import Local
from groundtrack.providers.operation import Request
from groundtrack.providers.transport import Network, RequestsTransport


def wavy(corners: int, shift: float = 0.0) -> Aoi:
    angles = [2 * math.pi * number / corners for number in range(corners)]
    ring = [(10 + math.cos(angle) + shift, 50 + math.sin(angle)) for angle in angles]
    return Aoi((((*ring, ring[0]),),))


def fingerprint(area: Aoi) -> str:
    provider = Local(Account("local", "This computer"), RequestsTransport(Network()))
    return provider.fingerprint(Request("ndvi", {"image": "a.tif"}, area))


def test_large_outlines_are_told_apart_and_known_again() -> None:
    many = 2 * MOST_CORNERS_IN_CLEAR
    assert fingerprint(wavy(many)) == fingerprint(wavy(many))
    assert fingerprint(wavy(many)) != fingerprint(wavy(many, 1e-5))
    both = wavy(many).polygons + wavy(many, 5).polygons
    assert Aoi(both).checksum != Aoi((both[0] + both[1],)).checksum  # two outlines are no outline with a hole


def test_a_job_takes_the_outline_over_as_it_was_written_down_before() -> None:
    area = wavy(100)
    job = new_job("local", "This computer", Request("ndvi", {}, area), 0.0)
    assert job.request["aoi"] is area.geojson()
    assert job.from_dict(job.to_dict()) == job
