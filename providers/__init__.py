"""Services, one file each, and the contract they fulfil. No Qt, no QGIS."""
