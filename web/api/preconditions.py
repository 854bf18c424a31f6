"""The headers `If-Match` and `Idempotency-Key`, which say the same as `version` and `id` of a body."""

from __future__ import annotations

from uuid import UUID

from flask import request

from core.errors import Invalid, Objection
from core.text import Text
from core.text import noop as _
from web.reporting import is_version


def version_sent(version: int | None) -> int | None:
    """The version that was seen, by the body or by `If-Match`; ``None`` where neither says one.

    :raises Invalid: the header is no version, or another one than the body's.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header:
        return version
    digits = header.strip('"')
    if not is_version(digits):
        raise _fault(Text(_("The header If-Match must be the version in quotes")), "/version")
    if version not in (None, int(digits)):
        raise _fault(
            Text(
                _("The header If-Match says version %(header)s, the body %(body)s"), {"header": digits, "body": version}
            ),
            "/version",
        )
    return int(digits)


def version_seen(version: int | None) -> int:
    """The same where one is needed.

    :raises Invalid: neither says one.
    """
    seen = version_sent(version)
    if seen is None:
        raise _fault(Text(_("Say the version that you saw, as version or by the header If-Match")), "/version")
    return seen


def id_sent(id: UUID | None) -> UUID | None:
    """The id that makes a step sent again count once, by the body or by `Idempotency-Key`.

    :raises Invalid: the header is no UUID, or another one than the body's.
    """
    header = request.headers.get("Idempotency-Key", "").strip()
    if not header:
        return id
    try:
        sent = UUID(header)
    except ValueError:
        raise _fault(Text(_("The header Idempotency-Key must be a UUID")), "/id") from None
    if id not in (None, sent):
        raise _fault(Text(_("The header Idempotency-Key and the body's id differ")), "/id")
    return sent


def _fault(text: Text, pointer: str) -> Invalid:
    return Invalid(_("The step has faults"), objections=[Objection(text, pointer=pointer, code="header")])
