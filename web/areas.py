"""Areas as people read them."""

from __future__ import annotations

import math
from typing import Final

from flask_babel import format_decimal

IN_KM2_FROM_M2: Final = 100_000
COMPARED_IN_KM2_FROM_M2: Final = 1_000_000
"""Areas that stand beside each other are told to the square metre as long as that can be read."""
SEEN_M2: Final = 0.5
"""A smaller difference is none."""


def show_area(value: float | None) -> str:
    """Square metres below a tenth of a square kilometre, else square kilometres; empty for ``None``."""
    if value is None:
        return ""
    if value < IN_KM2_FROM_M2:
        return f"{format_decimal(round(value))} m²"
    return f"{_decimal(value / 1e6, _usual_digits(value))} km²"


def compared_areas(before: float | None, after: float | None) -> tuple[str, str, str]:
    """Two areas in m² and how far the second is above the first, all three in one unit, so that they add up.

    There are as many digits as two of the difference take. That is empty where an area is ``None``, or where it is
    below half a square metre.
    """
    if before is None or after is None:
        return show_area(before), show_area(after), ""
    largest, gain = max(before, after), after - before
    if largest < COMPARED_IN_KM2_FROM_M2:
        unit, digits, name = 1.0, 0, "m²"
    else:
        unit, digits, name = 1e6, _usual_digits(largest), "km²"
        if abs(gain) >= SEEN_M2:
            digits = max(digits, min(6, 1 - math.floor(math.log10(abs(gain) / unit))))
    was, becomes = round(before / unit, digits), round(after / unit, digits)
    sign = "+" if gain > 0 else "−"
    difference = f"{sign}{_decimal(abs(becomes - was), digits)} {name}" if abs(gain) >= SEEN_M2 else ""
    return f"{_decimal(was, digits)} {name}", f"{_decimal(becomes, digits)} {name}", difference


def _usual_digits(area_m2: float) -> int:
    return 2 if area_m2 < 1e8 else 1


def _decimal(value: float, digits: int) -> str:
    return str(format_decimal(value, format=f"#,##0.{'0' * digits}" if digits else "#,##0"))
