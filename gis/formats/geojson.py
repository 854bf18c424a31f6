"""The CRS that a GeoJSON file names in its member `crs`, as those from before RFC 7946 do.

GDAL takes a name there that it does not know for WGS 84, and writes none that it does not know.
"""

from __future__ import annotations

import json
import mmap
import re
from pathlib import Path
from typing import Any

MEMBER = re.compile(rb'"crs"\s*:\s*')
LONGEST = 65536
CGCS2000_NAME = b'"urn:ogc:def:crs:EPSG::4490"'


def crs_member(path: Path) -> str | None:
    """The name in the collection's own `crs`; "undefined" where it says there is none, None without the member."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in MEMBER.finditer(data):
            # A field of a feature may be called so too: the collection's own stands before or after all features.
            if data.find(b'"geometry"', 0, found.start()) < 0 or data.find(b'"geometry"', found.end()) < 0:
                named = _name(data[found.end() : found.end() + LONGEST])
                if named is not None:
                    return named
    return None


def _name(raw: bytes) -> str | None:
    try:
        value: Any = json.JSONDecoder().raw_decode(raw.decode("utf-8", errors="replace"))[0]
    except ValueError:
        return None
    if value is None:
        return "undefined"
    if not isinstance(value, dict) or not isinstance(value.get("properties"), dict):
        return None
    properties = value["properties"]
    if value.get("type") == "EPSG" and "code" in properties:
        return f"EPSG:{properties['code']}"
    return str(properties.get("name") or properties.get("href") or value.get("type"))


def rename_crs(path: Path, name: str) -> None:
    """Put another name, no longer than it, in the place of CGCS2000's in the head of a file that GDAL wrote."""
    with path.open("r+b") as file:
        head = file.read(LONGEST)
        file.seek(0)
        file.write(head.replace(CGCS2000_NAME, f'"{name}"'.encode().ljust(len(CGCS2000_NAME)), 1))
