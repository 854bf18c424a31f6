"""OGC API – Features: the grids for QGIS and every other program that speaks the standard."""
