"""Pixel work on this computer with GDAL and numpy: opening, aligning, computing, writing. No Qt, no QGIS."""
