"""The project file of QGIS: a double click opens the city, a layer for each level, drawn and labelled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from flask import render_template
from flask_babel import gettext

from core.grids.levels import TITLES
from web.ogc.answers import Extent, address


@dataclass(frozen=True)
class Look:
    """How a level is drawn.

    :param width: of its borders, in millimetres.
    :param seen_below: denominator of the smallest scale at which it is seen; 0: always.
    :param size: of its names, in points.
    """

    width: float
    colour: str
    seen_below: int
    size: int


LOOKS: Final = {
    "city": Look(1.2, "60,60,60", 0, 14),
    "county": Look(0.9, "60,60,60", 0, 12),
    "street": Look(0.7, "31,95,168", 1_000_000, 11),
    "community": Look(0.5, "31,95,168", 150_000, 10),
    "grid": Look(0.35, "93,113,138", 40_000, 9),
    "micro": Look(0.25, "147,161,178", 12_000, 8),
}


@dataclass(frozen=True)
class Layer:
    """A layer of the project."""

    key: str
    title: str
    source: str
    look: Look


def project(title: str, levels: Iterable[str], extent: Extent) -> str:
    """The text of a .qgs file whose layers come from this server's `/ogc`.

    :param levels: those that the city has, from the top.
    :param extent: west, south, east, north of the city in degrees.
    """
    layers = [Layer(level, gettext(TITLES[level]), _source(level), LOOKS[level]) for level in levels]
    text = render_template("ogc/city.qgs.xml", title=title, layers=layers, extent=extent)
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n{text.lstrip()}"


def _source(level: str) -> str:
    """Where QGIS finds a layer; it asks for what the window shows."""
    return f"pagingEnabled='true' restrictToRequestBBOX='1' srsname='OGC:CRS84' typename='{level}' url='{address()}'"
