"""Requests kept under a name, to be sent again: values, dates that move along, areas by rule. Neither Qt nor QGIS."""
