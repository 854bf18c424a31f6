"""Boundary layers brought in through the services, as the command and the pages do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg2
from sqlalchemy import text

from core.actor import Actor, command_line
from core.db.cluster import Cluster
from core.db.session import reading, work
from core.grids.imports.draft import ImportOptions, Prepared
from core.grids.imports.importing import apply, prepare
from core.grids.proof import CheckedCoverage, check_coverage
from core.intake.reading import read
from gis.formats import Layer, read_layer

TESTER = command_line("tester")
WRITTEN = ("grid", "grid_shape", "grid_state", "grid_change", "grid_import", "journal", "tile")
RECORDED = {
    "number", "kind", "codes", "names", "area_m2", "width_m", "lon", "lat", "detail", "choice", "effects", "border_m",
    "left_out",
}  # fmt: skip
"""What the record of a repair and of an import says of each defect."""


def opened(path: Path, options: ImportOptions, *, limited: bool = False) -> Layer:
    """The file's layer; ``limited`` as the product reads it, in a process of its own, which takes seconds."""
    return read(path, options) if limited else read_layer(path, options.layer, options.encoding)


def look(path: Path, level: str, actor: Actor = TESTER, *, limited: bool = False, **options: Any) -> Prepared:
    """What the file would become; writes nothing."""
    wanted = ImportOptions(level=level, **options)
    layer = opened(path, wanted, limited=limited)
    with reading(actor) as session:
        return prepare(session, layer, wanted)


def bring(path: Path, level: str, actor: Actor = TESTER, *, limited: bool = False, **options: Any) -> Prepared:
    """Read, prepare and, where not refused, apply."""
    wanted = ImportOptions(level=level, **options)
    layer = opened(path, wanted, limited=limited)
    with work(actor) as session:
        prepared = prepare(session, layer, wanted)
        if not prepared.refused:
            apply(session, prepared)
    return prepared


def proven() -> CheckedCoverage:
    with work(TESTER) as session:
        return check_coverage(session)


def written() -> dict[str, int]:
    """Rows of every table that an import writes, and the version: equal before and after a refusal."""
    with reading(TESTER) as session:
        counts = {name: int(session.scalar(text(f"select count(*) from core.{name}")) or 0) for name in WRITTEN}
        counts["version"] = int(session.scalar(text("select version from core.coverage")) or 0)
        counts["jobs"] = int(session.scalar(text("select count(*) from procrastinate.procrastinate_jobs")) or 0)
    return counts


def kinds(prepared: Prepared) -> dict[str, tuple[int, float]]:
    """Of each kind of defect how many, and their area in km²."""
    result: dict[str, tuple[int, float]] = {}
    for finding in prepared.findings:
        count, area = result.get(finding.kind, (0, 0.0))
        result[finding.kind] = (count + 1, area + (finding.area_m2 or 0.0) / 1e6)
    return result


def reason(prepared: Prepared) -> str:
    assert prepared.refused
    assert prepared.reason is not None
    return str(prepared.reason)


def remedies(prepared: Prepared) -> list[str]:
    """The codes of what may be done about the refusal."""
    return [remedy.code for remedy in prepared.remedies]


def tamper(cluster: Cluster, database: str, statement: str) -> None:
    """As the superuser with triggers off: what only an accident or an intruder does."""
    name = database.partition("@/")[2].partition("?")[0]
    with psycopg2.connect(cluster.url("postgres", name)) as connection, connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(statement)
