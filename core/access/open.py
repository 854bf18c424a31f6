"""Functions that may write and ask no right, each with the reason; a test compares this list with the code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPEN: Final[Mapping[str, str]] = {
    "core.access.service.ensure_first_admin": "makes the first person, only while nobody runs the system",
    "core.access.service.save_profile": "changes the asking person's own row alone",
    "core.access.sessions.sign_out": "ends the session whose token the caller shows",
    "core.access.sessions.end_session": "one's own session; anybody else's only with user.manage, else not found",
    "core.access.sessions.revoke_token": "one's own token; anybody else's only with user.manage, else not found",
    "core.access.sessions.end_sessions": "a part of other services, which ask",
    "core.access.sessions.revoke_tokens": "a part of other services, which ask",
    "core.access.throttle.give_back": "a part of signing in, before anybody has rights",
    "core.access.throttle.take_try": "a part of signing in, before anybody has rights",
    "core.audit.recorder.record": "writes into the journal alone, as every act may",
    "core.access.service.one_at_a_time": "a part of other services, which ask; waits alone",
    "core.access.watch.note_reset": "a part of other services, which ask; writes into the journal alone",
    "core.grids.writing.apply_change": "a part of plans and of the import of grids, which ask",
    "core.grids.writing.trial": "a part of plans, which ask; keeps nothing",
    "core.grids.voiding.mark": "a part of changes of grids, which ask",
    "core.grids.tiles.render_ahead": "keeps tiles of outlines that everybody may see; a part of what follows a change",
    "core.grids.tiles.render_tile": "keeps a tile of outlines that everybody may see",
    "core.matters.rehomed.tell": "a part of changes of grids, which ask",
    "core.grids.rehoming.rehome": "a part of changes of grids, which ask",
    "core.matters.forms.write_details": "a part of reporting and of the steps, which ask",
    "core.once.claim": "a part of services, which ask; keeps what was sent, so that it is done once",
    "core.once.keep": "a part of services, which ask; keeps the answer to what was claimed",
    "core.once.forget": "a part of the nightly pruning; takes answers that are old",
    "core.plugin.loading.note_failure": "the host notes that a plugin failed, whoever is served meanwhile",
    "core.demo.service.demo_places": "computes made-up spots, reads nothing",
    "core.demo.service.wanted": "says whether a first start should load the demonstration; reads two flags",
    "core.files.service.path_of": "names a place on the disk, opens nothing",
    "core.files.service.small_path_of": "names a place on the disk, opens nothing",
    "core.files.service.forget_unused": "a part of the sweep of files; takes what nothing holds",
    "core.files.service.stray_bytes": "a part of the sweep of files; names what no row holds",
    "core.files.service.remove_bytes": "follows a row that is gone; the sweep of files decides",
    "core.access.service.profile_faults": "looks at its arguments alone",
    "core.access.service.person_faults": "looks at its arguments alone",
    "core.access.service.new_account": "makes a row, adds it nowhere; a part of services, which ask",
    "core.access.granting.new_grant": "a part of services, which ask",
    "core.access.passing.pass_on_grants": "a part of changes of grids, which ask",
    "core.org.passing.pass_on_posts": "a part of changes of grids, which ask",
    "core.org.service.new_post": "a part of services, which ask",
    "core.org.service.new_holder": "a part of services, which ask",
    "core.org.service.title_faults": "looks at its arguments alone",
}
