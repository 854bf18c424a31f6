"""Zip files from strangers: the directory is inspected first, and only plain, small, expected members come out."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gis.errors import FormatError

MAX_ENTRIES = 200
MAX_BYTES = 2_000_000_000
MAX_RATIO = 100
# A table full of blanks shrinks more than a hundredfold without ill intent; under this size that does no harm.
RATIO_FROM_BYTES = 10 * 1024 * 1024
UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 0x1
LITTER = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
CHUNK = 1 << 20


class Member(NamedTuple):
    """A file taken out of a zip: its name as the sender wrote it, and where it lies now."""

    name: PurePosixPath
    path: Path


def safe_stem(name: str) -> str:
    """A file stem that is harmless to every library: word characters of any script, dots and hyphens."""
    return re.sub(r"[^\w.-]", "_", name)[:60].strip(".") or "layer"


def _refuse(message: str, code: str, **params: object) -> FormatError:
    return FormatError(f"Zip file refused: {message}", code=code, **params)


def _name_of(info: zipfile.ZipInfo) -> str:
    """The member's name; Windows zips hold GBK bytes without a flag, which zipfile takes for code page 437."""
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _check_name(name: str, info: zipfile.ZipInfo) -> PurePosixPath:
    path = PurePosixPath(name)
    if "\\" in name or "\0" in name or path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        raise _refuse(
            f"member {name[:80]!r} points outside the archive. Pack the files anew, without paths.",
            "zip_unsafe_path",
            member=name[:80],
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refuse(f"member {name[:80]!r} is a link. Pack the files themselves.", "zip_link", member=name[:80])
    if len(path.parts) > 2:
        raise _refuse(
            f"member {name[:80]!r} lies deeper than one folder. Pack the layer's files flat or in one folder.",
            "zip_too_deep",
            member=name[:80],
        )
    if info.flag_bits & ENCRYPTED_FLAG:
        raise _refuse("it is protected by a password. Pack it without one.", "zip_encrypted")
    return path


def judge_sizes(archive: zipfile.ZipFile, max_bytes: int = MAX_BYTES) -> None:
    """Judge the directory as a whole, before anything is unpacked.

    Raises FormatError: `zip_too_many`, `zip_too_large`, `zip_ratio`.
    """
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise _refuse(
            f"it has {len(infos):,} entries, at most {MAX_ENTRIES} are allowed. Pack only the layer's files.",
            "zip_too_many",
            entries=len(infos),
            limit=MAX_ENTRIES,
        )
    total = sum(info.file_size for info in infos)
    if total > max_bytes:
        raise _refuse(
            f"unpacked it has {total / 1e6:,.0f} MB, at most {max_bytes / 1e6:,.0f} MB are allowed. Split the layer.",
            "zip_too_large",
            bytes=total,
            limit=max_bytes,
        )
    packed = max(sum(info.compress_size for info in infos), 1)
    if total > RATIO_FROM_BYTES and total / packed > MAX_RATIO:
        raise _refuse(
            f"it unpacks to {total / packed:,.0f} times its size, at most {MAX_RATIO} are allowed. "
            "Send the layer's files as they are.",
            "zip_ratio",
            ratio=round(total / packed),
            limit=MAX_RATIO,
        )


def _wanted(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """Judge the directory as a whole and name by name."""
    judge_sizes(archive)
    infos = archive.infolist()
    checked = [(info, _check_name(_name_of(info), info)) for info in infos if not info.is_dir()]
    return [(info, name) for info, name in checked if not any(part in LITTER for part in name.parts)]


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one member, never more bytes than the directory declared."""
    written = 0
    with archive.open(info) as source, target.open("xb") as sink:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > info.file_size:
                raise zipfile.BadZipFile("a member is longer than its directory says")
            sink.write(chunk)


def unpack(path: Path, into: Path, suffixes: frozenset[str]) -> list[Member]:
    """Take the members with the given suffixes (lower case, with dot) out of a zip, under harmless names.

    Raises FormatError: `zip_too_many`, `zip_too_large`, `zip_ratio`, `zip_unsafe_path`, `zip_link`,
    `zip_too_deep`, `zip_encrypted`, `zip_damaged`.
    """
    members = []
    try:
        with zipfile.ZipFile(path) as archive:
            for number, (info, name) in enumerate(_wanted(archive)):
                if name.suffix.lower() in suffixes:
                    folder = into / str(number)
                    folder.mkdir()
                    target = folder / (safe_stem(name.stem) + name.suffix.lower())
                    _copy(archive, info, target)
                    members.append(Member(name, target))
    # RuntimeError is zipfile's answer to a way of packing that it does not know, UnicodeError to names in no encoding
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, UnicodeError) as error:
        raise _refuse(
            f"it is damaged or packed in a way that is not supported ({error}). Pack it again as a plain zip.",
            "zip_damaged",
            detail=str(error),
        ) from error
    return members
