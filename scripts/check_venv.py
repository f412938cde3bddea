"""Fail early when the test environment cannot do what QGIS can: import success of qgis.core alone proves nothing."""

from __future__ import annotations

import os
import sys
import tempfile

NEEDED = {"ogr", "gdal", "memory", "wms", "WFS", "delimitedtext"}


def main() -> None:
    """Start QGIS once in a throw-away profile and look at what it offers."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["XDG_RUNTIME_DIR"] = os.environ["HOME"] = tempfile.mkdtemp(prefix="groundtrack-check-")
    from osgeo import gdal_array  # fails with a numpy that does not fit GDAL
    from qgis.core import Qgis, QgsApplication, QgsProviderRegistry

    application = QgsApplication([], False)
    application.initQgis()
    missing = NEEDED - set(QgsProviderRegistry.instance().providerList())
    if missing:
        sys.exit(f"QGIS {Qgis.QGIS_VERSION} lacks the data providers {sorted(missing)}")
    import boto3
    import shapely

    print(
        f"QGIS {Qgis.QGIS_VERSION}, numpy {gdal_array.numpy.__version__}, "
        f"shapely {shapely.__version__}, boto3 {boto3.__version__}",
        flush=True,
    )
    os._exit(0)  # tearing QGIS down at interpreter exit is not what is checked here


if __name__ == "__main__":
    main()
