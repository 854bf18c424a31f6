"""What each kind of reference layer is: its title, the shapes it takes, from which zoom its features are drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.layers.views import MOST_ZOOM, Family, Kind
from core.text import noop as _

NAMES: Final = ("name:zh", "name", "名称", "地名", "标准名称", "mc", "nom")
NUMBERS: Final = (
    "addr:housenumber", "housenumber", "house_number", "house_num", "house_no", "门牌号", "门牌", "门牌号码",
    "门牌地址", "mph", "number", "numero",
)  # fmt: skip
CLASSES: Final = ("fclass", "class", "类别", "类型", "等级", "type")


@dataclass(frozen=True)
class KindFacts:
    """What holds of every layer of a kind.

    :param titles: Chinese and English.
    :param families: shapes that are drawn; others are left out. House numbers become points.
    :param min_zoom: from which zoom a layer is drawn unless it says otherwise.
    :param names: fields that are likely its names, ``classes`` those that are likely its classes.
    :param by_size: whether what is small on the map comes later than what is large.
    """

    title: str
    titles: tuple[str, str]
    families: frozenset[Family]
    min_zoom: int
    shown: bool
    names: Sequence[str]
    classes: Sequence[str]
    by_size: bool


ABOUT: Final[Mapping[Kind, KindFacts]] = {
    "water": KindFacts(
        _("Water"), ("水系", "Water"), frozenset({"line", "polygon"}), 8, True,
        ("水系名称", "河流名称", *NAMES), ("waterway", "natural", *CLASSES), True,
    ),
    "buildings": KindFacts(
        _("Buildings"), ("建筑物", "Buildings"), frozenset({"polygon"}), 15, False,
        ("楼栋名称", "建筑物名称", *NAMES), ("building", *CLASSES), True,
    ),
    "roads": KindFacts(
        _("Roads"), ("道路", "Roads"), frozenset({"line", "polygon"}), 8, True,
        ("道路名称", "路名", *NAMES), ("highway", "道路等级", "技术等级", *CLASSES), False,
    ),
    "housenumbers": KindFacts(
        _("House numbers"), ("门牌号", "House numbers"), frozenset({"point", "line", "polygon"}), MOST_ZOOM, False,
        (*NUMBERS, *NAMES), (), False,
    ),
    "other": KindFacts(
        _("Other"), ("其他", "Other"), frozenset({"point", "line", "polygon"}), 12, False, NAMES, CLASSES, True,
    ),
}  # fmt: skip

REASONS: Final[Mapping[str, str]] = {
    "empty": _("without a shape"),
    "broken": _("with a shape that cannot be mended"),
    "other_shape": _("of shapes that this kind does not draw"),
    "outside": _("far from the city"),
    "unnamed": _("without a number"),
}
"""Why rows of a file are left out."""

ROADS: Final = (
    (15, re.compile(r"service|footway|path|steps|cycleway|track|bridleway|corridor|platform|elevator|小路|人行")),
    (8, re.compile(r"motorway|trunk|高速|国道|快速")),
    (10, re.compile(r"primary|省道|主干")),
    (11, re.compile(r"secondary|次干|县道")),
    (12, re.compile(r"tertiary|支路|乡道")),
)  # fmt: skip
"""From which zoom a road of a class is drawn; the first that fits."""
OTHER_ROADS: Final = 13


def zoom_of_class(kind: Kind, klass: str | None) -> int:
    """From which zoom a feature of a class is drawn, its size apart."""
    if kind != "roads":
        return 0
    return next((zoom for zoom, words in ROADS if words.search((klass or "").lower())), OTHER_ROADS)
