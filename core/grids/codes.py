"""Schemes of grid codes, as values.

``free`` takes any code that keeps the general rules and is what an import uses unless told otherwise: the
codes of delivered layers rarely follow one scheme. ``S15`` is the statistical code of divisions (6 digits for
the county, 3 street, 3 community) with 3 digits for the grid and 2 more for the micro-grid; a parent's code is
the prefix of its children's, the city's (131000) being the one exception.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from core.errors import Invalid, Objection
from core.grids.levels import TITLES
from core.text import Text
from core.text import noop as _

LONGEST: Final = 64
ALLOWED: Final = re.compile(r"[^\W_][\w.-]*")
"""Letters of any script, digits and ``- _ .``, which cannot begin: safe in addresses, file names and tables."""
RESERVED: Final = frozenset({"at", "coverage", "import", "layers", "near", "pick", "plans", "repair", "search", "tree"})
"""Words that stand in addresses where a code does."""
MOST_SERIALS: Final = 100_000
S15_LENGTHS: Final = MappingProxyType({"city": 6, "county": 6, "street": 9, "community": 12, "grid": 15, "micro": 17})
STATISTICAL_LENGTH: Final = 12


@dataclass(frozen=True)
class Scheme:
    """How codes of one kind are read, shown and judged.

    :param parse: the code as it is kept, out of what a file or a person writes.
    :param format: the code as a person reads it.
    :param check: ``(code, level, parent's code or None)`` → the reason why it is wrong, or ``None``.
    :param nested: ``(coarser group's code or None, own value)`` → code of a grid made by dissolving.
    :param serials: ``(level, parent's code)`` → the codes for grids of that level below it, in order, until the scheme
        has no more.
    """

    name: str
    parse: Callable[[str, str], str]
    format: Callable[[str], str]
    check: Callable[[str, str, str | None], Objection | None]
    nested: Callable[[str | None, str], str]
    serials: Callable[[str, str], Iterator[str]]


def check_general(code: str) -> Objection | None:
    """What every code must keep: not empty, of letters, digits and ``- _ .``, at most 64 characters."""
    if not code:
        return Objection(Text(_("A code is empty")), Text(_("Give every grid a code")), code="code-empty")
    if not ALLOWED.fullmatch(code):
        return Objection(
            Text(
                _("Code %(code)s is not made of letters, digits and - _ . alone, or begins with - _ ."),
                {"code": repr(code[:LONGEST])},
            ),
            Text(_("Correct it in the file, or choose another field for the codes")),
            code="code-characters",
        )
    if code in RESERVED:
        return Objection(
            Text(_("Code %(code)s is an address of the system: the grid could not be reached"), {"code": code}),
            Text(_("Choose another code")),
            code="code-reserved",
        )
    if len(code) > LONGEST:
        return Objection(
            Text(_("Code %(code)s has more than %(limit)d characters"), {"code": code[:20] + "…", "limit": LONGEST}),
            Text(_("Shorten the code")),
            code="code-long",
        )
    return None


def s15_prefix(parent: str) -> str:
    """With what the codes below a statistical code begin: with itself, below a city (131000) with its first four."""
    return parent[:4] if len(parent) == S15_LENGTHS["city"] and parent.endswith("00") else parent


def _check_s15(code: str, level: str, parent: str | None) -> Objection | None:
    wanted = S15_LENGTHS[level]
    if not re.fullmatch(r"[0-9]+", code) or len(code) != wanted:
        return Objection(
            Text(
                _("Code %(code)s breaks scheme S15: level %(level)s has %(digits)d digits"),
                {"code": code, "level": Text(TITLES[level]), "digits": wanted},
            ),
            Text(_("Correct the code, or import with the scheme `free`")),
            code="code-scheme",
        )
    if parent is None:
        return None
    prefix = s15_prefix(parent)
    if code.startswith(prefix):
        return None
    return Objection(
        Text(
            _("Code %(code)s breaks scheme S15: it does not begin with its parent's code %(parent)s"),
            {"code": code, "parent": prefix},
        ),
        Text(_("Correct the code, or import with the scheme `free`")),
        code="code-scheme",
    )


def _parse_s15(code: str, level: str) -> str:
    """Blanks between the blocks are dropped, and the zeros that fill a division's code up to twelve digits."""
    digits = re.sub(r"\s", "", code)
    wanted = S15_LENGTHS.get(level, 0)
    padded = len(digits) == STATISTICAL_LENGTH and wanted < STATISTICAL_LENGTH and not digits[wanted:].strip("0")
    return digits[:wanted] if padded else digits


def _format_s15(code: str) -> str:
    """131003001004012 → 131003 001 004 012."""
    blocks = [code[:6], *(code[i : i + 3] for i in range(6, min(len(code), 15), 3)), code[15:]]
    return " ".join(block for block in blocks if block)


def _serials_s15(level: str, parent: str) -> Iterator[str]:
    prefix = s15_prefix(parent)
    width = S15_LENGTHS[level] - len(prefix)
    if width > 0:
        yield from (f"{prefix}{number:0{width}d}" for number in range(1, 10**width))


def _serials_free(_level: str, parent: str) -> Iterator[str]:
    return (f"{parent}-{number:02d}" for number in range(1, MOST_SERIALS))


SCHEMES: Final[Mapping[str, Scheme]] = MappingProxyType(
    {
        "free": Scheme(
            "free",
            parse=lambda code, _level: code,
            format=lambda code: code,
            check=lambda _code, _level, _parent: None,
            nested=lambda coarser, own: f"{coarser}-{own}" if coarser else own,
            serials=_serials_free,
        ),
        "S15": Scheme("S15", _parse_s15, _format_s15, _check_s15, lambda _coarser, own: own, _serials_s15),
    }
)
DEFAULT_SCHEME: Final = "free"


def scheme_of(code: str, level: str) -> Scheme:
    """The scheme that a grid's code follows."""
    return SCHEMES["S15" if _check_s15(code, level, None) is None else DEFAULT_SCHEME]


def scheme_named(name: str) -> Scheme:
    """The scheme of that name; refuses an unknown one."""
    if name not in SCHEMES:
        raise Invalid(_("There is no code scheme %(name)s; known are %(known)s"), name=name, known=", ".join(SCHEMES))
    return SCHEMES[name]


def check(scheme: Scheme, code: str, level: str, parent: str | None) -> Objection | None:
    """The general rules, then the scheme's own."""
    return check_general(code) or scheme.check(code, level, parent)
