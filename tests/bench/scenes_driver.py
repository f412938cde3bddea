"""Runs inside QGIS: 5,000 scenes in the Scenes tab while a 1 ms heartbeat on the main thread notes its longest gaps."""


from groundtrack.tests.bench.heart import Heart, begin, figures, finish, rest, wait
from qgis.core import QgsProject, QgsRectangle
from qgis.PyQt.QtCore import Qt
from qgis.utils import iface, plugins

SCENES, PAGE = 5000, 100
heart = Heart()
report: dict = {}


def measured(name, action):
    """Longest gaps in ms while `action` runs."""
    rest(0.5)
    heart.start()
    rest(0.1)
    action()
    rest(0.5)
    report[name] = figures(heart.stop(), 50)


def made_up():
    from groundtrack.aoi import from_bounds
    from groundtrack.providers.scenes import Scene

    scenes = []
    for number in range(SCENES):
        west, south = 11 + number % 50 * 0.02, 47.5 + number // 50 % 50 * 0.02
        taken = f"202{number % 5}-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:{number % 60:02d}:00Z"
        box = (west, south, west + 0.15, south + 0.1)
        cloud, outline = number % 101 * 0.99, from_bounds(*box)
        scenes.append(Scene(f"made:{number}", "astra", "sentinel-2-l2a", taken, cloud, "sentinel-2a", 10.0, outline, box))
    return scenes, from_bounds(11.4, 48.0, 11.8, 48.3)


def pages(page, scenes, area):
    """The answers to a search and forty-nine times Load More, each prepared by a worker."""
    from groundtrack.ui.scenes_query import found_page

    for first in range(0, SCENES, PAGE):
        page._session.work(page, lambda part=scenes[first : first + PAGE]: found_page(part, (), None, area), page._take, page._complain)
        wait(lambda end=first + PAGE: page.model.total >= end)
    wait(lambda: not page.footprints._waiting)


def scroll(page):
    bar = page.table.verticalScrollBar()
    for step in range(121):
        bar.setValue(bar.maximum() * step // 120)
        rest(0.02)


def go():
    iface.mainWindow().resize(1400, 900)
    iface.mapCanvas().setExtent(QgsRectangle(10.9, 47.4, 12.2, 48.7))
    plugins["groundtrack"].show_dock()
    dock = plugins["groundtrack"]._dock
    page = dock.scenes_page
    dock.tabs.setCurrentWidget(page)
    scenes, area = made_up()
    rest(2)
    measured("nothing, 2 s", lambda: rest(2))
    measured("50 pages of 100 scenes", lambda: pages(page, scenes, area))
    measured("scroll from top to bottom", lambda: scroll(page))
    measured("sort by clouds", lambda: page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder))
    measured("hide what covers less than 20 %", lambda: page.least.setValue(20))
    measured("show all again", lambda: page.least.setValue(0))
    measured("choose one", lambda: page.table.selectRow(7))
    measured("choose all", page.table.selectAll)
    QgsProject.instance().removeAllMapLayers()
    finish(report)


begin(go, 4000)
