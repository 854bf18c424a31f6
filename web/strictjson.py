"""JSON bodies as RFC 8259 has them: no NaN, no number beyond all doubles, no name twice in one object."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any

from flask.json.provider import DefaultJSONProvider

from core.errors import Invalid
from core.text import noop as _

LONGEST = 40
"""Characters of what was sent that a refusal repeats."""


class StrictJson(DefaultJSONProvider):
    """Refuses what two readers of the same body could take for different things; writes every script as it is."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """The value of a body; ``ValueError`` where it is no JSON at all.

        :raises Invalid: where it is, but means nothing certain.
        """
        return json.loads(s, parse_constant=_constant, parse_float=_finite, object_pairs_hook=_once, **kwargs)


def _constant(written: str) -> float:
    raise Invalid(_("The body holds %(number)s, which is no number: leave the field out"), number=written)


def _finite(written: str) -> float:
    value = float(written)
    if math.isinf(value):
        raise Invalid(_("The body holds a number that is too large: %(number)s"), number=written[:LONGEST])
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _value in pairs).most_common(1)[0][0]
        raise Invalid(_("The body has the field %(name)s twice: send it once"), name=twice[:LONGEST])
    return found
