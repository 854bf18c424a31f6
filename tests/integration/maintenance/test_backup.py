"""Backup and restore: everything comes back, nothing half comes back; the doctor tells of missing backups."""

from __future__ import annotations

import datetime as dt
import fcntl
import io
import json
import os
import resource
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
import shapely

from core import clock
from core.access.commands import CreateUser
from core.access.service import create_user
from core.actor import command_line
from core.db.cluster import Cluster
from core.db.session import work
from core.errors import DomainError, Refused, Unusable
from core.maintenance import restore as way_back
from core.maintenance.archive import TableDigest, table_digests
from core.maintenance.backup import backup
from core.maintenance.doctor import Finding, examine
from core.maintenance.jobs import nightly_backup
from core.maintenance.restore import keeps_other_settings, refuse_begun, restore
from core.settings import get_settings
from tests.integration.grids.planting import SOUTH, WEST, plant
from tests.integration.layers.laying import at, drawn, lay, save

TESTER = command_line("tester")
MOST = 4_000_000


@pytest.fixture
def city(database: str, home: Path) -> str:
    """A planted city with people, a photo and a plugin; gives the DSN that may read everything."""
    plant()
    with work(TESTER) as session:
        create_user(session, CreateUser("zhangsan", "张三"))
    for name, data in (("files/ab/photo.jpg", b"\xff\xd8" + bytes(range(256)) * 40), ("plugins/p-1.whl", b"PK wheel")):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(data)
    (home / "plugins" / "__pycache__").mkdir()
    (home / "plugins" / "__pycache__" / "x.pyc").write_bytes(b"left out")
    (home / "tiles").mkdir()
    (home / "tiles" / "1.mvt").write_bytes(b"left out")
    (home / "wangge.toml").write_text('language = "en"\n')
    return os.environ["WANGGE_OWNER_URL"]


