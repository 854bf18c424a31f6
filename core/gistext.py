"""What the geometry engine says, as texts a person can read in their language."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import MappingProxyType
from typing import Final

from core.errors import Refused
from core.text import Text, listed
from core.text import noop as _
from gis.errors import GisError
from gis.notes import Note

PLACES: Final = re.compile(r"%\((\w+)\)")
TEXTS: Final[tuple[tuple[str, str], ...]] = (
    ("broken_ring", _("Row %(row)s has a ring that is not closed or has too few points. Draw it anew or leave it out")),
    ("cannot_write", _("The file %(name)s cannot be written: %(detail)s")),
    ("choose_layer", _("The file holds several layers: %(layers)s. Choose one of them")),
    ("coordinate_out_of_range", _(
        "Coordinate %(lon)s, %(lat)s of polygon %(index)s is no longitude and latitude: check the coordinate system"
    )),
    ("crashed", _(
        "Reading the file made the reader crash: it is damaged, or needs more than %(memory_mb)s MB of memory. "
        "Export the layer again, best as a GeoPackage, or split it"
    )),
    ("crs_fixed", _("KML knows longitude and latitude alone: %(name)s cannot be written in %(crs)s. State EPSG:4490")),
    ("crs_not_flat", _(
        "%(crs)s cannot be stated as a coordinate system. Allowed are EPSG codes of geographic or projected systems in "
        "two dimensions (EPSG:4490, EPSG:4326, EPSG:3857, EPSG:4534 to 4554 …), gcj02 and bd09"
    )),
    ("crs_unclear", _("The coordinate system that the file states cannot be understood")),
    ("curves", _("Row %(row)s is drawn with curves or surfaces. Convert the layer to straight-edged polygons")),
    ("damaged", _("The file is damaged: %(detail)s. Export the layer again")),
    ("damaged", _("The shapefile has %(shapes)s shapes, but %(rows)s rows in its table. Export it again")),
    ("damaged", _("The file is damaged or cut off. Send it again")),
    ("degrees_in_metres", _("The coordinates look like degrees, but %(crs)s asks for metres. State EPSG:4490")),
    ("empty_file", _("The file is empty (0 bytes). Export the layer again")),
    ("empty_layer", _("The layer holds no rows. Choose another one")),
    ("encoding_fixed", _(
        "The text of %(name)s is always UTF-8: only a shapefile (.zip) is written in another encoding"
    )),
    ("encoding_lies", _("Of %(where)s the file says that it is %(declared)s, but it is %(found)s, and was read so")),
    ("encoding_unused", _("The stated encoding was not used: the text of this kind of file is always UTF-8")),
    ("field_name_too_long", _(
        "The name of field %(field)s is longer than the %(limit)s bytes a shapefile allows. Write a GeoPackage"
    )),
    ("field_type", _("Field %(field)s was left out: its type %(type)s cannot be read")),
    ("fields_left_out", _("Fields left out, because they hold lists or raw bytes: %(fields)s")),
    ("gdal", _("The reader of files (GDAL) remarks: %(detail)s")),
    ("missing_part", _("The shapefile lacks its %(missing)s. Send .shp, .shx, .dbf and .prj together, zipped")),
    ("layers_named_alike", _(
        "Several layers of the file are named %(twins)s. Rename them, or send each in a file of its own"
    )),
    ("mixed_geometry", _(
        "The layer mixes shapes: %(polygons)s polygons and %(others)s others, the first in row %(row)s (%(found)s). "
        "Keep only the polygons"
    )),
    ("no_inverse", _("Point %(index)s cannot be converted back from GCJ-02 or BD-09: is it longitude and latitude?")),
    ("no_polygons", _("The layer holds no polygons: row %(row)s is a %(found)s. Choose a layer of areas")),
    ("no_polygons", _("The file holds no polygons. Choose a layer of areas")),
    ("no_layer", _("The file holds no layer with shapes. Choose another one")),
    ("no_such_layer", _("There is no layer %(layer)s; there is: %(layers)s")),
    ("not_noded", _(
        "The outline near %(lon)s, %(lat)s would change by more than vertices in mid-edge: correct the layer there, or "
        "change the boundary by a plan"
    )),
    ("not_exact", _("The result would not tile exactly near %(lon)s, %(lat)s: decide otherwise there")),
    ("many_cells", _("The lines cut the grid into %(cells)s cells, at most %(most)s are allowed: draw fewer")),
    ("many_crossings", _(
        "Lines or outlines meet each other more than %(most)s times: draw fewer lines, or clean the layer first"
    )),
    ("many_beside", _(
        "Too many long slanting lines or edges lie side by side: draw fewer, or clean the layer first"
    )),
    ("net_too_fine", _("A net of %(width)s m has %(cells)s cells, at most %(most)s are allowed: widen it")),
    ("net_too_wide", _("The grid is no larger than a cell of %(width)s m: take a narrower net")),
    ("sliver", _(
        "A piece only %(width)s m wide would be left: let the line run exactly along the border there, or farther away "
        "from it"
    )),
    ("no_outline", _(
        "The edges near %(lon)s, %(lat)s do not close to a valid outline: polygons overlap, cross or lack a common "
        "vertex there"
    )),
    ("not_degrees", _(
        "Coordinate %(x)s, %(y)s is no longitude and latitude, as %(crs)s asks. State the true coordinate system "
        "(for metres, EPSG:4548 or another zone)"
    )),
    ("not_finite", _("Row %(row)s has a coordinate that is not a finite number. Correct it or leave it out")),
    ("not_finite", _("Coordinate %(index)s is not a finite number. Correct it or leave it out")),
    ("not_in_drawing", _(
        "%(text)s holds %(character)s, which a DXF file cannot say. Write a GeoPackage or a shapefile in UTF-8"
    )),
    ("not_in_encoding", _(
        "%(text)s in field %(field)s holds %(character)s, which %(encoding)s does not have. Write the file in UTF-8"
    )),
    ("not_exact_in_crs", _(
        "In %(crs)s the boundaries would not come back exactly: they lie too far from the area it is made for. State "
        "the zone they lie in, or EPSG:4490"
    )),
    ("not_found", _("There is no file %(name)s")),
    ("number_too_long", _("Field %(field)s holds numbers of more than 15 digits beside empty cells. Store it as text")),
    ("nul_in_text", _("A text of the file holds the character \\u0000, at which it would be cut off. Take it out")),
    ("numbers_unreadable", _("Field %(field)s has %(count)s numbers that cannot be read; they were left empty")),
    ("outside_crs", _("A coordinate lies outside the domain of %(crs)s. State the true coordinate system")),
    ("rows_left_out", _("%(count)s rows without a shape were left out")),
    ("text_too_long", _(
        "%(text)s in field %(field)s takes %(bytes)s bytes, but a shapefile holds %(limit)s. Shorten it, or write a "
        "GeoPackage"
    )),
    ("too_many_defects", _(
        "%(count)s pieces have not exactly one owner, at most %(most)s can be decided on one by one: clean the "
        "layer, or restore a backup"
    )),
    ("too_many_vertices", _("Row %(row)s has more than %(most)s vertices. Generalise it")),
    ("too_tangled", _(
        "Row %(row)s near %(lon)s, %(lat)s crosses itself so often that it cannot be mended in %(seconds)s seconds and "
        "%(memory_mb)s MB of memory. Correct it or leave it out"
    )),
    ("too_large", _("The file has more than the %(limit)s bytes allowed. Split the layer")),
    ("too_large", _(
        "The file needs more than %(memory_mb)s MB of memory or %(seconds)s seconds to be read. Split the layer or "
        "generalise its borders"
    )),
    ("unknown_crs", _("Unknown coordinate system %(crs)s. Write EPSG:4490, EPSG:4548 …, gcj02 or bd09")),
    ("unknown_encoding", _("Unknown encoding %(stated)s. Write utf-8, gbk or another name that Python knows")),
    ("unknown_field", _("There is no field %(field)s; there is: %(fields)s")),
    ("unknown_format", _(
        "A layer cannot be written to %(name)s. Name the file .gpkg, .geojson, .zip (a shapefile), .kml or .dxf"
    )),
    ("unknown_format", _(
        "This is no GIS file that can be read. Send a GeoPackage, zipped shapefile, GeoJSON, TopoJSON, FlatGeobuf or "
        "KML"
    )),
    ("unknown_layer", _("There is no layer %(layer)s that could hold polygons; there is: %(layers)s")),
    ("wrong_encoding", _("The text of %(where)s is not %(stated)s; most likely it is %(remedy)s")),
    ("wrong_encoding", _("The text of %(where)s is not %(stated)s. State its true encoding")),
    ("wrong_encoding", _("The encoding of %(where)s cannot be told: neither UTF-8 nor GBK")),
    ("wrong_encoding", _("The text of the file is not UTF-8, as its format demands. Export it again as UTF-8")),
    ("zip_no_layer", _(
        "The zip holds no layer. Pack a GeoPackage, GeoJSON or the .shp, .shx, .dbf and .prj of a shapefile in it"
    )),
    ("zip_damaged", _(
        "Zip file refused: it is damaged, cut off, or packed in a way that cannot be read. Pack the files again as a "
        "plain zip and send that"
    )),
    ("zip_unsafe_path", _(
        "Zip file refused: member %(member)s points outside the archive. Pack the files anew, without paths"
    )),
    ("zip_too_deep", _("Zip file refused: member %(member)s lies deeper than one folder. Pack the files flat")),
    ("zip_link", _("Zip file refused: member %(member)s is a link. Pack the files themselves")),
    ("zip_encrypted", _("Zip file refused: it is protected by a password. Pack it without one")),
    ("zip_too_many", _("Zip file refused: it has %(entries)s entries. Pack only the layer's files")),
    ("zip_ratio", _("Zip file refused: it unpacks to %(ratio)s times its size. Send the layer's files as they are")),
    ("zip_too_large", _("Zip file refused: unpacked it is too large. Split the layer")),
    ("zone_mismatch", _(
        "The eastings begin with %(written)s, but %(crs)s is zone %(zone)s. State %(suggested)s, the zone they name"
    )),
    ("zone_mismatch", _("The eastings begin with %(written)s, but %(crs)s is zone %(zone)s. State the true zone")),
)  # fmt: skip
"""(code of the error or note, text); of several texts for a code the first whose values it has."""

PHRASES: Final = frozenset(
    {
        # what GEOS finds wrong with a polygon
        _("Duplicate Rings"), _("Hole lies outside shell"), _("Holes are nested"), _("Interior is disconnected"),
        _("Invalid Coordinate"), _("Nested shells"), _("Ring Self-intersection"), _("Self-intersection"),
        _("Too few points in geometry component"), _("Topology Validation Error"), _("Ring is not closed"),
        # details of our own defects
        _("a vertex of one lies inside an edge of the other"), _("edges without a partner"), _("gap"), _("missing"),
        _("no area on the lattice"), _("outside"), _("overlap"),
        # why a border cannot be drawn so
        _("The line does not cut the grid in two: draw it across, from outside to outside"),
        _("No line cuts the grid: draw them across, from border to border"),
        _("Grids to be merged must border on each other: add those between, or ask for a grid in several parts"),
        _("The line crosses no border twice: let it leave the grid and come back, or reversed"),
        _("The area leaves the grids it is taken from: draw it inside them, or name the others"),
        _("The strip between line and border touches a third grid or the outside: cross one border twice"),
        _("The line goes in and out more than once: draw one line for each cut"),
        _(
            "The line comes nearer to a border than a centimetre: let it run exactly along the border there, or "
            "farther away from it"
        ),
        _("More than two grids meet in this vertex: move it, or merge grids first"),
        _("A triangle cannot lose a vertex: move it instead"),
        _("There is a vertex already"),
        _("No border runs here: click on one"),
        _("No border has a vertex here: insert one first"),
        _("A border would cross another one, or touch it: keep the vertex between its neighbours"),
        _("The vertex lies on the outline of the whole area, which a plan does not move"),
        # values inside messages
        _("point"), _("line"), _("points"), _("lines"), _("collection"), _("other shape"),
        _("the table of the shapefile"), _("the text of the file"),
        _("it is shorter than its header"), _("its header is cut off"), _("it ends before its last row"),
        _("the widths of its columns do not add up to a row"),
    }
)  # fmt: skip
"""Words of the engine that stand as a value inside a text, or alone as the detail of a defect."""


KINDS: Final = MappingProxyType(
    {
        "blanks_in_name": _("blanks around a name"),
        "duplicate": _("the same outline twice"),
        "duplicate_code": _("the same code twice"),
        "empty": _("empty outline"),
        "empty_name": _("empty name"),
        "gap": _("gap"),
        "invalid": _("invalid outline"),
        "missing": _("missing piece"),
        "moved": _("moved by mending"),
        "outside": _("piece outside"),
        "outline": _("outline that is not that of its leaves"),
        "overlap": _("overlap"),
        "sliver": _("sliver"),
        "stale": _("another outline than recorded"),
        "tiny_part": _("tiny part"),
        "unnoded": _("vertex missing on a shared border"),
    }
)
"""The words for each kind of defect."""


def counted(kinds: Iterable[str]) -> Text:
    """How many defects of each kind there are, as "gap 2, overlap 1"."""
    counts = sorted(Counter(kinds).items())
    return listed(Text("%(kind)s %(count)s", {"kind": Text(KINDS[kind]), "count": count}) for kind, count in counts)


@contextmanager
def explained() -> Iterator[None]:
    """What the engine refuses, as a refusal in the reader's language."""
    try:
        yield
    except GisError as error:
        raise Refused(explain(error)) from error


def explain(said: GisError | Note) -> Text:
    """An error or note as a text: the one known by its code, else the engine's own English words.

    An ``index`` counts from 0 in the engine, from 1 in what people read.
    """
    params = {name: value for name, value in said.params.items() if value is not None}
    if "index" in params:
        params["index"] = int(str(params["index"])) + 1
    values = {name: _shown(value) for name, value in params.items()}
    for code, message in TEXTS:
        if code == said.code and set(PLACES.findall(message)) <= values.keys():
            return Text(message, values)
    return phrase(str(said))


def phrase(words: str) -> Text:
    """Words of the engine as a text, translatable where they are known."""
    return Text(words) if words in PHRASES else Text("%(detail)s", {"detail": words})


def _shown(value: object) -> str | Text:
    if isinstance(value, str) and value in PHRASES:
        return Text(value)
    if isinstance(value, float):
        return f"{value:.10g}"
    return listed(map(str, value)) if isinstance(value, list | tuple) else str(value)
