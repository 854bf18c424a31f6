"""The page of repair: defects with choices, a look at what follows, the record; of a large city by a job."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from sqlalchemy import text

from core.db.cluster import Cluster
from core.db.session import reading
from core.grids.repairs import keeping
from tests.e2e.boundaries import CITY, HALVES, layer, run_jobs, square
from tests.e2e.clients import TESTER, admin_client
from tests.e2e.filled import filled
from tests.e2e.folks import PASSWORD, person
from tests.e2e.signing import signed_in
from tests.integration.grids import planting
from tests.integration.grids.bringing import proven, tamper, written
from tests.integration.grids.damaging import moved, redraw

HERE = "/grids/repair"
OVERLAPPING = layer(HALVES[0], ("139902", "东县", square(1, 0, 4, 4)))
OWN_AREA = shapely.Polygon(square(1, 0, 4, 4)).area
INNER = planting.node(1, 1)
SOUTH_WEST, NEXT_NORTH = "139901001001", "139901001002"


@pytest.fixture
def client(database: str) -> FlaskClient:
    planting.plant()
    return admin_client(accept="text/html")


@pytest.fixture
def damaged(client: FlaskClient, cluster: Cluster, database: str) -> FlaskClient:
    redraw(cluster, database, SOUTH_WEST, moved(INNER, -0.01, -0.01))
    return client


def page(client: FlaskClient, address: str = HERE, status: int = 200) -> str:
    with client.get(address) as answer:
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_data(as_text=True)


def press(client: FlaskClient, shown: str, act: str, status: int = 200, **more: Any) -> str:
    """Send the form of a page by one of its buttons."""
    hidden = dict(re.findall(r'<input type="hidden" name="(list|kept|page|under)" value="([^"]*)"', shown))
    chosen = dict(re.findall(r'name="(choice-\d+)" value="([^"]*)" checked', shown))
    answer = client.post(HERE, data={**hidden, **chosen, "reason": "角点误改", "act": act, **more})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.headers["Location"] if status == 303 else answer.get_data(as_text=True)


def gap_in(shown: str) -> str:
    """The number of the defect that may be given to either."""
    (number,) = set(re.findall(rf'name="choice-(\d+)" value="give:{NEXT_NORTH}"', shown))
    return str(number)


def test_an_exact_coverage_is_said_to_be(client: FlaskClient) -> None:
    shown = page(client)
    assert "全域网格严密" in shown
    assert "查看修复结果" not in shown


def test_a_defect_is_looked_at_decided_on_and_recorded(damaged: FlaskClient) -> None:
    before = written()
    shown = page(damaged)
    number = gap_in(shown)
    tried = press(damaged, shown, "try", **{f"choice-{number}": f"give:{NEXT_NORTH}"})
    assert "按此修复边界？" in tried
    assert written() == before
    assert f"{number}=give:{NEXT_NORTH}" in tried
    record = press(damaged, tried[tried.index('id="confirm"') :], "write", 303)
    told = page(damaged, record)
    assert "角点误改" in told
    assert "归" in told
    assert proven().exact
    assert "全域网格严密" in page(damaged)
    assert record in page(damaged), "earlier repairs are listed"
    history = page(damaged, f"/grids/{NEXT_NORTH}?tab=history")
    assert f'href="{record}">修复</a>' in history


def test_without_a_reason_nothing_is_tried_and_the_choices_stay(damaged: FlaskClient) -> None:
    shown = page(damaged)
    number = gap_in(shown)
    told = press(damaged, shown, "write", 422, reason=" ", **{f"choice-{number}": f"give:{NEXT_NORTH}"})
    assert "修复须写明原因" in told
    assert re.search(rf'name="choice-{number}" value="give:{NEXT_NORTH}" checked', told)
    assert written()["version"] == 1


def test_a_choice_for_what_is_no_longer_there_writes_nothing(
    damaged: FlaskClient, cluster: Cluster, database: str
) -> None:
    shown = page(damaged)
    redraw(cluster, database, "139901002004", moved(planting.node(2, 3), 0.004, 0.0))
    before = written()
    assert press(damaged, shown, "write", 303) == HERE
    assert written() == before
    assert "缺陷已与那份清单不同" in page(damaged)


def test_one_choice_for_a_whole_kind_and_back(damaged: FlaskClient) -> None:
    shown = page(damaged)
    longest = press(damaged, shown, "kind-gap-longest")
    again = press(damaged, longest, "kind-gap-proposed")
    assert re.findall(r'name="(choice-\d+)" value="([^"]*)" checked', again) == re.findall(
        r'name="(choice-\d+)" value="([^"]*)" checked', shown
    )


def test_choices_are_kept_while_the_pages_are_turned(
    damaged: FlaskClient, cluster: Cluster, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    redraw(cluster, database, "139901002004", moved(planting.node(2, 3), 0.004, 0.0))
    monkeypatch.setattr("web.pages.decisions.A_PAGE", 1)
    shown = page(damaged)
    number = gap_in(shown)
    second = press(damaged, shown, "page-2", **{f"choice-{number}": f"give:{NEXT_NORTH}"})
    assert f'name="choice-{number}"' not in second
    first = press(damaged, second, "page-1")
    assert re.search(rf'name="choice-{number}" value="give:{NEXT_NORTH}" checked', first)


def test_map_and_gis_get_the_defects_of_the_list(damaged: FlaskClient) -> None:
    shown = page(damaged)
    (token,) = set(re.findall(r'name="list" value="(\w+)"', shown))
    defects = json.loads(page(damaged, f"{HERE}/{token}/defects.geojson"))["features"]
    assert int(gap_in(shown)) in [each["id"] for each in defects]
    assert json.loads(page(damaged, f"{HERE}/{token}/outlines.geojson"))["features"]
    with damaged.get(f"{HERE}/{token}/defects.gpkg") as answer:
        assert answer.data.startswith(b"SQLite format 3")
    page(damaged, f"{HERE}/00000000/defects.gpkg", 404)


def test_files_of_a_list_are_for_those_who_may_repair_its_place(damaged: FlaskClient) -> None:
    person("part", "gis_admin", "139901")
    part = signed_in(damaged.application, "part", PASSWORD)
    (token,) = set(re.findall(r'name="list" value="(\w+)"', page(damaged)))
    for name in ("outlines.geojson", "defects.geojson", "defects.gpkg"):
        assert part.get(f"{HERE}/{token}/{name}").status_code == 404, "no list of their own place was made"
        assert part.get(f"{HERE}/{token}/{name}?under=139900").status_code == 403
    own = page(part)
    assert 'name="under" value="139901"' in own
    files = set(re.findall(rf'"({HERE}/\w+/[a-z.]+\?under=139901)"', own))
    assert len(files) == 3
    for address in files:
        with part.get(address) as answer:
            assert answer.status_code == 200
    assert part.post(f"{HERE}/look", data={"under": "139902"}).status_code == 403


def test_numbers_and_names_of_any_length_are_no_failure(damaged: FlaskClient) -> None:
    shown, long = page(damaged), "9" * 5000
    for more in ({f"choice-{long}": "nobody"}, {"kept": f"{long}=nobody"}, {"page": long}):
        assert "按此修复边界？" in press(damaged, shown, "try", **more)
    press(damaged, shown, f"page-{long}")
    page(damaged, f"{HERE}/{'a' * 500}/outlines.geojson", 404)
    assert damaged.get(f"/ogc/collections/grids/items/{long}").status_code == 404


def test_a_large_city_is_looked_at_by_a_job(damaged: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE_LEAVES", 3)
    assert "查看修复结果" not in page(damaged)
    answer = damaged.post(f"{HERE}/look", data={})
    assert answer.status_code == 303
    assert "正在检查边界" in page(damaged)
    run_jobs()
    shown = page(damaged)
    record = press(damaged, shown, "write", 303)
    assert re.fullmatch(rf"{HERE}/[0-9a-f-]{{36}}", record)
    assert proven().exact


def test_a_refused_file_is_decided_on_defect_by_defect(cluster: Cluster, database: str) -> None:
    client = admin_client(accept="text/html")

    def sent(address: str, **data: Any) -> str:
        answer = client.post(address, data=data, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return str(answer.headers["Location"])

    there = sent("/grids/import", file=(io.BytesIO(CITY), "city.geojson"))
    sent(f"{there}/approve")
    there = sent("/grids/import", file=(io.BytesIO(OVERLAPPING), "counties.geojson"))
    assert "逐项处理缺陷" in page(client, there)
    sent(f"{there}/decide", act="begin")
    shown = page(client, there)
    assert "批准：写入 2 个县" in shown
    (number,) = set(re.findall(r'name="choice-(\d+)" value="give:139902"', shown))
    form = shown[shown.index('id="decide"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(list|kept|page)" value="([^"]*)"', form)[:3])
    sent(f"{there}/decide", act="try", **{**hidden, f"choice-{number}": "give:139902"})
    decided = page(client, there)
    assert re.search(rf'name="choice-{number}" value="give:139902" checked', decided)
    values = {"level": "county", "parent": "139900", "scheme": "free", "duplicate_codes": "refuse"}
    sent(f"{there}/options", **{**filled(decided, "decide"), **values})
    assert re.search(rf'name="choice-{number}" value="give:139902" checked', page(client, there)), (
        "options keep choices"
    )
    sent(f"{there}/approve", seen="true")
    assert proven().exact
    with reading(TESTER) as session:
        area = session.scalar(
            text(
                "select st_area(sh.geom) from core.grid_state s join core.grid_shape sh on sh.id ="
                " s.shape_id where s.code = '139902' and upper_inf(s.valid)"
            )
        )
    assert area == pytest.approx(OWN_AREA, rel=1e-6)
    with reading(TESTER) as session:
        change = session.scalar(text("select id from core.grid_change order by version desc limit 1"))
    assert "139902" in page(client, f"{HERE}/{change}")
    nameless = "jsonb_set(operations, '{0,defects,0}', (operations->0->'defects'->0) - 'names')"
    tamper(cluster, database, f"update core.grid_change set operations = {nameless} where id = '{change}'")
    assert "139902" in page(client, f"{HERE}/{change}"), "as imports were recorded at first"