def test_reference_layers_come_back_and_their_tiles_are_drawn_anew(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    road = shapely.LineString([(WEST + 0.05, SOUTH + 0.05), (WEST + 0.06, SOUTH + 0.05)])
    lay(save(tmp_path / "roads.gpkg", [road], {"name": ["和平路"]}), "roads")
    assert drawn("roads", at(16, WEST + 0.051, SOUTH + 0.05))
    archive = tmp_path / "city.tar"
    made = backup(city, home, archive)
    assert (made.tables["core.layer"].rows, made.tables["core.layer_feature"].rows) == (1, 1)
    restore(empty_database, tmp_path / "fresh", archive)
    with psycopg2.connect(empty_database) as connection, connection.cursor() as cursor:
        cursor.execute("select name, st_length(geom) from core.layer_feature")
        assert cursor.fetchall() == [("和平路", pytest.approx(0.01))]
        cursor.execute("select count(*) from core.layer_tile")
        assert cursor.fetchall() == [(0,)]
    connection.close()


@pytest.fixture
def empty_database(cluster: Cluster, database: str) -> Iterator[str]:
    """A database with the extensions and nothing else, as the command prepares it for a restore."""
    name = f"restored_{os.getpid()}"
    with cluster.superuser() as cursor:
        cursor.execute(f"create database {name} owner wangge_owner")
    with cluster.superuser(name) as cursor:
        for extension in ("postgis", "ltree", "btree_gist", "pg_trgm"):
            cursor.execute(f"create extension {extension}")
    yield cluster.url("postgres", name)
    with cluster.superuser() as cursor:
        cursor.execute(f"drop database {name} with (force)")


def digests(url: str, options: str = "") -> dict[str, TableDigest]:
    connection = psycopg2.connect(url, options=options)
    try:
        return table_digests(connection)
    finally:
        connection.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@contextmanager
def no_longer_files_than(size: int) -> Iterator[None]:
    """As on a disk that is nearly full: what is written beyond so many bytes fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with members changed, or left out where ``change`` gives nothing."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            handle = old.extractfile(member)
            assert handle is not None
            data = change(member.name, handle.read())
            if data is not None:
                info = tarfile.TarInfo(member.name)
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    return target


def test_a_server_with_other_settings_gives_the_same_digests(city: str) -> None:
    other = (
        "-c timezone=Asia/Shanghai -c datestyle=German -c intervalstyle=iso_8601 -c extra_float_digits=0"
        " -c bytea_output=escape"
    )
    assert digests(city, other) == digests(city)


def test_everything_comes_back(city: str, empty_database: str, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "out" / "city.tar"
    made = backup(city, home, archive)
    assert made.tables["core.user_account"].rows == 1
    assert made.tables["core.grid_state"].rows == 13
    assert set(made.files) == {"database.dump", "files/ab/photo.jpg", "plugins/p-1.whl", "wangge.toml"}
    fresh = tmp_path / "fresh"
    assert restore(empty_database, fresh, archive) == made
    kept = {name: data for name, data in contents(home).items() if name in made.files}
    assert contents(fresh) == kept
    assert digests(empty_database) == digests(city) == made.tables
    with psycopg2.connect(empty_database) as connection, connection.cursor() as cursor:
        cursor.execute("select name from core.user_account")
        assert cursor.fetchall() == [("张三",)]
        cursor.execute("select tableowner from pg_tables where schemaname = 'core' group by 1")
        assert cursor.fetchall() == [("wangge_owner",)]
    connection.close()


def test_a_full_home_or_database_is_refused_and_stays(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "city.tar"
    backup(city, home, archive)
    before = contents(home), digests(city)
    with pytest.raises(Refused, match="not empty"):
        restore(city, tmp_path / "fresh", archive)
    with pytest.raises(Refused, match="not empty"):
        restore(empty_database, home, archive)
    assert (contents(home), digests(city)) == before
    assert digests(empty_database) == {}


def test_the_owner_of_an_outside_database_needs_no_superuser(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    made = backup(city, home, tmp_path / "city.tar")
    owner = empty_database.replace("postgres@", "wangge_owner@")
    assert restore(owner, tmp_path / "fresh", tmp_path / "city.tar") == made
    assert digests(owner) == made.tables


def test_settings_that_stand_in_a_home_stay(city: str, empty_database: str, home: Path, tmp_path: Path) -> None:
    archive, fresh = tmp_path / "city.tar", tmp_path / "fresh"
    backup(city, home, archive)
    fresh.mkdir()
    (fresh / "wangge.toml").write_text('timezone = "Asia/Urumqi"\n')
    manifest = restore(empty_database, fresh, archive)
    assert (fresh / "wangge.toml").read_text() == 'timezone = "Asia/Urumqi"\n'
    assert keeps_other_settings(fresh, manifest)
    assert not keeps_other_settings(home, manifest)


def test_a_damaged_archive_is_refused_before_anything_is_written(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "city.tar"
    backup(city, home, archive)

    def newer(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"format": 99}).encode() if name == "manifest.json" else data

    cut = tmp_path / "cut.tar"
    cut.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])
    text_file = tmp_path / "text.tar"
    text_file.write_text("no archive")
    bad = {
        "another byte": rewritten(archive, tmp_path / "1.tar", lambda n, d: b"x" + d[1:] if "photo" in n else d),
        "another dump": rewritten(archive, tmp_path / "2.tar", lambda n, d: d + b"x" if "dump" in n else d),
        "a lost file": rewritten(archive, tmp_path / "3.tar", lambda n, d: None if "photo" in n else d),
        "no manifest": rewritten(archive, tmp_path / "4.tar", lambda n, d: None if "manifest" in n else d),
        "no json": rewritten(archive, tmp_path / "5.tar", lambda n, d: b"{" if "manifest" in n else d),
        "no facts": rewritten(archive, tmp_path / "6.tar", lambda n, d: b"[]" if "manifest" in n else d),
        "odd facts": rewritten(archive, tmp_path / "8.tar", lambda n, d: b'{"format": 1}' if "manifest" in n else d),
        "newer": rewritten(archive, tmp_path / "7.tar", newer),
        "cut": cut,
        "text": text_file,
    }
    for what, damaged in bad.items():
        fresh = tmp_path / "fresh"
        with pytest.raises(DomainError):
            restore(empty_database, fresh, damaged)
        assert contents(fresh) == {}, what
        assert digests(empty_database) == {}, what


def test_an_archive_cannot_bring_more_than_its_manifest_or_write_outside_the_home(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "city.tar"
    backup(city, home, archive)
    evil = tmp_path / "evil.tar"
    link = tarfile.TarInfo("link")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
    for name in ("../../escaped.txt", "plugins/escaped.txt", "link/escaped.txt"):
        with tarfile.open(archive) as old, tarfile.open(evil, "w") as new:
            for member in old.getmembers():
                new.addfile(member, old.extractfile(member))
            if name.startswith("link"):
                new.addfile(link)
            info = tarfile.TarInfo(name)
            info.size = 1
            new.addfile(info, io.BytesIO(b"x"))
        with pytest.raises(DomainError):
            restore(empty_database, tmp_path / "fresh", evil)
        assert not list(tmp_path.rglob("escaped.txt"))


def test_a_backup_that_fails_leaves_no_archive_and_keeps_the_old_one(city: str, home: Path, tmp_path: Path) -> None:
    archive = tmp_path / "out" / "city.tar"
    backup(city, home, archive)
    before = contents(tmp_path / "out")
    (home / "files" / "long").write_bytes(bytes(3 * MOST))
    with no_longer_files_than(MOST), pytest.raises(Unusable, match="File too large"):
        backup(city, home, archive)
    assert contents(tmp_path / "out") == before


def test_a_place_that_cannot_be_written_is_named(city: str, home: Path) -> None:
    with pytest.raises(Unusable, match="/proc/nowhere"):
        backup(city, home, Path("/proc/nowhere/city.tar"))
    assert contents(home / "run") == {"backup.lock": b""} or not (home / "run").exists()


def test_files_that_come_and_go_meanwhile_leave_a_whole_archive(
    city: str, empty_database: str, home: Path, tmp_path: Path
) -> None:
    done = threading.Event()

    def send() -> None:
        number = 0
        while not done.is_set():
            number += 1
            fresh = home / "files" / f"{number:05d}.new"
            fresh.write_bytes(b"half")
            fresh.rename(fresh.with_suffix(""))
            (home / "files" / f"{number - 20:05d}").unlink(missing_ok=True)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        made = backup(city, home, tmp_path / "city.tar")
    finally:
        done.set()
        sender.join()
    assert "files/ab/photo.jpg" in made.files
    assert restore(empty_database, tmp_path / "fresh", tmp_path / "city.tar") == made


def test_one_backup_at_a_time_and_what_a_killed_one_left_goes(city: str, home: Path, tmp_path: Path) -> None:
    left = home / "run" / "backup" / "database.dump"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    elsewhere = tmp_path / "elsewhere" / ".city.tar.part"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(b"half")
    (left.parent / "under-way").write_text(str(elsewhere))
    with (home / "run" / "backup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="Another backup"):
            backup(city, home, tmp_path / "city.tar")
    assert not (tmp_path / "city.tar").exists()
    backup(city, home, tmp_path / "city.tar")
    assert not left.exists()
    assert not elsewhere.exists()


@pytest.mark.parametrize("breaks", ["run", "compare"])
def test_a_restore_that_was_cut_off_lets_nobody_in_and_may_be_run_again(
    city: str, empty_database: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    archive, fresh = tmp_path / "city.tar", tmp_path / "fresh"
    made = backup(city, home, archive)

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(way_back, breaks, killed)
        restore(empty_database, fresh, archive)
    with pytest.raises(Unusable, match=str(archive)):
        refuse_begun(fresh)
    assert restore(empty_database, fresh, archive) == made
    refuse_begun(fresh)
    assert digests(empty_database) == made.tables
    assert set(contents(fresh)) == set(made.files) - {"database.dump"}


def findings() -> dict[str, Finding]:
    with work(TESTER) as session:
        return {finding.name: finding for finding in examine(session, get_settings())}


def test_the_doctor_warns_when_a_day_passed_without_a_backup(city: str, home: Path) -> None:
    found = findings()
    assert {name: found[name].verdict for name in ("postgis", "ltree", "migrations", "backup")} == {
        "postgis": "ok",
        "ltree": "ok",
        "migrations": "ok",
        "backup": "ok",
    }
    assert found["durability"].verdict == "bad"  # the tests' own server does without fsync
    now = dt.datetime.now(dt.UTC)
    with clock.turned(lambda: now + dt.timedelta(hours=25)):
        never = findings()["backup"]
    assert never.verdict == "warn"
    assert "wangge backup" in str(never.mend)
    nightly_backup(0)
    with clock.turned(lambda: now + dt.timedelta(hours=23)):
        assert findings()["backup"].verdict == "ok"
    with clock.turned(lambda: now + dt.timedelta(hours=25)):
        late = findings()["backup"]
    assert late.verdict == "warn"
    assert "25 hours" in str(late.text)


def test_the_nightly_job_keeps_the_newest_backups(city: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_BACKUP_KEEP", "2")
    get_settings.cache_clear()
    start = dt.datetime(2026, 11, 24, 18, 10, tzinfo=dt.UTC)
    for night in range(3):
        with clock.turned(lambda night=night: start + dt.timedelta(days=night)):  # type: ignore[misc]
            nightly_backup(0)
    names = sorted(path.name for path in (home / "backups").iterdir())
    assert names == ["wangge-20261126-021000.tar", "wangge-20261127-021000.tar"]
