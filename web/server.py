"""gunicorn's configuration: `gunicorn -c python:web.server web.wsgi:app`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

import web.app  # noqa: F401 read once before the fork; plugins stay with the workers, so that these can be renewed
from core.plugin import workers as plugin_workers
from core.settings import get_settings
from gis.limited import end_with_parent

READY_SECONDS: Final = 60.0
PAUSE_SECONDS: Final = 0.1

_settings = get_settings()

worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
timeout = 60
graceful_timeout = 30
max_requests = 5000
max_requests_jitter = 500
pidfile = str(_settings.folder("run") / "gunicorn.pid")
accesslog = None
errorlog = "-"
loglevel = "warning"
control_socket_disable = True
preload_app = False
if plugin_workers.master(_settings) is None:
    # after a restart of the machine another process may bear the number that was left there
    Path(pidfile).unlink(missing_ok=True)


def on_starting(server: Arbiter) -> None:
    """At a reload, let the old workers serve until the new ones can; gunicorn itself ends them at once."""
    usual = server.manage_workers

    def manage_workers() -> None:
        if len(server.WORKERS) > server.num_workers:
            _await_newest(server)
        usual()

    server.manage_workers = manage_workers


def _await_newest(server: Arbiter) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        newest = sorted(server.WORKERS.values(), key=lambda worker: worker.age)[-server.num_workers :]
        if all(plugin_workers.is_ready(_settings, worker.pid) for worker in newest):
            return
        server.reap_workers()
        time.sleep(PAUSE_SECONDS)


def post_fork(_server: Arbiter, worker: Worker) -> None:
    """Let no worker outlive its master: it would keep the port from the next one for the graceful timeout."""
    plugin_workers.forget(_settings, worker.pid)
    end_with_parent()
