from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from core.errors import Invalid
from core.plugin.wheel import MOST_ENTRIES, inspect_plugin
from tests.e2e.clients import admin_client
from tests.integration.plugins.wheels import altered, make_wheel

BAD = {
    "no-plugin": {"entries": ""},
    "entry-points": {"entries": "[wangge.plugins]\ntiny = wangge_tiny\nother = wangge_tiny\n"},
    "entry-point": {"entries": "[wangge.plugins]\ntiny = os\n"},
    "packages": {"files": {"wangge_other/__init__.py": ""}},
    "ships-host": {"files": {"core/__init__.py": ""}},
    "no-bound": {"requires": ""},
    "incompatible": {"requires": "Requires-Dist: wangge>=99\n"},
    "requires": {"requires": "Requires-Dist: wangge>=0.1,<1\nRequires-Dist: !!!\n"},
    "path": {"files": {"wangge_tiny/../../escaped.py": ""}},
    "no-bound-that-applies": {"requires": "Requires-Dist: wangge>=0.1 ; extra == 'x'\n"},
    "distribution": {"distribution": "innocent"},
    "name": {"name": "Big"},
    "entries": {"files": {f"wangge_tiny/data/{n}.txt": "" for n in range(MOST_ENTRIES)}},
    "size": {"files": {"wangge_tiny/zeros.txt": "0" * 5_000_000}},
}

VERSIONS = ("../../basemaps", "/etc", "not a version", "1.1", "1.0/../../files")


TRICKS = {
    "tiny.pth": "import os",
    "wangge_tiny-1.0.data/scripts/tool": "#!/bin/sh",
    "wangge_tiny-1.0.data/data/etc/passwd": "root",
    "wangge_tiny/fast.cpython-311-x86_64-linux-gnu.so": "ELF",
}


def test_a_good_wheel_says_what_it_is(tmp_path: Path) -> None:
    facts = inspect_plugin(make_wheel(tmp_path))
    assert (facts.name, facts.version, facts.packages) == ("tiny", "1.0", ("wangge_tiny",))


@pytest.mark.parametrize("code", BAD)
def test_a_bad_wheel_is_refused_with_reason_and_mend(tmp_path: Path, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(make_wheel(tmp_path, **BAD[code]))  # type: ignore[arg-type]
    (objection,) = refusal.value.objections
    assert objection.code == code.removesuffix("-that-applies")
    assert objection.mend is not None


def test_a_wheel_that_is_not_what_its_record_says_is_refused(tmp_path: Path) -> None:
    changed = altered(make_wheel(tmp_path), tmp_path / "changed", "wangge_tiny/__init__.py", "\n# on its way\n")
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(changed)
    assert [(fault.code, "wangge_tiny/__init__.py" in str(fault.text)) for fault in refusal.value.objections] == [
        ("record", True)
    ]


@pytest.mark.parametrize("name", ["..", "a\0b.whl", f"{'x' * 300}-1.0-py3-none-any.whl", "é-1.whl"])
def test_a_file_that_is_not_named_like_a_wheel_is_refused_by_the_page(database: str, name: str) -> None:
    client = admin_client()
    sent = {"wheel": (io.BytesIO(b"PK"), name)}
    answer = client.post("/plugins/install", data=sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["code"] == "name"


def test_names_in_no_encoding_are_no_wheel(tmp_path: Path) -> None:
    path = make_wheel(tmp_path, files={"wangge_tiny/é.txt": ""})
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xff\xff"))
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(path)
    assert refusal.value.objections[0].code == "unreadable"


@pytest.mark.parametrize("entry", TRICKS)
def test_what_would_run_or_lie_outside_the_package_is_refused(tmp_path: Path, entry: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(make_wheel(tmp_path, files={entry: TRICKS[entry]}))
    assert refusal.value.objections[0].code == "not-pure"
    assert entry in str(refusal.value.objections[0].text)


@pytest.mark.parametrize("name", ["/etc/cron.d/tiny", "..\\\\tiny.py", "C:/tiny.py", "wangge_tiny/../../x.py"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(make_wheel(tmp_path, files={name: ""}))
    assert refusal.value.objections[0].code == "path"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = make_wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("wangge_tiny/__init__.py", "import os")
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(path)
    assert refusal.value.objections[0].code == "twice"


@pytest.mark.parametrize("name", ["photo.whl", "wangge_tiny-1.0-py3-none-any.whl"])
def test_a_file_that_is_no_wheel_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"\xff\xd8\xff\xe0 no zip")
    with pytest.raises(Invalid):
        inspect_plugin(path)


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = make_wheel(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("wangge_tiny/passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(path)
    assert refusal.value.objections[0].code == "path"


@pytest.mark.parametrize("version", VERSIONS)
def test_a_version_that_is_none_or_another_never_becomes_a_folder(tmp_path: Path, version: str) -> None:
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(make_wheel(tmp_path, claims=version))
    assert refusal.value.objections[0].code == "version"


def test_all_bounds_on_the_host_hold_together(tmp_path: Path) -> None:
    both = "Requires-Dist: wangge>=0.1,<1\nRequires-Dist: wangge>=99\n"
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(make_wheel(tmp_path, requires=both))
    assert refusal.value.objections[0].code == "incompatible"


@pytest.mark.parametrize("harm", ["damaged", "encrypted"])
def test_a_wheel_that_cannot_be_unpacked_is_refused(tmp_path: Path, harm: str) -> None:
    path = make_wheel(tmp_path)
    body = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = next(one for one in archive.infolist() if one.filename.endswith("METADATA"))
        central = body.rindex(entry.filename.encode()) - 46
    if harm == "damaged":
        start = entry.header_offset + 30 + len(entry.filename)
        body[start : start + 8] = b"\xff" * 8
    else:
        body[entry.header_offset + 6] |= 1
        body[central + 8] |= 1
    path.write_bytes(body)
    with pytest.raises(Invalid) as refusal:
        inspect_plugin(path)
    assert refusal.value.objections[0].code == "unreadable"
