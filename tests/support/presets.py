"""What a person does with presets in the dock, and what the project then holds."""

from __future__ import annotations

import json
from typing import Any

from qgis.core import QgsProject

from .docks import choose


def apply(row: Any, name: str) -> None:
    """Choose a preset in the list, as a person does."""
    choose(row.combo, name)
    row.combo.activated.emit(row.combo.currentIndex())


def save(dock: Any, name: str, place: str = "project") -> None:
    """Save the form through the menu and the dialog."""
    row = dock.new_job.presets
    row.save_button.menu().aboutToShow.emit()
    action(row, "Save as Preset").trigger()
    from groundtrack.ui.preset_dialogs import SavePresetDialog

    dialog = row.findChild(SavePresetDialog)
    dialog.name.setText(name)
    dialog.place.setCurrentIndex(dialog.place.findData(place))
    dialog.accept()


def action(row: Any, text: str) -> Any:
    return next(item for item in row.save_button.menu().actions() if item.text().startswith(text))


def ships(dock: Any, date: str = "today - 30 days") -> None:
    page = dock.new_job
    choose(page.task.combo, "Ships")
    page.form.input("date").set_value(date)


def entries() -> list[dict[str, Any]]:
    project = QgsProject.instance()
    return [json.loads(project.readEntry("groundtrack", f"presets/{key}")[0]) for key in project.entryList("groundtrack", "presets")]


def write_entry(preset: Any, key: str = "p1") -> None:
    QgsProject.instance().writeEntry("groundtrack", f"presets/{key}", preset if isinstance(preset, str) else json.dumps(preset))


def ship_preset(**more: Any) -> dict[str, Any]:
    request = {"provider": "sateais", "operation": "ship", "account": "Port of X", "values": {"date": "2026-05-04"}}
    return {"schema": 2, "name": "Weekly", **request, "area": {"rule": "view"}, **more}


def combo_names(row: Any) -> list[str]:
    return [row.combo.itemText(index) for index in range(row.combo.count()) if row.combo.itemText(index)]


def days_ago(days: int) -> str:
    import datetime as dt

    return (dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=days)).isoformat()
