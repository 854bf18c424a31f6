"""GDAL, as QGIS and many other programs use it, reads the city from /ogc and finds what the export holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from werkzeug.serving import make_server

from core.db.session import work
from core.grids.exporting import ExportOptions, export_grids
from core.grids.views import LEVELS
from gis.formats import read_layer
from gis.lattice import from_degrees
from tests.e2e.clients import TESTER, admin_client
from tests.integration.grids.planting import plant

READ = """
import json, sys, pyogrio, shapely
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": sys.argv[2], "GDAL_HTTP_AUTH": "BASIC"})
layers = pyogrio.list_layers(sys.argv[1])[:, 0].tolist()
options = json.loads(sys.argv[4])
if "bbox" in options: options["bbox"] = tuple(options["bbox"])
meta, _, wkb, columns = pyogrio.raw.read(sys.argv[1], layer=sys.argv[3], **options)
fields = {f: [None if v is None else str(v) for v in c.tolist()] for f, c in zip(meta["fields"], columns)}
print(json.dumps({"layers": layers, "crs": meta["crs"], "fields": fields, "shapes": [bytes(w).hex() for w in wkb]}))
"""


@pytest.fixture
def server(database: str) -> Iterator[tuple[str, str]]:
    """Address and token of a server of the planted city."""
    plant()
    client = admin_client()
    serving = make_server("127.0.0.1", 0, client.application, threaded=True)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.port}/ogc", client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


def read(server: tuple[str, str], layer: str, **options: Any) -> Any:
    address, token = server
    command = [sys.executable, "-c", READ, f"OAPIF:{address}", f"gdal:{token}", layer, json.dumps(options)]
    environment = {name: value for name, value in os.environ.items() if name != "GDAL_SKIP"}  # our reader sets it
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_layer_is_what_the_export_holds(server: tuple[str, str], tmp_path: Path) -> None:
    with work(TESTER) as session:
        export_grids(session, "139900", tmp_path / "all.gpkg", ExportOptions(levels=LEVELS))
    exported = read_layer(tmp_path / "all.gpkg")
    outlines = dict(zip(exported.fields["code"], from_degrees(exported.geometries), strict=True))
    levels = dict(zip(exported.fields["code"], exported.fields["level"], strict=True))
    for layer, wanted in [("grids", set(levels.values())), *((level, {level}) for level in set(levels.values()))]:
        told = read(server, layer)
        shapes = from_degrees([shapely.from_wkb(bytes.fromhex(one)) for one in told["shapes"]])
        assert set(told["fields"]["code"]) == {code for code, level in levels.items() if level in wanted}
        for code, shape in zip(told["fields"]["code"], shapes, strict=True):
            assert shapely.equals_identical(shapely.normalize(shape), shapely.normalize(outlines[code]))
    assert {"grids", "leaves", "city", "county"} <= set(told["layers"])


def test_filters_and_boxes_are_asked_of_the_server(server: tuple[str, str]) -> None:
    told = read(server, "grids", where="level = 'county'", bbox=[116.01, 39.01, 116.02, 39.02])
    assert told["fields"]["code"] == ["139901"]
