"""Services are found by their files; a broken one is told and stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from groundtrack.providers import registry
from groundtrack.providers.base import Provider

BROKEN = {
    "zz_syntax": "def (",
    "zz_raises": "raise RuntimeError('no such library')",
    "zz_imports": "import a_package_that_is_not_there",
    "zz_empty": "ANSWER = 42",
    "zz_nameless": "from .sateais import SateAIs\nclass Nameless(SateAIs):\n    pass\ndel SateAIs",
}


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A second folder of services, all of them broken."""
    import groundtrack.providers as package

    for name, text in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    registry.entry.cache_clear()
    yield
    registry.entry.cache_clear()


def test_the_files_of_services_are_found_and_shared_parts_are_not() -> None:
    keys = registry.keys()
    assert "sateais" in keys
    assert not {"base", "fields", "transport", "replies", "checks"} & set(keys)


def test_every_service_that_ships_can_be_used_and_is_named_after_its_file() -> None:
    for key, entry in registry.entries().items():
        assert entry.reason == ""
        assert issubclass(entry.provider, Provider)
        assert entry.provider.key == key


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_a_reason_in_words(name: str, broken: None) -> None:
    entry = registry.entry(name)
    assert entry.provider is None
    assert name in entry.reason
    with pytest.raises(LookupError, match=name):
        registry.provider_class(name)


def test_a_broken_file_leaves_the_others_working(broken: None) -> None:
    assert registry.entry("zz_raises").reason.endswith("no such library")
    assert registry.provider_class("sateais").title == "SateAIs"


def test_an_unknown_service_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="no_such_service"):
        registry.provider_class("no_such_service")
