"""Which names may be logins: one alphabet, no sign that cannot be seen, said sign by sign."""

from __future__ import annotations

import pytest

from core.access.logins import fold_login, login_fault


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ZhangSan", "zhangsan"),
        (" zhang.san@li-1 ", "zhang.san@li-1"),
        ("\uff5a\uff48\uff41\uff4e\uff47", "zhang"),
        ("张三", "张三"),
        ("𠮷田01", "𠮷田01"),
        ("13900000001", "13900000001"),
    ],
)
def test_names_are_kept_folded(typed: str, kept: str) -> None:
    assert fold_login(typed) == kept
    assert login_fault(kept) is None


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("\u0430dmin", "CYRILLIC SMALL LETTER A, U+0430"),
        ("adm\u03b9n", "GREEK SMALL LETTER IOTA"),
        ("ad\0min", "(U+0000)"),
        ("ad\u200bmin", "ZERO WIDTH SPACE"),
        ("zhang san", "U+0020"),
        ("m\u00fcller", "LATIN SMALL LETTER U WITH DIAERESIS"),
        ("\u2e84zhang", "U+2E84"),
        ("\u202eadmin", "RIGHT-TO-LEFT OVERRIDE"),
        ("zhang\ud800", "U+D800"),
    ],
)
def test_signs_of_other_alphabets_and_hidden_ones_are_named(typed: str, named: str) -> None:
    assert named in str(login_fault(fold_login(typed)))


@pytest.mark.parametrize("typed", ["", "x", "a" * 41, ".zhang", "-zhang", "@zhang"])
def test_names_are_neither_short_nor_long_and_begin_with_a_letter(typed: str) -> None:
    assert "2 to 40" in str(login_fault(fold_login(typed)))
