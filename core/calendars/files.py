"""Files of days: a table in CSV, or the text of the State Council's notice, in UTF-8 or GB 18030."""

from __future__ import annotations

from typing import Final

from core.calendars.listing import Listing, fault, refuse
from core.calendars.notice import is_notice, read_notice
from core.calendars.table import read_table
from core.text import noop as _

MOST_BYTES: Final = 1_000_000
LARGE: Final = _("The file is larger than a calendar can be")
NO_TEXT: Final = _("The file is no text; save the notice as plain text, or the table as CSV")


def read_days(data: bytes, name: str) -> Listing:
    """What a file says.

    :param name: of the file; names a table that has no title.
    :raises Invalid: with every fault.
    """
    if len(data) > MOST_BYTES:
        refuse([fault(LARGE, "")])
    text = _text(data)
    return read_notice(text) if is_notice(text) else read_table(text, name)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return refuse([fault(NO_TEXT, "")])
