"""What a service offers can be chosen from a list beside the text; typing stays free."""

from __future__ import annotations

from typing import Any

import pytest

OPTIONS = {"🏠 Buildings": (("Heights", "Height estimation (10 credits/km²)"), ("OSM", "Merge & more")), "🚗 Roads": ()}


class Service:
    """Answers at once; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict] = []

    def choices(self, name: str, values: Any) -> tuple:
        if name == "blocks":
            self.asked.append(dict(values))
            return OPTIONS.get(values.get("model"), ())
        return tuple((model, f"{model} (10 credits/km²)") for model in OPTIONS)


class Session:
    """Stands in for the hub: no threads."""

    def __init__(self) -> None:
        self.service = Service()
        self.broken = ""

    def drop(self, ticket: int) -> None:
        """Nothing is ever on its way."""

    def ask(self, owner: Any, account: Any, question: Any, then: Any, failed: Any) -> int:
        if self.broken:
            failed(RuntimeError(self.broken))
        else:
            then(question(self.service))
        return 1


@pytest.fixture
def page(qgis_app: Any, qtbot: Any) -> Any:
    from groundtrack.providers.base import Account
    from groundtrack.providers.fields import Field, Kind
    from groundtrack.ui.form import OperationForm
    from groundtrack.ui.suggestions import Suggestions

    fields = (
        Field("model", "Model", choices_from="models"), Field("blocks", "Options", Kind.LIST, choices_from="blocks"), Field("name", "Name"),
    )  # fmt: skip
    form, session = OperationForm(fields), Session()
    qtbot.addWidget(form)
    form.show()
    suggestions = Suggestions(session, form)

    def offer(usable: bool = True) -> None:
        suggestions.offer(form, fields, Account("x", "a") if usable else None)

    return form, session, suggestions, offer


def labels(suggestions: Any, name: str) -> list[str]:
    return [action.text() for action in suggestions._lists[name]._menu.actions()]


def choose(suggestions: Any, name: str, number: int) -> None:
    suggestions._lists[name].open()
    suggestions._lists[name]._menu.actions()[number].trigger()
    suggestions._lists[name]._menu.close()


def test_a_model_is_chosen_by_its_label_and_its_name_is_filled_in(page: Any, qtbot: Any) -> None:
    form, _, suggestions, offer = page
    with qtbot.waitSignal(suggestions.learnt):
        offer()
    assert labels(suggestions, "model") == ["🏠 Buildings (10 credits/km²)", "🚗 Roads (10 credits/km²)"]
    choose(suggestions, "model", 0)
    assert form.values() == {"model": "🏠 Buildings"}
    form.input("model").widget.setText("my own model")
    assert form.values() == {"model": "my own model"}


def test_options_follow_the_model_and_are_switched_one_by_one(page: Any, qtbot: Any) -> None:
    form, session, suggestions, offer = page
    offer()
    assert labels(suggestions, "blocks") == ["Nothing to choose from"]
    choose(suggestions, "model", 0)
    qtbot.waitUntil(lambda: bool(suggestions.choices("blocks")))
    assert labels(suggestions, "blocks") == ["Height estimation (10 credits/km²)", "Merge && more"]
    choose(suggestions, "blocks", 0)
    choose(suggestions, "blocks", 1)
    assert form.values()["blocks"] == ("Heights", "OSM")
    suggestions._lists["blocks"].open()
    assert all(action.isChecked() for action in suggestions._lists["blocks"]._menu.actions())
    choose(suggestions, "blocks", 0)
    assert form.values()["blocks"] == ("OSM",)
    count = len(session.service.asked)
    form.input("name").widget.setText("Quay")
    assert not suggestions._timer.isActive()
    assert len(session.service.asked) == count


def test_nobody_is_asked_without_an_account_and_a_failure_is_shown_in_the_list(page: Any) -> None:
    _, session, suggestions, offer = page
    offer(usable=False)
    assert session.service.asked == []
    session.broken = "No connection to the service."
    offer()
    assert labels(suggestions, "model") == ["No connection to the service."]
    assert not suggestions._lists["model"]._menu.actions()[0].isEnabled()
