"""Below the Area row, where a layer has several polygons: one job for all of them, or one for each, under which ids, for how much."""

from __future__ import annotations

import time
from typing import Any, Dict, List, Optional, Tuple

from qgis.core import QgsFieldProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgsDoubleSpinBox, QgsFieldComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from ..jobs.group import Group, new_group
from ..providers.base import Cost
from .batch_check import Batch, Cure
from .feature_reading import of_features
from .field_widgets import narrow
from .sentence import WARNING, Sentence
from .words import translate

MOST_BUDGET = 1e9


class BatchRow(QWidget):
    """`changed` tells that the requests may be others now. Hidden while there is nothing to choose."""

    changed = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._layer: Optional[QgsVectorLayer] = None
        self._selected = False
        self._cures: Tuple[Cure, ...] = ()
        self._unit = ""
        self._lay_out()
        self.jobs_box.currentIndexChanged.connect(self._choose)
        self.id_box.fieldChanged.connect(self._choose)
        self.show_layer(None, selected=False)

    # What others ask -----------------------------------------------------------------------------------------------------------

    def each(self) -> bool:
        """Whether there shall be one job for each feature."""
        return self._layer is not None and bool(self.jobs_box.currentData())

    def set_each(self, each: bool) -> None:
        self.jobs_box.setCurrentIndex(self.jobs_box.findData(each))

    def budget(self) -> Optional[float]:
        """What all jobs together may cost, None without a limit."""
        return self.budget_box.value() or None

    def use(self, id_field: str, budget: Optional[float]) -> None:
        """Choose one job for each feature, under these terms."""
        self.id_box.setField(id_field)
        self.budget_box.setValue(budget or 0.0)
        self.set_each(True)

    def show_layer(self, layer: Optional[QgsVectorLayer], *, selected: bool) -> None:
        """The layer that the area comes from, None for an area of another kind."""
        several = layer is not None and (layer.selectedFeatureCount() if selected else layer.featureCount()) not in (0, 1)
        if layer is not self._layer or selected is not self._selected:
            self._cures = ()
        changes = (self._layer is not None) is not several and bool(self.jobs_box.currentData())
        self._layer, self._selected = layer if several else None, selected
        if self.id_box.layer() is not self._layer:
            self.id_box.setLayer(self._layer)
        self.setVisible(several)
        self._show_each()
        if changes:
            self.changed.emit()

    def batch(self) -> Optional[Batch]:
        """How the features are read, None when all go into one request."""
        if self._layer is None or not self.each():
            return None
        return Batch(of_features(self._layer, selected=self._selected, id_field=self.id_box.currentField()), self._cures)

    def cure(self, code: str, which: int) -> bool:
        """Apply a cure to every feature that needs it; False when the features go into one request."""
        if not self.each():
            return False
        self._cures = (*self._cures, (code, which))
        self.changed.emit()
        return True

    def take_price(self, price: Any) -> None:
        """What all jobs together cost: a Cost, None when nobody knows, or the exception that came instead."""
        known = isinstance(price, Cost) and price.amount is not None
        if known:
            self._unit = price.unit
            self.budget_box.setSuffix(f" {price.unit}")
        unknown = translate("Groundtrack", "The service does not tell beforehand what this costs, so a budget cannot be kept.")
        self.complaint.say("" if known or not self.budget() else unknown, WARNING)

    def start(
        self, members: Tuple[str, ...], task: str, price: Optional[Cost], preset: str = ""
    ) -> Tuple[List[Dict[str, Any]], Optional[Group]]:
        """The group of a batch that is run now, and what makes its jobs members; nothing for other jobs. Raises ValueError."""
        if not members or self._layer is None:
            return [], None
        budget = self.budget()
        if budget is not None and (price is None or price.amount is None):
            text = translate("Groundtrack", "What this costs is not known, so a budget cannot be kept. Leave it open, or try again later.")
            raise ValueError(text)
        group = new_group(
            f"{self._layer.name()} – {task}", time.time(), budget=budget, unit=price.unit if price else "", layer=self._layer.name(),
            layer_id=self._layer.id(), id_field=self.id_box.currentField(), preset=preset,
            project=QgsProject.instance().absoluteFilePath(),
        )  # fmt: skip
        return [{"group": group.id, "group_title": group.title, "member": member} for member in members], group

    # Inside ----------------------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.jobs_box = narrow(QComboBox(self))
        self.jobs_box.addItem(translate("Groundtrack", "One Job for All Features"), False)
        self.jobs_box.addItem(translate("Groundtrack", "One Job for Each Feature"), True)
        self.id_box = QgsFieldComboBox(self)
        self.id_box.setFilters(QgsFieldProxyModel.Filter.AllTypes)
        self.id_box.setAllowEmptyFieldName(True)
        self.id_box.setToolTip(translate("Groundtrack", "The field that tells the features apart; left empty, their numbers are taken"))
        narrow(self.id_box)
        self.budget_box = QgsDoubleSpinBox(self)
        self.budget_box.setRange(0.0, MOST_BUDGET)
        self.budget_box.setDecimals(2)
        self.budget_box.setSpecialValueText(translate("Groundtrack", "no limit"))
        self.budget_box.setClearValue(0.0)
        self.budget_box.setToolTip(translate("Groundtrack", "No job is sent that would cost more than what is left of this"))
        self.complaint = Sentence(self)
        self._form = QFormLayout()
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, widget in (
            (translate("Groundtrack", "Jobs"), self.jobs_box),
            (translate("Groundtrack", "Ids from"), self.id_box),
            (translate("Groundtrack", "Budget"), self.budget_box),
        ):
            widget.setAccessibleName(label)
            self._form.addRow(label, widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._form)
        column.addWidget(self.complaint)
        self.budget_box.valueChanged.connect(lambda _: self.complaint.say(""))

    def _choose(self, _: object = None) -> None:
        self._cures = ()
        self._show_each()
        self.changed.emit()

    def _show_each(self) -> None:
        for widget in (self.id_box, self.budget_box):
            widget.setVisible(self.each())
            self._form.labelForField(widget).setVisible(self.each())
        if not self.each():
            self.complaint.say("")
