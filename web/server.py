"""gunicorn's configuration: `gunicorn -c python:web.server web.wsgi:app`."""

from __future__ import annotations

from core.settings import get_settings

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
