"""Evalscripts: our own library, and a reader of what a script's `setup()` promises. No Qt, no QGIS, no network."""
