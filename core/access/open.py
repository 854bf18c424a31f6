"""Service functions that ask no right, each with the reason; a test compares this list with the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPEN: Final[Mapping[str, str]] = {
    "core.access.service.ensure_first_admin": "makes the first person, only while nobody runs the system",
    "core.access.service.save_profile": "changes the asking person's own row alone",
    "core.access.service.sign_out": "ends the session whose token the caller shows",
    "core.access.service.end_session": "one's own session; anybody else's only with user.manage, else not found",
    "core.access.service.revoke_token": "one's own token; anybody else's only with user.manage, else not found",
    "core.demo.service.demo_places": "computes made-up spots, reads nothing",
    "core.demo.service.wanted": "says whether a first start should load the demonstration; reads two flags",
    "core.files.service.path_of": "names a place on the disk, opens nothing",
    "core.access.service.profile_faults": "looks at its arguments alone",
}
