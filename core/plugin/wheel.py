"""Reads a wheel before pip does, and refuses what is no well-formed plugin."""

from __future__ import annotations

import base64
import configparser
import csv
import hashlib
import stat
import zipfile
import zlib
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path, PurePosixPath
from typing import Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import InvalidVersion, Version

from core.errors import Invalid, Objection
from core.plugin.discovery import HOST_PACKAGES, host_bound, host_version
from core.plugin.manifest import GROUP, NAME, package_of
from core.text import Text
from core.text import noop as _

MOST_ENTRIES: Final = 5000
MOST_BYTES: Final = 300_000_000
MOST_RATIO: Final = 200
NATIVE: Final = (".so", ".pyd", ".dll", ".dylib", ".exe")
OUTSIDE: Final = (".pth", ".data")
LONGEST_NAME: Final = 200
UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError)
"""What zipfile raises for a file that is none, is damaged (zlib) or cut off (EOF), is encrypted, is packed in a way
that it does not know (RuntimeError), or has names that are not in their encoding (ValueError)."""
GOOD: Final = _("Ask its maker for a wheel (.whl) built by an ordinary tool")


@dataclass(frozen=True)
class WheelFacts:
    """What a wheel says of itself.

    :param packages: its top-level names.
    :param requires: its ``Requires-Dist`` lines.
    :param names: all entries.
    """

    path: Path
    distribution: str
    version: str
    sha256: str
    packages: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]
    requires: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the plugin."""
        return self.entries[0][0]

    @property
    def bound(self) -> SpecifierSet | None:
        """Versions of the host that it works with."""
        return host_bound(self.requires)


def _refusal(message: str, mend: str, code: str, **params: object) -> Invalid:
    objection = Objection(Text(message, params), Text(mend), pointer="/wheel", code=code)
    return Invalid(_("This file is no plugin that can be installed"), objections=[objection])


def inspect_plugin(path: Path) -> WheelFacts:
    """The facts of a plugin's wheel.

    :raises Invalid: when it is no wheel, is unsafe to unpack, is no plugin, or needs another host.
    """
    facts = inspect(path)
    build = _("Build it with `wangge plugin build FOLDER`, from a project shaped like plugins/emergency")
    shipped = sorted(set(facts.packages) & set(HOST_PACKAGES))
    if shipped:
        raise _refusal(
            _("It also ships %(names)s, which belongs to the host"), build, "ships-host", names=", ".join(shipped)
        )
    if not facts.entries:
        raise _refusal(_("It has no entry point in the group wangge.plugins"), build, "no-plugin")
    if len(facts.entries) > 1:
        several = _("It has more than one entry point in the group wangge.plugins: %(names)s")
        raise _refusal(several, build, "entry-points", names=", ".join(name for name, _value in facts.entries))
    name, value = facts.entries[0]
    if not NAME.fullmatch(name):
        raise _refusal(_("%(name)s is no name of a plugin; use small letters, digits and _"), build, "name", name=name)
    _check_pure(facts, build)
    if facts.packages != (package_of(name),):
        raise _refusal(
            _("It must hold exactly one package, %(package)s; it holds %(packages)s"),
            build, "packages", package=package_of(name), packages=", ".join(facts.packages) or "-",
        )  # fmt: skip
    if value.split(":")[0].split(".")[0].strip() != package_of(name):
        raise _refusal(
            _("Its entry point names %(value)s, which is not in its package"), build, "entry-point", value=value
        )
    if canonicalize_name(facts.distribution) != canonicalize_name(f"wangge-{name}"):
        raise _refusal(
            _("The plugin %(name)s must come from a distribution named wangge-%(name)s, not %(distribution)s"),
            build, "distribution", name=name, distribution=facts.distribution,
        )  # fmt: skip
    _check_bound(facts)
    _check_record(facts)
    return facts


def _check_record(facts: WheelFacts) -> None:
    """Every file must be what RECORD says: pip does not look, and a wheel may be damaged or changed on its way.

    Hashes as in the binary distribution format (PEP 427): sha256 in URL-safe base64 without padding.
    """
    record = next((name for name in facts.names if name.endswith(".dist-info/RECORD") and name.count("/") == 1), "")
    with zipfile.ZipFile(facts.path) as archive:
        listed = archive.read(record).decode("utf-8", "replace") if record else ""
        said = {row[0]: row[1] for row in csv.reader(listed.splitlines()) if len(row) > 1}
        for name in facts.names:
            if name == record or name.endswith("/"):
                continue
            digest = base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).rstrip(b"=").decode()
            if said.get(name) != f"sha256={digest}":
                raise _refusal(
                    _("The entry %(name)s is not what its RECORD says: the wheel is damaged or was changed"),
                    GOOD, "record", name=name,
                )  # fmt: skip


def _check_pure(facts: WheelFacts, build: str) -> None:
    """Refuse what would run or lie outside the package: start-up files, scripts, data folders, native code."""
    tricks = [name for name in facts.names if name.endswith(NATIVE) or name.split("/")[0].endswith(OUTSIDE)]
    if tricks:
        raise _refusal(
            _("It holds %(names)s; a plugin is Python code in its package and nothing beside it"),
            build, "not-pure", names=", ".join(tricks[:3]),
        )  # fmt: skip


def _check_bound(facts: WheelFacts) -> None:
    if facts.bound is None:
        raise _refusal(
            _("It does not say which versions of wangge it works with"),
            _("Add a dependency such as wangge>=0.1,<1 to its pyproject.toml and build it again"),
            "no-bound",
        )
    if not facts.bound.contains(host_version(), prereleases=True):
        raise _refusal(
            _("It works with wangge %(bound)s; this is wangge %(version)s"),
            _("Update wangge, or ask for a version of the plugin made for it"),
            "incompatible", bound=str(facts.bound), version=host_version(),
        )  # fmt: skip


def inspect(path: Path) -> WheelFacts:
    """The facts of any wheel that is safe to unpack.

    :raises Invalid: when it is no wheel, or its entries would leave its folder or fill the disk.
    """
    version = version_named(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive, GOOD)
            facts = _facts(path, archive, GOOD)
    except UNREADABLE as error:
        raise _refusal(
            _("%(name)s cannot be read: %(error)s"), GOOD, "unreadable", name=path.name, error=str(error)
        ) from error
    _check_metadata(facts, version, GOOD)
    return facts


def version_named(name: str) -> Version:
    """The version in the file name of a wheel.

    :raises Invalid: when no wheel is named so; then it is no name for a file of ours either.
    """
    try:
        if len(name) <= LONGEST_NAME:
            return parse_wheel_filename(name)[1]
    except InvalidWheelFilename:
        pass
    raise _refusal(_("%(name)s is not named like a wheel"), GOOD, "name", name=name[:LONGEST_NAME])


def _check_metadata(facts: WheelFacts, version: Version, good: str) -> None:
    """The version becomes a folder's name, and every requirement is read again later."""
    try:
        same = Version(facts.version) == version
    except InvalidVersion:
        same = False
    if not same:
        raise _refusal(
            _("Its metadata says version %(version)s, its file name another"), good, "version", version=facts.version
        )
    for line in facts.requires:
        try:
            Requirement(line)
        except InvalidRequirement:
            raise _refusal(_("%(line)s is no requirement"), good, "requires", line=line) from None


