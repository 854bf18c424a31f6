"""Commands of a plugin: the same habits as the host's own (results on stdout, ``--json``, honest exit codes).

A command runs with the database connected; a domain error ends it with its message and exit code 1.
"""

from __future__ import annotations

from web.cli.context import operator
from web.cli.output import answer, answer_lines, json_option, say

__all__ = ["answer", "answer_lines", "json_option", "operator", "say"]
