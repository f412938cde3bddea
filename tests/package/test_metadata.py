"""metadata.txt and its companions, read the way QGIS and the plugin site read them."""

from __future__ import annotations

import configparser
import re
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REQUIRED = [
    "name", "description", "version", "qgisMinimumVersion", "author", "email", "about", "tracker", "repository",
    "homepage",
]  # fmt: skip


@pytest.fixture
def metadata(unpacked: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser()  # interpolation on: a lone % is an error, as on the site
    parser.optionxform = str
    parser.read(unpacked / "metadata.txt", encoding="utf-8")
    return parser["general"]


def test_every_value_reads_with_interpolation(metadata: configparser.SectionProxy) -> None:
    assert all(value.strip() for _, value in metadata.items())


def test_required_keys_are_there(metadata: configparser.SectionProxy) -> None:
    assert [key for key in REQUIRED if not metadata.get(key, "").strip()] == []


def test_identity(metadata: configparser.SectionProxy) -> None:
    assert metadata["name"] == "Groundtrack"
    assert re.fullmatch(r"\d+\.\d+\.\d+", metadata["version"])
    assert "/" not in metadata["author"]
    assert "@" in metadata["email"]
    assert metadata["category"] == "Web"


def test_versions_of_qgis(metadata: configparser.SectionProxy) -> None:
    assert (metadata["qgisMinimumVersion"], metadata["qgisMaximumVersion"]) == ("3.22", "4.99")
    assert "supportsQt6" not in metadata


def test_qgis_process_finds_the_algorithms(metadata: configparser.SectionProxy) -> None:
    assert metadata["hasProcessingProvider"] == "yes"


@pytest.mark.parametrize("key", ["homepage", "tracker", "repository"])
def test_links_are_full_addresses(metadata: configparser.SectionProxy, key: str) -> None:
    parts = urlsplit(metadata[key])
    assert parts.scheme == "https"
    assert "." in parts.netloc
    assert not parts.path.endswith(".zip")


def test_texts_are_plain(metadata: configparser.SectionProxy) -> None:
    for key in ("description", "about"):
        assert not re.search(r"<[a-zA-Z/]", metadata[key])
    assert "plugin" not in metadata["name"].lower()


def test_external_packages_are_declared_everywhere(metadata: configparser.SectionProxy, unpacked: Path) -> None:
    lines = (unpacked / "requirements.txt").read_text("utf-8").splitlines()
    packages = [re.split(r"[<>=]", line)[0] for line in lines if line]
    assert packages == ["shapely", "boto3"]
    assert all(package in metadata["about"] for package in packages)
    assert metadata["plugin_dependencies"] == "qpip"


def test_icon_is_a_small_png(metadata: configparser.SectionProxy, unpacked: Path) -> None:
    data = (unpacked / metadata["icon"]).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", data[16:24])
    assert width == height == 64
    assert len(data) < 10_000
