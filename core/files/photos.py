"""A photo as it may be kept: decoded under a cap, turned upright, encoded anew as JPEG without any metadata.

A small picture for lists is made with it, once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from core.errors import Invalid, Objection
from core.text import Text
from core.text import noop as _

if TYPE_CHECKING:
    from PIL import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE: Final = "image/jpeg"
MAX_BYTES: Final = 40_000_000
QUALITY: Final = 85
SMALL_EDGE: Final = 320
SMALL_QUALITY: Final = 75


@dataclass(frozen=True)
class CleanPhoto:
    """A re-encoded photo and its size in pixels.

    :param small: the same as JPEG of at most ``SMALL_EDGE`` pixels in each direction.
    """

    data: bytes
    small: bytes
    width: int
    height: int


def clean_photo(data: bytes, *, megapixels: int) -> CleanPhoto:
    """Encode a photo anew.

    :param data: what was handed in: JPEG, PNG or WebP.
    :param megapixels: the most pixels that are decoded; asked of the header before anything is decoded.
    :raises Invalid: when it is empty, no photo, truncated or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not data:
        raise _fault(_("The file is empty"), _("Choose a photo"), "empty")
    if len(data) > MAX_BYTES:
        raise _fault(
            _("The photo has %(mb)s MB; at most %(most)s MB are taken"),
            _("Send it smaller"),
            "too-many-bytes",
            mb=len(data) // 1_000_000,
            most=MAX_BYTES // 1_000_000,
        )
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _refuse_large(image.width, image.height, megapixels)
            image.load()
            return _encode(ImageOps.exif_transpose(image))
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(megapixels) from None
    except UnidentifiedImageError:
        raise _fault(
            _("This file is no photo that can be read"), _("Send a JPEG, PNG or WebP photo"), "no-photo"
        ) from None
    except Exception:
        # Pillow's decoders raise whatever a broken file leads them to.
        raise _fault(
            _("The photo is damaged or cut off"), _("Send the photo again, or take a new one"), "damaged"
        ) from None


def _refuse_large(width: int, height: int, megapixels: int) -> None:
    if width * height > megapixels * 1_000_000:
        raise _too_large(megapixels)


def _too_large(megapixels: int) -> Invalid:
    return _fault(
        _("The photo has more than %(n)s million pixels"), _("Send it smaller"), "too-many-pixels", n=megapixels
    )


def _encode(image: Image.Image) -> CleanPhoto:
    from PIL import Image

    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        flat = Image.new("RGB", layer.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    else:
        flat = image.convert("RGB")
    # Pillow writes comments and profiles that it finds here.
    flat.info.clear()
    small = flat.copy()
    small.thumbnail((SMALL_EDGE, SMALL_EDGE))
    return CleanPhoto(_jpeg(flat, QUALITY), _jpeg(small, SMALL_QUALITY), flat.width, flat.height)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _fault(message: str, mend: str, code: str, **params: Any) -> Invalid:
    objection = Objection(Text(message, params), Text(mend), "/file", code)
    return Invalid(message, objections=[objection], **params)