def _check_entries(archive: zipfile.ZipFile, good: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES:
        raise _refusal(
            _("It has %(n)s entries; at most %(most)s are taken"), good, "entries", n=len(entries), most=MOST_ENTRIES
        )
    total = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if total > MOST_BYTES or total > MOST_RATIO * max(packed, 1_000):
        raise _refusal(_("Unpacked it would take %(mb)s MB"), good, "size", mb=total // 1_000_000)
    seen = set()
    for entry in entries:
        parts = PurePosixPath(entry.filename).parts
        unsafe = (
            entry.filename.startswith("/")
            or "\\" in entry.filename
            or ":" in entry.filename
            or ".." in parts
            or stat.S_ISLNK(entry.external_attr >> 16)
        )
        if unsafe:
            raise _refusal(_("The entry %(name)s would leave the plugin's folder"), good, "path", name=entry.filename)
        if entry.filename in seen:
            raise _refusal(_("The entry %(name)s stands twice"), good, "twice", name=entry.filename)
        seen.add(entry.filename)


def _facts(path: Path, archive: zipfile.ZipFile, good: str) -> WheelFacts:
    names = archive.namelist()
    folders = {name.split("/")[0] for name in names if name.split("/")[0].endswith(".dist-info")}
    if len(folders) != 1:
        raise _refusal(_("It has no dist-info folder, or more than one"), good, "metadata")
    (info,) = folders
    try:
        headers = BytesHeaderParser().parsebytes(archive.read(f"{info}/METADATA"))
        entry_points = archive.read(f"{info}/entry_points.txt") if f"{info}/entry_points.txt" in names else b""
        parser = configparser.ConfigParser(delimiters=("=",), interpolation=None)
        parser.optionxform = str  # type: ignore[assignment]
        parser.read_string(entry_points.decode())
    except (KeyError, UnicodeDecodeError, configparser.Error) as error:
        raise _refusal(
            _("%(name)s cannot be read: %(error)s"), good, "metadata", name=path.name, error=str(error)
        ) from error
    if not headers["Name"] or not headers["Version"]:
        raise _refusal(_("Its metadata lacks name or version"), good, "metadata")
    return WheelFacts(
        path,
        str(headers["Name"]),
        str(headers["Version"]).strip(),
        hashlib.sha256(path.read_bytes()).hexdigest(),
        tuple(sorted({name.split("/")[0] for name in names} - folders)),
        tuple(parser.items(GROUP)) if parser.has_section(GROUP) else (),
        tuple(str(line) for line in headers.get_all("Requires-Dist") or ()),
        tuple(names),
    )
