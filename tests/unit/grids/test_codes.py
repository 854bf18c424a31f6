"""Codes: general rules, the scheme S15, and the order of levels."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.grids.codes import SCHEMES, check, scheme_named
from core.grids.levels import check_order

S15, FREE = SCHEMES["S15"], SCHEMES["free"]


@pytest.mark.parametrize("code", ["131003", "A-1", "南", "a.b", "x" * 64])
def test_free_takes_any_code_of_the_general_rules(code: str) -> None:
    assert check(FREE, code, "grid", "zzz") is None


@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("", "code-empty"),
        ("a b", "code-characters"),
        ("a\u3000b", "code-characters"),
        ("a/b", "code-characters"),
        ("a?", "code-characters"),
        ("#1", "code-characters"),
        ("a\x00", "code-characters"),
        ("' or 1", "code-characters"),
        ("a%b", "code-characters"),
        ("a'b", "code-characters"),
        ("=1", "code-characters"),
        ("..", "code-characters"),
        ("a\n", "code-characters"),
        ("x" * 65, "code-long"),
    ],
)
def test_no_scheme_takes_what_breaks_the_general_rules(code: str, slug: str) -> None:
    for scheme in (FREE, S15):
        fault = check(scheme, code, "grid", None)
        assert fault is not None
        assert (fault.code, bool(fault.mend)) == (slug, True)


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("131000", "city", None),
        ("131003", "county", "131000"),
        ("131003001", "street", "131003"),
        ("131003001004", "community", "131003001"),
        ("131003001004012", "grid", "131003001004"),
        ("13100300100401203", "micro", "131003001004012"),
    ],
)
def test_s15_takes_the_codes_of_a_city(code: str, level: str, parent: str | None) -> None:
    assert check(S15, code, level, parent) is None


@pytest.mark.parametrize(
    ("code", "level", "parent"),
    [
        ("13100", "county", "131000"),
        ("131003", "grid", None),
        ("13100A", "county", None),
        ("１３１００３", "county", None),
        ("140003", "county", "131000"),
        ("131004001", "street", "131003"),
        ("13100300100501", "grid", "131003001004"),
    ],
)
def test_s15_refuses_what_breaks_it_and_says_how_to_mend_it(code: str, level: str, parent: str | None) -> None:
    fault = check(S15, code, level, parent)
    assert fault is not None
    assert fault.code == "code-scheme"
    assert code in str(fault.text)
    assert "free" in str(fault.mend)


def test_s15_reads_blocks_and_filled_codes_and_shows_blocks() -> None:
    assert S15.parse("131003 001 004 012", "grid") == "131003001004012"
    assert S15.parse("131003000000", "county") == "131003"
    assert S15.parse("131003001000", "street") == "131003001"
    assert S15.parse("131003001004", "community") == "131003001004"
    assert S15.parse("131003001004", "county") == "131003001004"
    assert S15.format("131003001004012") == "131003 001 004 012"
    assert S15.format("13100300100401203") == "131003 001 004 012 03"
    assert S15.format("131003") == "131003"


def test_nested_codes_hang_on_the_coarser_one_in_free_alone() -> None:
    assert (FREE.nested(None, "01"), FREE.nested("01", "1")) == ("01", "01-1")
    assert S15.nested("131003", "131003001") == "131003001"


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="free, S15"):
        scheme_named("S99")


@pytest.mark.parametrize(
    ("levels", "above"),
    [(["county"], "city"), (["county", "community"], "city"), (["city"], None), (["grid", "micro"], "county")],
)
def test_levels_that_lie_below_each_other_are_in_order(levels: list[str], above: str | None) -> None:
    assert check_order(levels, above) is None


@pytest.mark.parametrize(
    ("levels", "above", "slug"),
    [
        (["city"], "city", "level-order"),
        (["county"], "street", "level-order"),
        (["street", "county"], None, "level-order"),
        (["grid", "grid"], None, "level-order"),
        (["province"], None, "unknown-level"),
    ],
)
def test_levels_out_of_order_are_refused(levels: list[str], above: str | None, slug: str) -> None:
    fault = check_order(levels, above)
    assert fault is not None
    assert (fault.code, bool(fault.mend)) == (slug, True)
