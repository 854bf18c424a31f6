from __future__ import annotations

from wangge.testing import *  # noqa: F403
