"""Files of boundaries as doors send them, and the names of their kinds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Response, send_file

GEOJSON: Final = "application/geo+json"
GEOPACKAGE: Final = "application/geopackage+sqlite3"
KINDS: Final = {".geojson": GEOJSON, ".gpkg": GEOPACKAGE}


def send_boundaries(path: Path) -> Response:
    """A file under its own name: GeoJSON for the map of the page, a GeoPackage to be kept."""
    kind = KINDS[path.suffix]
    return send_file(path, mimetype=kind, as_attachment=kind == GEOPACKAGE, download_name=path.name)
