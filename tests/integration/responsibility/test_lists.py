"""The matrix as a list: names or codes, all rows or none, the same again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.db.session import reading
from core.errors import Forbidden, Invalid
from core.org.service import SaveDepartment, save_department
from core.responsibility.listing import MatrixTaken, export_claims, import_claims
from core.responsibility.queries import claims
from tests.integration.access.making import TESTER, actor, do, person, rows, sheet

HEADS = ("事项", "事项类别", "网格编码", "牵头部门", "协办部门", "兜底部门")
KINDS = {"stall": "order", "visit": ""}
WORDS = {"占道经营": "stall"}
LIST = [
    ("占道经营", "", "139900", "城管局", "公安局、civil", "town"),
    ("", "order", "139901", "police", "", ""),
    ("", "", "139900", "town", "", ""),
]


def taken(lines: Sequence[Sequence[object]]) -> MatrixTaken:
    done: MatrixTaken = do(TESTER, import_claims, sheet(HEADS, lines), KINDS, WORDS)
    return done


def standing() -> list[tuple[str, str, str, str, list[str], str]]:
    with reading(TESTER) as session:
        return [
            (row.kind, row.category, row.grid_code, row.lead.code, [one.code for one in row.assistants],
             row.fallback.code if row.fallback else "")
            for row in claims(session)
        ]  # fmt: skip


def test_a_list_is_taken_over_once_and_changed_by_the_next() -> None:
    assert taken(LIST) == MatrixTaken(3, 0, 0)
    assert standing() == [
        ("", "", "139900", "town", [], ""),
        ("", "order", "139901", "police", [], ""),
        ("stall", "", "139900", "urban", ["police", "civil"], "town"),
    ]
    assert taken(LIST) == MatrixTaken(0, 0, 3)
    assert taken([("stall", "", "139900", "urban", "civil", ""), LIST[1]]) == MatrixTaken(0, 1, 1)
    assert standing()[2] == ("stall", "", "139900", "urban", ["civil"], "")


def test_every_fault_is_named_and_nothing_is_kept() -> None:
    do(TESTER, save_department, SaveDepartment("civil2", "民政局"))
    with pytest.raises(Invalid) as refused:
        taken(
            [
                LIST[0],
                ("钓鱼", "", "139900", "urban", "", ""),
                ("", "", "139999", "nobody", "", ""),
                ("", "", "139901", "民政局", "", "town"),
                ("stall", "", "139900", "urban", "", ""),
                ("", "", "", "urban", "", ""),
            ]
        )
    assert [fault.pointer for fault in refused.value.objections] == [
        "/3/事项", "/4/牵头部门", "/4/网格编码", "/5/牵头部门", "/6/牵头部门", "/7/网格编码",
    ]  # fmt: skip
    assert standing() == []


def test_a_list_with_rows_for_foreign_grids_is_refused_whole() -> None:
    leader = actor(person("zhao", "leader", grid="139901"))
    with pytest.raises(Forbidden):
        do(leader, import_claims, sheet(HEADS, LIST), KINDS, WORDS)
    assert standing() == []
    do(leader, import_claims, sheet(HEADS, LIST[1:2]), KINDS, WORDS)
    assert len(standing()) == 1


def test_what_leaves_the_house_is_in_the_journal() -> None:
    taken(LIST)
    assert len(do(TESTER, export_claims, "xlsx")) == 3
    assert rows("select after ->> 'rows' from core.journal where action = 'responsibility.export'") == [("3",)]
