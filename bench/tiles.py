"""Grid tiles per second: our store behind gunicorn against tipg (ST_AsMVT for each request) on the same outlines.

tipg is installed into an environment of its own, since it is no dependency of ours.
"""

from __future__ import annotations

import argparse
import http.client
import io
import math
import os
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.common import coverage
from core.access.commands import CreateUser, GrantRole, IssueToken
from core.access.granting import grant_role
from core.access.service import create_user
from core.access.sessions import issue_token
from core.actor import command_line
from core.assembly import assemble
from core.db.cluster import THROWAWAY, Cluster
from core.db.migrate import upgrade_host
from core.db.roles import prepare
from core.db.session import connect, disconnect, work
from core.grids.acts import Birth
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.importing import apply
from core.settings import CHECKOUT
from gis.chain import dissolve
from gis.lattice import to_degrees

CLIENTS = 8
ZOOMS = (10, 12, 14)
TIPG = "tipg==1.6.1"
LEVEL = "grid"
GZIP = {"Accept-Encoding": "gzip"}


@dataclass(frozen=True)
class Server:
    """A peer: where it listens and how a tile is asked for."""

    name: str
    port: int
    path: str
    headers: dict[str, str]


def tile_of(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the web mercator tile that holds a point."""
    count = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * count
    return int((lon + 180) / 360 * count), int(y)


def fill(leaves: NDArray[np.object_], url: str) -> str:
    """The leaves as one level below a root, and a token that may read them."""
    assemble()
    connect(url)
    births = [Birth("990100", "bench", "city", None, dissolve(leaves))]
    births += [Birth(f"99-{n}", f"grid {n}", LEVEL, "990100", leaf) for n, leaf in enumerate(leaves)]
    actor = command_line("bench")
    with work(actor) as session:
        apply(session, Prepared(ImportOptions(level=LEVEL), 0, births=tuple(births), exact=True))
        user = create_user(session, CreateUser("bench", "bench"))
        grant_role(session, GrantRole(user.id, "leader"))
        token = issue_token(session, IssueToken(user.id, "bench"))
    disconnect()
    return token


def fill_peer(cursor: Any, leaves: NDArray[np.object_]) -> None:
    """The same outlines as a plain table."""
    cursor.execute("create table public.leaf(id int primary key, code text, name text, geom geometry(geometry, 4326))")
    shapes = shapely.to_wkb(shapely.set_srid(to_degrees(leaves), 4326), hex=True, include_srid=True)
    rows = "".join(f"{n}\t99-{n}\tgrid {n}\t{wkb}\n" for n, wkb in enumerate(shapes))
    cursor.copy_expert("copy public.leaf from stdin", io.StringIO(rows))
    cursor.execute("create index on public.leaf using gist(geom); analyze public.leaf")


@contextmanager
def running(command: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[None]:
    """A server until the end of the block."""
    process = subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=2).connect()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def rate(server: Server, tiles: Sequence[tuple[int, int, int]], seconds: float) -> tuple[float, float]:
    """Answers per second and mean bytes, by a few clients that keep their connections."""
    counts, sizes = [0] * CLIENTS, [0] * CLIENTS
    end = time.monotonic() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        at = number
        while time.monotonic() < end:
            z, x, y = tiles[at % len(tiles)]
            connection.request("GET", server.path.format(z=z, x=x, y=y), headers=server.headers)
            answer = connection.getresponse()
            sizes[number] += len(answer.read())
            assert answer.status in {200, 204}, answer.status
            counts[number] += 1
            at += CLIENTS
        connection.close()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CLIENTS)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = sum(counts)
    return total / (time.monotonic() - started), sum(sizes) / max(total, 1)


def open_options(folder: Path) -> dict[str, str]:
    """Options of a server that also listens on the loopback address, which tipg needs."""
    rules = folder / "pg_hba.conf"
    rules.write_text("local all all trust\nhost all all 127.0.0.1/32 trust\n")
    rules.chmod(0o644)
    return {**THROWAWAY, "listen_addresses": "127.0.0.1", "hba_file": str(rules)}


def tipg_environment(folder: Path) -> Path:
    """An environment with tipg and uvicorn."""
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin/pip", "install", "-q", TIPG, "uvicorn"], check=True)
    return folder / "bin"


def main() -> None:
    """Time both servers in turn and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--leaves", type=int, default=50_000)
    options.add_argument("--seconds", type=float, default=4.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--port", type=int, default=8590)
    chosen = options.parse_args()
    leaves = coverage(chosen.leaves)
    middles = shapely.get_coordinates(shapely.centroid(to_degrees(leaves)))[:: max(1, len(leaves) // 40)]
    tiles = {z: sorted({(z, *tile_of(lon, lat, z)) for lon, lat in middles.tolist()}) for z in ZOOMS}
    with tempfile.TemporaryDirectory(prefix="wangge-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        binaries = tipg_environment(folder / "tipg")
        with Cluster(folder / "pg", open_options(folder)).running() as cluster:
            prepare(cluster, "bench")
            upgrade_host(cluster.url("wangge_owner", "bench"))
            url = cluster.url("wangge_app", "bench")
            token = fill(leaves, url)
            with cluster.superuser("bench") as cursor:
                fill_peer(cursor, leaves)
            ours = Server(
                "wangge", chosen.port, "/tiles/grid/1/{z}/{x}/{y}.mvt", {"Authorization": f"Bearer {token}", **GZIP}
            )
            path = "/collections/public.leaf/tiles/WebMercatorQuad/{z}/{x}/{y}"
            peer = Server("tipg", chosen.port + 1, path, GZIP)
            ours_environment = {**os.environ, "WANGGE_HOME": str(folder / "home"), "WANGGE_DATABASE_URL": url}
            peer_environment = {
                **os.environ,
                "DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/bench",
                "TIPG_MAX_FEATURES_PER_TILE": "100000",
                "TIPG_DB_SCHEMAS": '["public"]',
            }
            web = [sys.executable, "-m", "gunicorn", "-c", "python:web.server", "-w", "2"]
            with (
                running([*web, "-b", f"127.0.0.1:{ours.port}", "web.wsgi:app"], ours.port, ours_environment),
                running(
                    [str(binaries / "uvicorn"), "tipg.main:app", "--workers", "2", "--port", str(peer.port)],
                    peer.port,
                    peer_environment,
                ),
            ):
                measure(ours, peer, tiles, chosen.rounds, chosen.seconds, chosen.leaves)


def measure(
    ours: Server,
    peer: Server,
    tiles: dict[int, list[tuple[int, int, int]]],
    rounds: int,
    seconds: float,
    leaves: int,
) -> None:
    """Both in turn, several rounds; the first answer of each tile, which renders it, is not counted."""
    print(f"\n### Grid tiles of {leaves:,} leaves, {CLIENTS} clients, 2 workers each\n")
    print("| zoom | wangge tiles/s | kB | tipg tiles/s | kB | wangge ÷ tipg |\n|---|---|---|---|---|---|")
    for zoom, wanted in tiles.items():
        rate(ours, wanted, 3 * seconds)
        found: dict[str, list[tuple[float, float]]] = {ours.name: [], peer.name: []}
        for _ in range(rounds):
            for server in (ours, peer):
                found[server.name].append(rate(server, wanted, seconds))
        (own, own_size), (other, other_size) = (np.median(found[s.name], axis=0).tolist() for s in (ours, peer))
        sizes = f"{own_size / 1e3:.1f} | {other:,.1f} | {other_size / 1e3:.1f}"
        print(f"| {zoom} | {own:,.0f} | {sizes} | {own / other:,.0f} |")


if __name__ == "__main__":
    main()
