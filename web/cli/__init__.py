"""The ``wangge`` command."""

from __future__ import annotations

from web.cli.main import main

__all__ = ["main"]
