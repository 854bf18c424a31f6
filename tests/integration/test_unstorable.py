"""Texts that PostgreSQL cannot keep are a fault of the input, never a crash."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.actor import command_line
from core.db.session import reading, work
from core.errors import Invalid

TESTER = command_line("tester")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("door", [work, reading])
def test_nul_and_half_surrogates_are_refused_in_words(door) -> None:  # type: ignore[no-untyped-def]
    for sql, value in (
        ("select :value", "a\0b"),
        ("select :value", "\ud800"),
        ("select cast(:value as jsonb)", '"\\u0000"'),
        ("select cast(:value as jsonb) ->> 0", '["\\u0000"]'),
    ):
        with pytest.raises(Invalid, match="cannot be stored"), door(TESTER) as session:
            session.execute(text(sql), {"value": value})


@pytest.mark.usefixtures("database")
def test_other_faults_stay_what_they_are() -> None:
    with pytest.raises(ValueError, match="plain"), work(TESTER):
        raise ValueError("plain")
