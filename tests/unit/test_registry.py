"""Services are found by their files; a broken one is told and stops nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import conftest
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


def test_what_is_listed_is_what_the_service_does() -> None:
    for key, entry in registry.entries().items():
        assert registry.offer(key) == registry.Offer(key, entry.provider.title, entry.provider.fixed_operations)


def test_the_tasks_of_all_services_are_listed_without_what_calls_them() -> None:
    program = f"""
import sys
sys.path.insert(0, {str(Path(conftest.__file__).parent)!r})
import conftest
sys.modules.update(dict.fromkeys(["groundtrack.providers.base", "groundtrack.providers.transport", "requests", "shapely"]))  # would fail
from groundtrack.providers import registry
print(*[registry.offer(key).key for key in registry.keys()])
"""
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert answer.stdout.split() == list(registry.keys()), answer.stderr


def test_a_service_without_a_file_of_tasks_is_listed_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import groundtrack.providers as package

    text = "from .local import Local\n\n\nclass Orbiter(Local):\n    key = \"zz_orbiter\"\n    title = \"Orbiter\"\n"
    (tmp_path / "zz_orbiter.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    offered = registry.offer("zz_orbiter")
    assert (offered.title, offered.operations) == ("Orbiter", registry.offer("local").operations)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_a_reason_in_words(name: str, broken: None) -> None:
    entry = registry.entry(name)
    assert entry.provider is None
    assert name in entry.reason
    for ask in (registry.provider_class, registry.offer):
        with pytest.raises(LookupError, match=name):
            ask(name)


def test_a_broken_file_leaves_the_others_working(broken: None) -> None:
    assert registry.entry("zz_raises").reason.endswith("no such library")
    assert registry.provider_class("sateais").title == "SateAIs"


def test_an_unknown_service_is_a_lookup_error() -> None:
    with pytest.raises(LookupError, match="no_such_service"):
        registry.provider_class("no_such_service")
