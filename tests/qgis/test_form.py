"""Forms made from declarations: what a person gives comes out typed, what does not count stays away."""

from __future__ import annotations

from typing import Any

import pytest
from qgis.PyQt.QtCore import QPoint, QPointF, Qt
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtWidgets import QApplication
from support.docks import texts


@pytest.fixture
def make_form(qgis_app: Any, qtbot: Any) -> Any:
    def make(*fields: Any) -> Any:
        from groundtrack.ui.form import OperationForm

        form = OperationForm(fields)
        qtbot.addWidget(form)
        form.show()
        return form

    return make


def field(name: str, kind: str = "text", **known: Any) -> Any:
    from groundtrack.providers.fields import Field, Kind

    return Field(name, known.pop("label", name.title()), Kind(kind), **known)


@pytest.mark.parametrize(
    ("kind", "known", "given", "expected"),
    [
        ("text", {}, "abc", "abc"),
        ("choice", {"choices": (("a", "First"), ("b", "Second"))}, "b", "b"),
        ("number", {"unit": "m"}, 2.5, 2.5),
        ("integer", {"minimum": 1, "maximum": 9}, 7, 7),
        ("boolean", {}, True, True),
        ("date", {}, "2026-05-04", "2026-05-04"),
        ("list", {}, ("a", "b"), ("a", "b")),
        ("scenes", {}, "one, two", ("one", "two")),
        ("bands", {}, ["B4", "B8"], ("B4", "B8")),
        ("script", {}, "//VERSION=3\nreturn 1", "//VERSION=3\nreturn 1"),
        ("file", {}, "image.tif", "image.tif"),
        ("json", {}, {"a": 1}, '{\n  "a": 1\n}'),
    ],
)
def test_every_kind_takes_and_gives_its_value(make_form: Any, kind: str, known: Any, given: Any, expected: Any) -> None:
    form = make_form(field("x", kind, **known))
    form.set_values({"x": given})
    assert form.values() == {"x": expected}


@pytest.mark.parametrize("kind", ["text", "choice", "number", "integer", "date", "list", "scenes", "bands", "script", "file", "json"])
def test_optional_input_that_nobody_filled_says_nothing(make_form: Any, kind: str) -> None:
    form = make_form(field("x", kind, choices=(("a", "A"),) if kind == "choice" else ()))
    assert form.values() == {}


def test_emptied_number_says_nothing_again(make_form: Any) -> None:
    form = make_form(field("x", "number", minimum=0, unit="%"))
    form.set_values({"x": 0})
    assert form.values() == {"x": 0}
    form.input("x").widget.clear()
    assert form.values() == {}


def test_defaults_are_shown(make_form: Any) -> None:
    form = make_form(field("n", "integer", default=10), field("c", "choice", default="b", choices=(("a", "A"), ("b", "B"))))
    assert form.values() == {"n": 10, "c": "b"}


def test_row_that_does_not_count_is_hidden_and_not_sent(make_form: Any) -> None:
    from groundtrack.providers.fields import ShownIf

    form = make_form(field("scene"), field("date", "date", shown_if=ShownIf("scene", ())))
    form.set_values({"date": "2026-05-04"})
    assert form.values() == {"date": "2026-05-04"}
    form.input("scene").widget.setText("S1A")
    assert form.values() == {"scene": "S1A"}
    assert not form.input("date").widget.isVisible()
    assert "Date" not in texts(form)


def test_advanced_fields_are_folded_away_until_one_is_wrong(make_form: Any) -> None:
    form = make_form(field("a"), field("b", advanced=True))
    assert not form.input("b").widget.isVisible()
    form.input("b").set_value("wrong")
    form.show_problems({"b": "B is wrong."})
    assert "B is wrong." in texts(form)


def test_what_is_folded_away_stays_so_when_something_changes(make_form: Any) -> None:
    form = make_form(field("a"), field("b", advanced=True))
    form.input("a").widget.setText("x")
    QApplication.processEvents()
    assert not form.input("b").widget.isVisible()
    form._advanced.setCollapsed(False)
    assert form.input("b").widget.isVisible()
    form._advanced.setCollapsed(True)
    assert not form.input("b").widget.isVisible()


def test_complaint_waits_until_the_field_was_touched(make_form: Any) -> None:
    form = make_form(field("a", required=True))
    form.show_problems({"a": "A is missing."})
    assert "A is missing." not in texts(form)
    form.input("a").widget.setText("x")
    form.show_problems({"a": "A is odd."})
    assert "A is odd." in texts(form)


def test_change_is_told_once_and_help_reaches_everybody(make_form: Any, qtbot: Any) -> None:
    form = make_form(field("a", "date", help="Day of the pass."))
    heard = []
    form.changed.connect(lambda: heard.append(form.values()))
    form.set_values({"a": "2026-05-04"})
    assert heard == [{"a": "2026-05-04"}]
    widget = form.input("a").widget
    assert widget.accessibleName() == "A"
    assert "UTC" in widget.toolTip()
    assert widget.accessibleDescription() == widget.toolTip()


def test_wheel_over_an_input_does_not_change_it(make_form: Any) -> None:
    form = make_form(field("n", "integer", default=10), field("other"))
    form.input("other").widget.setFocus()
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(form.input("n").widget, wheel)
    assert form.values() == {"n": 10}


def test_text_of_a_service_is_never_taken_for_markup(make_form: Any) -> None:
    form = make_form(field("a"))
    form.input("a").widget.setText("x")
    form.show_problem("a", "<b>bold</b>")
    assert "<b>bold</b>" in texts(form)
    from qgis.PyQt.QtWidgets import QLabel

    shown = [label for label in form.findChildren(QLabel) if "bold" in label.text()]
    assert [label.textFormat() for label in shown] == [Qt.TextFormat.PlainText]


def test_warning_is_told_at_once_and_an_error_comes_first(make_form: Any) -> None:
    form = make_form(field("a"))
    form.show_problems({}, {"a": "By its metadata, red is band 4."})
    assert "red is band 4" in texts(form)
    form.input("a").widget.setText("x")
    form.show_problems({"a": "A is wrong."}, {"a": "A is wrong."})
    assert texts(form).count("A is wrong.") == 1


def test_rows_that_do_not_count_stay_hidden_when_the_box_opens_and_leave_no_gap(make_form: Any) -> None:
    from groundtrack.providers.fields import ShownIf

    rare = [field(f"rare{number}", label="Rare", shown_if=ShownIf("kind", ("odd",)), advanced=True) for number in range(20)]
    kinds = (("plain", "Plain"), ("odd", "Odd"))
    kind = field("kind", "choice", default="plain", choices=kinds)
    form = make_form(kind, field("first", advanced=True), *rare, field("last", advanced=True))
    form._advanced.setCollapsed(False)
    QApplication.processEvents()
    assert "Rare" not in texts(form)

    def between() -> int:
        first, last = (form.input(name).widget for name in ("first", "last"))
        return last.mapTo(form, QPoint()).y() - first.mapTo(form, QPoint()).y() - first.height()

    form.adjustSize()
    QApplication.processEvents()
    assert between() < 20
    form.input("kind").set_value("odd")
    form.adjustSize()
    QApplication.processEvents()
    assert texts(form).count("Rare") == 20
    assert between() > 20 * form.input("first").widget.height()
    form.input("kind").set_value("plain")
    form._advanced.setCollapsed(True)
    form._advanced.setCollapsed(False)
    form.adjustSize()
    QApplication.processEvents()
    assert "Rare" not in texts(form)
    assert between() < 20
