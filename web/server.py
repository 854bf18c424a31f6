"""gunicorn's configuration: `gunicorn -c python:web.server web.wsgi:app`."""

from __future__ import annotations

import ctypes
import signal
from typing import Final

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from core.settings import get_settings

PR_SET_PDEATHSIG: Final = 1
"""`prctl(2)`: the signal that a process gets when its parent dies."""

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


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """Let no worker outlive its master: it would keep the port from the next one for the graceful timeout."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
