"""What a file says of days, whatever its form, and the faults that its readers find."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from core.calendars.limits import YEARS
from core.errors import Invalid, Objection
from core.text import Text
from core.text import noop as _

NAME_MOST: Final = 40
MOST_DAYS: Final = 4000
MOST_SHOWN: Final = 20
"""How many faults of a file are told at once."""
FAULTY: Final = _("The calendar has faults; nothing was changed")


@dataclass(frozen=True)
class Said:
    """What is said of one day.

    :param pointer: where it is said: a line of a table, or what the notice writes.
    """

    day: dt.date
    works: bool
    name: str
    pointer: str


@dataclass(frozen=True)
class Listing:
    """What a file says.

    :param source: ``notice`` or ``table``; ``title`` names it.
    """

    source: str
    title: str
    days: tuple[Said, ...]

    @property
    def years(self) -> frozenset[int]:
        """Years of which the file says all there is: those whose first day is in it, as it is in every notice."""
        return frozenset(said.day.year for said in self.days if (said.day.month, said.day.day) == (1, 1))


def checked(source: str, title: str, days: Sequence[Said], faults: Iterable[Objection] = ()) -> Listing:
    """A listing without faults: each day once, in years that there are.

    :raises Invalid: with every fault.
    """
    found, known = list(faults), dict[dt.date, Said]()
    for said in days:
        other = known.setdefault(said.day, said)
        if other.works != said.works:
            found.append(fault(_("%(day)s is said to be worked and to be off"), said.pointer, day=said.day.isoformat()))
        if said.day.year not in YEARS:
            found.append(fault(_("%(day)s lies in no year of this calendar"), said.pointer, day=said.day.isoformat()))
    if not days and not found:
        found.append(fault(_("The file names no day"), ""))
    if len(known) > MOST_DAYS:
        found.append(fault(_("The file names more than %(most)s days"), "", most=MOST_DAYS))
    if found:
        refuse(found)
    return Listing(source, title, tuple(known[day] for day in sorted(known)))


def refuse(faults: Sequence[Objection]) -> NoReturn:
    """Refuse a file with its first faults."""
    raise Invalid(FAULTY, objections=faults[:MOST_SHOWN])


def fault(message: str, pointer: str, mend: str = "", **values: object) -> Objection:
    """A fault of a file, at what ``pointer`` names."""
    return Objection(Text(message, values), Text(mend) if mend else None, f"/{pointer}" if pointer else "", "calendar")
