"""Fixtures that several unit test modules share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from groundtrack.providers.transport import Network, RequestsTransport
from support.site import Site
from support.steps import Case


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def transport() -> Iterator[RequestsTransport]:
    transport = RequestsTransport(Network(user_agent="groundtrack/9 QGIS/3", timeout=(2, 5), pace=0.02))
    yield transport
    transport.close()


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    made = Case(tmp_path)
    yield made
    made.journal.close()
