"""A picture encoded anew as JPEG without any metadata, turned upright, and a small one made with it.

Foreign pictures are decoded in the limited process alone, see ``gis.limited``: ``answer`` runs there.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gis.errors import FormatError

if TYPE_CHECKING:
    from PIL import Image

FORMATS: Final = ("JPEG", "PNG", "WEBP")
GIVEN, WHOLE, SMALL = "given", "whole.jpg", "small.jpg"
QUALITY: Final = 85
SMALL_EDGE: Final = 320
SMALL_QUALITY: Final = 75


def answer(folder: Path, request: dict[str, Any]) -> dict[str, Any]:
    """``{"width", "height"}`` of the picture in the folder, and both pictures made of it beside it.

    :raises FormatError: ``too-many-pixels``, asked of the header before anything is decoded, ``no-photo``, ``damaged``.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # the bound is the request's
    most = int(request["megapixels"])
    try:
        with Image.open(folder / GIVEN, formats=FORMATS) as image:
            if image.width * image.height > most * 1_000_000:
                raise FormatError(f"more than {most} million pixels", code="too-many-pixels", n=most)
            image.load()
            flat, whole, small = encoded(ImageOps.exif_transpose(image))
    except (FormatError, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise FormatError("no picture", code="no-photo") from error
    except Exception as error:  # Pillow's decoders raise whatever a broken file leads them to
        raise FormatError("damaged", code="damaged", detail=str(error)) from error
    (folder / WHOLE).write_bytes(whole)
    (folder / SMALL).write_bytes(small)
    return {"width": flat[0], "height": flat[1]}


def encoded(image: Image.Image) -> tuple[tuple[int, int], bytes, bytes]:
    """Size, JPEG and small JPEG (at most ``SMALL_EDGE`` pixels in each direction) of a decoded picture."""
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
    return flat.size, _jpeg(flat, QUALITY), _jpeg(small, SMALL_QUALITY)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
