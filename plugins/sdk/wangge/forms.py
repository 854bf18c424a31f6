"""Fields of form models: labels in both languages, shown by the host's form macro, the API and the phone form.

A form model is an ordinary pydantic model::

    class Fallen(BaseModel):
        height_m: float | None = field("树高", "Height", unit="m", default=None, ge=0, le=120)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field

__all__ = ["field", "options"]

REQUIRED: Any = ...


def field(
    zh: str,
    en: str,
    *,
    default: Any = REQUIRED,
    help_zh: str = "",
    help_en: str = "",
    unit: str | tuple[str, str] = "",
    widget: str = "",
    order: int | None = None,
    ask: bool = False,
    choices: Mapping[str, tuple[str, str]] | None = None,
    headings: Sequence[str] = (),
    **limits: Any,
) -> Any:
    """A field with its labels.

    :param default: given → the field may be left out.
    :param ask: a person must choose: the form presets nothing, and the default is for programs alone.
    :param choices: value → (Chinese, English) of an enumeration or of ``Literal``.
    :param unit: what stands behind the value: one for both languages, or (Chinese, English).
    :param headings: what its column in a table may be called beside its name and its labels.
    :param limits: what ``pydantic.Field`` takes: ``ge``, ``le``, ``max_length`` …
    """
    hints: dict[str, Any] = {"title_zh": zh, "title_en": en}
    unit_zh, unit_en = (unit, unit) if isinstance(unit, str) else unit
    helps = {"help_zh": help_zh, "help_en": help_en}
    named = {**helps, "unit_zh": unit_zh, "unit_en": unit_en, "widget": widget, "order": order, "ask": ask or None}
    hints |= {key: value for key, value in named.items() if value not in ("", None)}
    if headings:
        hints["headings"] = list(headings)
    if choices:
        hints["options_zh"] = {key: pair[0] for key, pair in choices.items()}
        hints["options_en"] = {key: pair[1] for key, pair in choices.items()}
    return Field(default, title=en, json_schema_extra={"ui": hints}, **limits)


def options(choices: Mapping[str, tuple[str, str]], language: str) -> dict[str, str]:
    """Value → label in a language, for tables and panels."""
    return {key: pair[0 if language == "zh" else 1] for key, pair in choices.items()}
