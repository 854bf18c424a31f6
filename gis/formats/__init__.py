"""Layers of polygons in files: what comes in by upload or command, and what goes out.

Readable: GeoPackage, Shapefile, GeoJSON, TopoJSON, FlatGeobuf and KML, each also inside a zip. Writable: GeoPackage,
GeoJSON, KML and Shapefile (in a zip), and drawings in DXF. Foreign files are read through `gis.sandbox`, which calls
this package in a process of its own.
"""

from __future__ import annotations

from gis.formats.dxf import Drawing, write_drawing
from gis.formats.layer import Layer, samples
from gis.formats.read import read_layer
from gis.formats.shapefile_zip import Encoding
from gis.formats.write import write_layer

__all__ = ["Drawing", "Encoding", "Layer", "read_layer", "samples", "write_drawing", "write_layer"]
