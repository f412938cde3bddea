"""Many jobs from one form: a batch with a budget, a dated series, a watch."""

from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QDate

BASINS = ("North", "East", "South", "West", "Outer", "Inner")
COAST = '{"type":"Polygon","coordinates":[[[4.0,51.97],[4.1,51.97],[4.1,52.02],[4.0,52.02],[4.0,51.97]]]}'
BUDGET = 0.45  # credits: not enough for all, so that one sees where it ends


def batch(trip):
    """One job for each basin, until the budget ends."""
    from groundtrack.jobs.group import Hold, standing

    row = trip.page.area
    trip.ask("Ships", COAST, date="2026-05-04")
    row.layer_box.setLayer(basins())
    row.set_source("layer")
    row.batch.use("name", BUDGET)
    trip.wait(lambda: trip.page.price.cost is not None and trip.page.foot.run_button.isEnabled(), "the price of the batch")
    trip.picture("batch-ready")
    trip.page.foot.run_button.click()
    panel = trip.dock.jobs_page.batches
    trip.wait(lambda: panel.headers, "the batch above the table")
    header = next(iter(panel.headers.values()))

    def stands():
        return standing(trip.session.groups[header.group.id], trip.session.jobs.values())

    trip.wait(lambda: stands().hold is Hold.BUDGET and not stands().at_work, "the budget to end", 120)
    trip.wait(lambda: not any(job.state.value == "fetched" for job in trip.jobs()), "the results of the batch on the map")
    trip.picture("batch-at-the-end-of-its-budget")
    panel._session.poller.cancel_rest(header.group.id)
    trip.wait(lambda: stands().over, "the rest to be dropped")


def basins():
    """Six squares with names along the coast."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:4326&field=name:string", "Basins", "memory")
    for number, name in enumerate(BASINS):
        west, south = 3.98 + number % 3 * 0.05, 51.955 + number // 3 * 0.035
        feature = QgsFeature(layer.fields())
        feature.setAttributes([name])
        feature.setGeometry(QgsGeometry.fromWkt(
            f"Polygon(({west} {south}, {west + 0.04} {south}, {west + 0.04} {south + 0.03}, {west} {south + 0.03}, {west} {south}))"
        ))  # fmt: skip
        layer.dataProvider().addFeatures([feature])
    layer.renderer().symbol().setColor(layer.renderer().symbol().color().fromRgb(214, 228, 236))
    QgsProject.instance().addMapLayer(layer)
    return layer


def series(trip, job):
    """The same ships, week after week."""
    from groundtrack.ui.series_dialog import SeriesDialog

    trip.dock.show_jobs(job.id)
    trip.dock.jobs_page._actions.actions["dates"].trigger()
    dialog = next(item for item in trip.dock.jobs_page.findChildren(SeriesDialog) if item.isVisible())
    dialog.mode.setCurrentIndex(dialog.mode.findText("From – To"))
    dialog.first.setDate(QDate(2026, 5, 4))
    dialog.last.setDate(QDate(2026, 5, 25))
    trip.wait(lambda: len(dialog.plan.requests) == 3 and dialog.cost.text(), "the series to be planned")
    trip.wait(lambda: "credits" in dialog.cost.text(), "the cost of the series")
    trip.picture("series-planned", dialog)
    before = len(trip.loaded())
    dialog.run_button.click()
    trip.wait(lambda: len(trip.loaded()) == before + 3, "the series on the map", 120)
    trip.picture("series-on-the-map")


def watch(trip):
    """A preset that runs by itself, and shows its cost before it is switched on."""
    from groundtrack.ui.watch_dialog import WatchDialog

    trip.ask("Ships", COAST, date="today - 3 days")
    applier, shelf = trip.page.presets.applier, trip.page.presets.shelf
    applier.use(shelf.add(applier.captured("Weekly port watch")[0], "project"), "watch")
    trip.wait(lambda: any(item.isVisible() for item in trip.page.findChildren(WatchDialog)), "the question about the watch")
    dialog = next(item for item in trip.page.findChildren(WatchDialog) if item.isVisible())
    trip.wait(lambda: dialog._order is not None, "the cost of the watch")
    trip.rest(1.5)
    trip.picture("watch", dialog)
    dialog.reject()
