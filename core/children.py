"""How other programs are started so that they never outlive us."""

from __future__ import annotations

from typing import Final

BOUND: Final = ("setpriv", "--pdeathsig", "KILL")
"""Stands before a command: the kernel ends it with the thread that started it, whatever that one dies of."""
