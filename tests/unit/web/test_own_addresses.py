"""Figures and features of plugins link to pages of this server alone."""

from __future__ import annotations

import pytest

from core.errors import Misdeclared
from web.hooks import Feature, Figure

POINT = {"type": "Point", "coordinates": [116.1, 39.1]}


@pytest.mark.parametrize("href", ["", "/", "/matters?kind=trees.cut&state=open#list", "/p/trees/", "/grids/139901"])
def test_pages_of_this_server_are_linked(href: str) -> None:
    assert Figure("Trees", 1, href=href).href == href
    assert Feature(POINT, "Oak", href=href).href == href


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "\t//evil.example",
        "https://evil.example/",
        "matters",
        " /matters",
    ],
)
def test_other_addresses_are_the_mistake_of_the_plugin(href: str) -> None:
    with pytest.raises(Misdeclared, match="no path of this server"):
        Figure("Trees", 1, href=href)
    with pytest.raises(Misdeclared, match="no path of this server"):
        Feature(POINT, "Oak", href=href)
