"""The time of a service, from what its answers tell."""

from __future__ import annotations

import pytest
from groundtrack.providers.service_clock import ServiceClock, date_of


def test_it_goes_on_without_this_computers_clock() -> None:
    count = [10.0]
    clock = ServiceClock(lambda: count[0])
    assert clock.now() == 0.0
    clock.learn({"date": "Mon, 04 May 2026 09:00:00 GMT"})
    count[0] += 90.0
    assert clock.now() == 1_777_885_200.0 + 90.0
    clock.learn({"content-type": "text/plain"})
    clock.learn({"date": "yesterday"})
    assert clock.now() == 1_777_885_290.0


@pytest.mark.parametrize("text", ["Mon, 04 May 2026 09:00:00 GMT", "Mon, 04 May 2026 09:00:00 -0000", "Mon, 04 May 2026 11:00:00 +0200"])
def test_dates_of_answers(text: str) -> None:
    assert date_of({"date": text}) == 1_777_885_200.0


@pytest.mark.parametrize("text", ["", "soon", "Mon, 99 May 2026 09:00:00 GMT"])
def test_what_is_no_date(text: str) -> None:
    assert date_of({"date": text}) is None
