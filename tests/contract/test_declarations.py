"""Every service file declares itself completely, with or without a persona."""

from __future__ import annotations

import pytest
from contract.cases import CASES
from groundtrack.providers import registry
from groundtrack.providers.fields import Kind, parse_all
from groundtrack.providers.operation import Result


@pytest.mark.parametrize("key", registry.keys())
def test_a_service_that_is_reached_over_the_network_has_a_case(key: str) -> None:
    if key not in CASES:
        pytest.skip(f"{key} has no persona in this suite")
    assert registry.provider_class(key).key == key


@pytest.fixture(params=registry.keys())
def declared(request: pytest.FixtureRequest) -> type:
    return registry.provider_class(request.param)


def test_a_service_says_who_it_is_and_what_an_account_needs(declared: type) -> None:
    assert declared.title
    assert declared.website.startswith("https://") or not declared.website
    names = [field.name for field in declared.account_fields]
    assert len(names) == len(set(names))
    assert all(field.label and field.name == field.name.lower() for field in declared.account_fields)
    assert declared.most_running >= 1
    assert declared.requests_per_second > 0


def test_every_operation_is_declared_completely(declared: type) -> None:
    keys = [operation.key for operation in declared.fixed_operations]
    assert len(keys) == len(set(keys))
    for operation in declared.fixed_operations:
        assert operation.title
        assert operation.summary.endswith(".")
        assert isinstance(operation.result, Result)
        assert operation.pace.first >= 0
        assert operation.pace.steps[0][0] == 0
        assert operation.pace.interval(1e9) > 0


def test_every_field_has_a_label_a_name_of_its_own_and_a_valid_default(declared: type) -> None:
    for operation in declared.fixed_operations:
        names = [field.name for field in operation.fields]
        assert len(names) == len(set(names))
        for field in operation.fields:
            assert field.label
            assert not field.label.endswith(":")
            assert field.name == field.name.lower()
            assert field.name.replace("_", "").isalnum()
            assert field.default is None or not field.required or field.parse(field.default) is not None
            assert (field.kind is Kind.CHOICE) == bool(field.choices)
            assert field.shown_if is None or field.shown_if.field in names
        defaults = {field.name: field.default for field in operation.fields if field.default is not None}
        _, wrong = parse_all(operation.fields, defaults)
        assert all(operation.field(name).required for name in wrong)


def test_a_scene_that_replaces_the_area_is_one_of_the_fields(declared: type) -> None:
    for operation in declared.fixed_operations:
        if operation.aoi.replaced_by:
            assert operation.field(operation.aoi.replaced_by)
