"""`python -m web.cli` is `wangge`."""

from __future__ import annotations

from web.cli.main import main

main()
