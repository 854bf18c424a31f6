"""Rows of a table that read as cards on phones."""

from __future__ import annotations

from web.cells import labelled

COLUMNS = [{"title": "Due"}, {"title": "Title", "headline": True}, {"title": "Handler"}, {"title": ""}]


def test_cells_bear_the_titles_of_their_columns() -> None:
    row = '<td class="nowrap">3 d</td><td><a href="/m">Lid</a></td><td>—</td><td class="row-acts"><b>x</b></td>'
    assert labelled(row, COLUMNS) == (
        '<td class="nowrap" data-label="Due">3 d</td><td class="headline" data-label="Title"><a href="/m">Lid</a></td>'
        '<td class="none" data-label="Handler">—</td><td class="row-acts"><b>x</b></td>'
    )


def test_the_first_cell_is_the_head_where_no_column_says_so() -> None:
    assert labelled("<td>A</td><td> </td>", [{"title": "Code"}, {"title": "Name"}]) == (
        '<td class="headline" data-label="Code">A</td><td class="none" data-label="Name"> </td>'
    )


def test_titles_are_escaped_and_wide_cells_keep_the_count() -> None:
    row = '<td colspan="2">both</td><td>C</td>'
    columns = [{"title": "A"}, {"title": "B"}, {"title": 'say "C"'}]
    assert labelled(row, columns) == '<td colspan="2">both</td><td data-label="say &#34;C&#34;">C</td>'
