"""What `wangge up` watches over comes back, however often it fails."""

from __future__ import annotations

from typing import cast

import pytest

from core.db.cluster import Cluster
from core.errors import Unusable
from web.cli import supervise


class Full:
    """A database whose disk is full for a while."""

    def __init__(self, stop: list[int], failures: int) -> None:
        self.stop, self.failures = stop, failures

    def restart_if_dead(self) -> bool:
        if self.failures:
            self.failures -= 1
            raise Unusable("PostgreSQL did not start; its log ends: %(tail)s", tail="No space left on device")
        self.stop.append(15)
        return True


def test_a_database_that_cannot_start_is_tried_again_and_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(supervise, "RESTART_PAUSE_SECONDS", 0.01)
    stop: list[int] = []
    supervise.watch([], cast(Cluster, Full(stop, failures=3)), stop)
    assert stop == [15]
    assert capsys.readouterr().err.count("No space left on device") == 1
