"""Codes that prove and yet are none: most likely another field was taken for the codes."""

from __future__ import annotations

from core.grids.codes import S15_LENGTHS, s15_prefix
from core.grids.imports.rows import Rows
from core.text import Text
from core.text import noop as _


def codes_in_doubt(rows: Rows, parent: str | None) -> Text | None:
    """What makes it unlikely that the field holds codes: only a warning, for offices code as they please."""
    if rows.name_field is not None and rows.codes == rows.names:
        return Text(
            _("Every code is the same as the name; does field %(field)s really hold the codes?"),
            {"field": rows.code_field},
        )
    if not any(sign.isdigit() for code in rows.codes for sign in code):
        return Text(
            _("No code has a digit, as %(code)s; does field %(field)s really hold the codes?"),
            {"code": rows.codes[0], "field": rows.code_field},
        )
    if parent is None or not parent.isdecimal() or len(parent) not in S15_LENGTHS.values():
        return None
    prefix = s15_prefix(parent)
    if any(code.startswith(prefix) for code in rows.codes):
        return None
    return Text(
        _("No code begins with %(prefix)s as those below %(parent)s should, as %(code)s; are field and parent right?"),
        {"prefix": prefix, "parent": parent, "code": rows.codes[0]},
    )
