"""Cells of a table row that bear the title of their column, so that on phones a row reads as a card."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup, escape

CELL: Final = re.compile(r"<td(?P<attributes>[^>]*)>(?P<body>.*?)</td>", re.DOTALL)
SPAN: Final = re.compile(r'colspan="(\d+)"')
NOTHING: Final = frozenset({"", "—"})
TAG: Final = re.compile(r"<[^>]*>")
WITHOUT_TEXT: Final = re.compile(r"<(?:img|input|svg|form|button)\b")


def labelled(row: str, columns: Sequence[Mapping[str, Any]]) -> Markup:
    """The cells of a row, each marked for its place in a card.

    A cell gets its column's title as ``data-label``; the cell of the column with ``headline`` (else the first) becomes
    the card's head, and a cell without content gets the class ``none``.

    :param row: HTML of the row's ``td`` elements; no table stands inside them.
    """
    head = next((n for n, column in enumerate(columns) if column.get("headline")), 0)
    at = 0

    def mark(found: re.Match[str]) -> str:
        nonlocal at
        attributes, here = found["attributes"], at
        span = SPAN.search(attributes)
        at += int(span[1]) if span else 1
        if span or here >= len(columns):
            return found[0]
        kind = "headline" if here == head else "none" if _is_nothing(found["body"]) else ""
        title = columns[here]["title"]
        label = f' data-label="{escape(title)}"' if title and "data-label" not in attributes else ""
        return f"<td{_with_class(attributes, kind)}{label}>{found['body']}</td>"

    return Markup(CELL.sub(mark, row))  # rendered by a template that escapes


def _is_nothing(body: str) -> bool:
    return WITHOUT_TEXT.search(body) is None and TAG.sub("", body).strip() in NOTHING


def _with_class(attributes: str, name: str) -> str:
    if not name:
        return attributes
    if 'class="' in attributes:
        return attributes.replace('class="', f'class="{name} ', 1)
    return f'{attributes} class="{name}"'
