"""A private PostgreSQL cluster from Debian's binaries: unix socket only, never an orphan.

The first process that needs it starts it and owns it; others only connect. Every user holds a shared lock, so
an owner that ends its command waits for them before it stops the server.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from io import TextIOWrapper
from pathlib import Path

import psycopg2

from core.db.debian import account, binaries, reachable
from core.db.session import POOL_EXTRA
from core.errors import Unusable
from core.settings import Settings, get_settings, make_folder

PORT = 5432
SUPERUSER = "postgres"
START_SECONDS = 60
PROCESSES = Path("/proc")
SOCKET_PATH_LIMIT = 107
SPARE_CONNECTIONS = 60
"""For the job worker, commands and backups."""
DURABLE: Mapping[str, str] = {"shared_buffers": "256MB", "jit": "off"}
THROWAWAY: Mapping[str, str] = {
    **DURABLE,
    "max_connections": "100",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def durable(settings: Settings) -> Mapping[str, str]:
    """Options of a cluster that keeps its data, with connections for all workers twice: they overlap at a reload."""
    web = 2 * settings.workers * (settings.threads + POOL_EXTRA)
    return {**DURABLE, "max_connections": str(web + SPARE_CONNECTIONS)}


class Cluster:
    """One private cluster below a folder.

    :param folder: holds ``<major>/`` (data), ``run/`` (socket), logs and locks.
    :param options: server options beside the fixed ones.
    """

    def __init__(self, folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.bin = binaries()
        self.account = account()
        self.folder = reachable(folder, self.account)
        self.options = dict(durable(get_settings()) if options is None else options)
        self.data = self.folder / self.bin.parent.name
        self.run = self.folder / "run"
        self._owner_file = self.folder / "owner.pid"
        self._process: subprocess.Popen[bytes] | None = None
        if len(str(self.run / f".s.PGSQL.{PORT}")) > SOCKET_PATH_LIMIT:
            raise Unusable(
                "The data folder's path is too long for a socket: %(path)s; set WANGGE_HOME to a shorter one",
                path=str(self.run),
            )

    def url(self, role: str, database: str = "wangge") -> str:
        """DSN of a role."""
        return f"postgresql://{role}@/{database}?host={self.run}&port={PORT}"

    @contextmanager
    def superuser(self, database: str = "postgres") -> Iterator[psycopg2.extensions.cursor]:
        """A cursor of the superuser; every statement commits by itself."""
        with closing(psycopg2.connect(host=str(self.run), port=PORT, user=SUPERUSER, dbname=database)) as connection:
            connection.autocommit = True
            yield connection.cursor()

    def alive(self) -> bool:
        """Whether the server answers."""
        try:
            with self.superuser():
                return True
        except psycopg2.OperationalError:
            return False

    @contextmanager
    def running(
        self, *, patient: bool = True, own: bool = False, waiting: Callable[[str], None] = lambda _owner: None
    ) -> Iterator[Cluster]:
        """The server runs inside the block; whoever started it stops it.

        :param patient: at the end wait for other users before stopping.
        :param own: wait until nobody else owns the server, then start it (``wangge up``).
        :param waiting: told once for whom we wait: process id and command line.
        """
        self._make_folders()
        with (self.folder / "users").open("a") as users:
            owner = self._join(users, own, waiting)
            try:
                yield self
            finally:
                fcntl.flock(users, fcntl.LOCK_UN)
                if owner:
                    self._leave(users, patient)

    def _join(self, users: TextIOWrapper, own: bool, waiting: Callable[[str], None]) -> bool:
        """Take a user's lock and start the server if it is not there; true when we are the owner."""
        told = False
        while True:
            with self._lock():
                if not self.alive():
                    self._start()
                    self._owner_file.write_text(str(os.getpid()))
                    fcntl.flock(users, fcntl.LOCK_SH)
                    return True
                if not own:
                    fcntl.flock(users, fcntl.LOCK_SH)
                    return False
            if not told and (owner := _named(self._owner_file)):
                waiting(f"{owner[1]} (process {owner[0]})")
                told = True
            time.sleep(0.2)

    def _leave(self, users: TextIOWrapper, patient: bool) -> None:
        with self._lock():
            if patient:
                fcntl.flock(users, fcntl.LOCK_EX)
            self.stop()

    def restart_if_dead(self) -> bool:
        """Start the server again when our own has died; true when it had."""
        if self._process is None or self._process.poll() is None:
            return False
        with self._lock():
            self._start()
        return True

    def stop(self) -> None:
        """Fast shutdown of the server that this process started."""
        if self._process and self._process.poll() is None:
            self._run([str(self.bin / "pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "stop"])
            self._process.wait()
        self._process = None

    def _make_folders(self) -> None:
        for folder in (self.folder, self.run):
            make_folder(folder)
            if self.account:
                os.chown(folder, self.account.pw_uid, self.account.pw_gid)
            folder.chmod(0o700)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        if not self.data.exists():
            self._initialise()
        command = [
            str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.run), "-p", str(PORT),
            "-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-c", "timezone=UTC",
        ]  # fmt: skip
        for name, value in self.options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        self._outlive(deadline)
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._as_account(command, "--pdeathsig", "INT"),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd="/",
            )  # fmt: skip
        while not self.alive():
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self.folder / "server.log").read_text(errors="replace")[-600:]
                raise Unusable("PostgreSQL did not start; its log ends: %(tail)s", tail=tail)
            time.sleep(0.05)

    def _outlive(self, deadline: float) -> None:
        """Wait for the processes of an earlier server, whose owner was killed, to end."""
        while time.monotonic() < deadline and any(
            _works_in(self.data, process) for process in PROCESSES.glob("[0-9]*")
        ):
            time.sleep(0.05)

    def _initialise(self) -> None:
        """Make the cluster beside its place, then rename: a half-made one is never mistaken for a whole one."""
        fresh = self.folder / f"{self.data.name}.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        self._run([
            str(self.bin / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--data-checksums", "--encoding=UTF8",
            "--locale=C.UTF-8", "--auth-local=trust", "--auth-host=reject",
        ])  # fmt: skip
        fresh.rename(self.data)

    def _run(self, command: Sequence[str]) -> None:
        done = subprocess.run(self._as_account(command), capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise Unusable(
                "%(program)s failed: %(output)s",
                program=Path(command[0]).name,
                output=(done.stderr or done.stdout)[-600:],
            )

    def _as_account(self, command: Sequence[str], *options: str) -> list[str]:
        if not self.account:
            return ["setpriv", *options, *command] if options else list(command)
        ids = ["--reuid", str(self.account.pw_uid), "--regid", str(self.account.pw_gid), "--init-groups"]
        return ["setpriv", *ids, *options, *command]


def _works_in(data: Path, process: Path) -> bool:
    """Whether a process has a cluster's data as its working folder, as all of a server's processes do."""
    try:
        return os.readlink(process / "cwd") == os.path.realpath(data)
    except OSError:
        return False


def _named(file: Path) -> tuple[int, str] | None:
    """Process id and command line of the Wangge process that a file names, while it lives."""
    try:
        pid = int(file.read_text())
        words = (PROCESSES / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except (OSError, ValueError):
        return None
    line = b" ".join(words).decode(errors="replace")
    return (pid, line) if "wangge" in line or "web.cli" in line else None


def owner_url(settings: Settings) -> str:
    """DSN of the role that owns the tables and may migrate: as set, else the private cluster's."""
    url = settings.owner_url or settings.database_url
    return url.get_secret_value() if url else Cluster(settings.folder("pg")).url("wangge_owner")
