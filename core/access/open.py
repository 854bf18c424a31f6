"""Service functions that ask no right, each with the reason; a test compares this list with the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPEN: Final[Mapping[str, str]] = {
    "core.access.service.ensure_first_admin": "makes the first person, only while there is nobody at all",
    "core.access.service.sign_out": "ends the session whose token the caller shows",
}
