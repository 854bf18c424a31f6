"""Photos: upright, without metadata, and nothing but photos."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from core.errors import Invalid
from core.files.photos import clean_photo

ORIENTATION, GPS = 0x0112, 0x8825


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises more pixels than a machine should hold; its body is a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def test_place_and_device_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SECRETPHONE"
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 9.0, 0.0), 3: "E", 4: (116.0, 3.0, 0.0)})
    given = picture(exif=exif.tobytes(), comment=b"SECRETNOTE")
    assert b"SECRETPHONE" in given
    assert Image.open(io.BytesIO(given)).getexif().get_ifd(GPS)
    kept = clean_photo(given, megapixels=1).data
    assert b"SECRET" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert image.format == "JPEG"
        assert not image.getexif()
        assert "comment" not in image.info


def test_a_lying_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = clean_photo(picture(size=(60, 20), exif=exif.tobytes()), megapixels=1)
    assert (photo.width, photo.height) == (20, 60)
    with Image.open(io.BytesIO(photo.data)) as image:
        red, white = image.getpixel((10, 5)), image.getpixel((10, 55))
    assert isinstance(red, tuple)
    assert isinstance(white, tuple)
    assert (red[1] < 60, white[1] > 200) == (True, True)


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "L"), ("PNG", "P"), ("WEBP", "RGB"), ("JPEG", "CMYK")]
)
def test_other_formats_become_jpeg(kind: str, mode: str) -> None:
    photo = clean_photo(picture(kind, mode=mode), megapixels=1)
    with Image.open(io.BytesIO(photo.data)) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (64, 48))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello", "no-photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no-photo"),
        (picture("GIF", mode="P"), "no-photo"),
        (picture("TIFF"), "no-photo"),
        (picture()[:400], "damaged"),
        (picture("PNG")[:-40], "damaged"),
        (bomb(30_000, 30_000), "too-many-pixels"),
        (bomb(10_000, 9_000), "too-many-pixels"),
        (picture(size=(1001, 1000)), "too-many-pixels"),
        (b"\xff\xd8" + b"\0" * 40_000_001, "too-many-bytes"),
    ],
    ids=range(11),
)
def test_what_is_no_photo_is_refused_with_the_reason(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        clean_photo(data, megapixels=1)
    assert [objection.code for objection in caught.value.objections] == [code]


@pytest.mark.parametrize("limits", [{"memory_mb": 400}, {"seconds": 1}])
def test_a_photo_that_takes_too_much_ends_its_own_process_alone(limits: dict[str, int]) -> None:
    large = picture("PNG", size=(9000, 9000), mode="RGBA", compress_level=1)
    with pytest.raises(Invalid) as caught:
        clean_photo(large, megapixels=100, **limits)
    assert [objection.code for objection in caught.value.objections] == ["too_large"]


def test_the_largest_photo_allowed_is_taken() -> None:
    assert clean_photo(picture(size=(1000, 1000)), megapixels=1).width == 1000
