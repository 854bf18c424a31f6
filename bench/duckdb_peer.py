"""DuckDB's spatial join, run by the Python of an environment of its own: one count for each line on stdin.

Uses nothing but `duckdb` and its packaged extension, so that no network is asked for.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import duckdb

LONGEST = 10_000_000


def main() -> None:
    """Load the tables of a folder, say so, then join whenever asked."""
    folder = Path(sys.argv[1])
    found = find_spec("duckdb_extension_spatial")
    assert found is not None
    assert found.origin is not None
    [extension] = Path(found.origin).parent.rglob("spatial.duckdb_extension")
    base = duckdb.connect()
    base.execute(f"install '{extension}'")
    base.execute("load spatial")
    options = f"delim='\t', header=false, all_varchar=true, max_line_size={LONGEST}"
    for table in ("leaf", "place"):
        base.execute(
            f"create table {table} as select column0::int as id, st_geomfromhexwkb(column1) as geom"
            f" from read_csv('{folder / table}.tsv', {options})"
        )
    print("ready", flush=True)
    for _line in sys.stdin:
        rows = base.execute("select count(*) from place join leaf on st_intersects(leaf.geom, place.geom)").fetchone()
        print(rows, flush=True)


if __name__ == "__main__":
    main()
