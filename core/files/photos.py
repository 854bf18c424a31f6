"""A photo as it may be kept: decoded under limits in a process of its own, encoded anew without any metadata."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any, Final

from core.errors import Invalid, Objection
from core.files.pictures import GIVEN, SMALL, WHOLE
from core.text import Text
from core.text import noop as _
from gis.errors import FormatError
from gis.limited import ask

MEDIA_TYPE: Final = "image/jpeg"
MAX_BYTES: Final = 40_000_000
MEMORY_MB: Final = 1536
"""A photo of 50 million pixels with transparency needs some 800 MB."""
SECONDS: Final = 20
AT_ONCE: Final = BoundedSemaphore(2)
"""So many photos are decoded at a time by one worker, so that many reporters do not take the machine's memory."""
SMALLER: Final = _("Send it smaller")
AGAIN: Final = _("Send the photo again, or take a new one")
FAULTS: Final[Mapping[str, tuple[str, str]]] = {
    "too-many-pixels": (_("The photo has more than %(n)s million pixels"), SMALLER),
    "no-photo": (_("This file is no photo that can be read"), _("Send a JPEG, PNG or WebP photo")),
    "damaged": (_("The photo is damaged or cut off"), AGAIN),
    "too_large": (_("The photo needs more than %(memory_mb)s MB of memory or %(seconds)s seconds to be read"), SMALLER),
    "crashed": (_("The photo is damaged or cut off"), AGAIN),
}
"""What is said to a photo and how it is mended, by the code with which its reading ended."""


@dataclass(frozen=True)
class CleanPhoto:
    """A re-encoded photo and its size in pixels.

    :param small: the same as a small JPEG, for lists.
    """

    data: bytes
    small: bytes
    width: int
    height: int


def clean_photo(data: bytes, *, megapixels: int, memory_mb: int = MEMORY_MB, seconds: int = SECONDS) -> CleanPhoto:
    """Encode a photo anew.

    :param data: what was handed in: JPEG, PNG or WebP.
    :param megapixels: the most pixels that are decoded.
    :raises Invalid: when it is empty, no photo, truncated or too large.
    """
    if not data:
        raise _fault(_("The file is empty"), _("Choose a photo"), "empty")
    if len(data) > MAX_BYTES:
        raise _fault(
            _("The photo has %(mb)s MB; at most %(most)s MB are taken"),
            SMALLER,
            "too-many-bytes",
            mb=len(data) // 1_000_000,
            most=MAX_BYTES // 1_000_000,
        )
    with AT_ONCE, tempfile.TemporaryDirectory(prefix="photo-") as name:
        folder = Path(name)
        (folder / GIVEN).write_bytes(data)
        try:
            limits = {"memory_mb": memory_mb, "seconds": seconds}
            size = ask("core.files.pictures", folder, {"megapixels": megapixels}, **limits)
        except FormatError as error:
            message, mend = FAULTS[error.code]
            raise _fault(message, mend, error.code, **error.params) from error
        return CleanPhoto((folder / WHOLE).read_bytes(), (folder / SMALL).read_bytes(), size["width"], size["height"])


def _fault(message: str, mend: str, code: str, **params: Any) -> Invalid:
    objection = Objection(Text(message, params), Text(mend), "/file", code)
    return Invalid(message, objections=[objection], **params)
