"""The emergency plugin on a planted city: a hazard falls into its grid and is counted on every grid above it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from wangge.testing import place

from core.actor import Actor
from core.db.base import new_id
from core.db.session import reading, work
from core.grids.queries import grid_by_code
from core.matters.commands import ReportMatter
from core.matters.places import Place
from core.matters.service import report_matter
from core.plugin.build import build_plugin
from core.plugin.loading import forget_values, load
from core.plugin.manager import Host
from core.settings import CHECKOUT, get_settings
from tests.integration.grids.planting import plant
from web.hooks import SPECS

A_LEAF = """
select st_x(h.label), st_y(h.label), s.code
from core.grid_state s join core.grid_shape h on h.id = s.shape_id
where not exists (select 1 from core.grid_state c where c.parent_id = s.grid_id) order by code limit 1
"""


@pytest.fixture
def host(database: str, operator: Actor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    plant()
    place(build_plugin(CHECKOUT / "plugins" / "emergency", tmp_path_factory.mktemp("dist")), operator)
    yield load(get_settings(), SPECS, operator)
    forget_values("emergency")


def test_open_hazards_are_counted_by_level_on_every_grid_above(host: Host, operator: Actor) -> None:
    with reading(operator) as session:
        lon, lat, code = session.execute(text(A_LEAF)).one()
    for level in ("major", "general", "general"):
        with work(operator) as session:
            report_matter(
                session,
                ReportMatter(new_id(), "emergency.hazard", "Wires", place=Place(lon, lat), form={"level": level}),
            )
    ((_owner, panel),) = host.values("register_panels")
    with reading(operator) as session:
        here = grid_by_code(session, code)
        assert here is not None
        grids = [grid_by_code(session, code) for code in here.path_codes]
        other = session.scalar(
            text("select code from core.grid_state where not path <@ :path and not path @> :path limit 1"),
            {"path": here.path},
        )
        elsewhere = grid_by_code(session, str(other))
        bodies = panel.render(session, [*grids, elsewhere])
        assert {grid.code: [bar.value for bar in bodies[grid.id].bars] for grid in [*grids, elsewhere] if grid} == {
            **{key: [1, 0, 2] for key in here.path_codes},
            str(other): [0, 0, 0],
        }


def test_shelters_are_located_and_shown_as_a_layer(host: Host, operator: Actor) -> None:
    from wangge_emergency.shelters import SHELTERS

    with reading(operator) as session:
        lon, lat, code = session.execute(text(A_LEAF)).one()
    table = f"name,lon,lat,capacity\nSchool,{lon},{lat},500\nFar,0,0,1\n"
    with work(operator) as session:
        done = SHELTERS.load(session, table.encode())
        assert (done.added, done.outside) == (2, 1)
    with reading(operator) as session:
        owners = session.execute(
            text(
                "select p.name, s.code from plugin_emergency.shelter p"
                " left join core.grid_state s on s.grid_id = p.grid_id and upper_inf(s.valid) order by p.name"
            )
        ).all()
        assert [tuple(row) for row in owners] == [("Far", None), ("School", code)]
        ((_owner, layer),) = host.values("register_layers")
        features = list(layer.features(session))
    assert [(feature.title, feature.values["capacity"]) for feature in features] == [("Far", 1), ("School", 500)]
    assert json.loads(json.dumps(features[1].geometry))["coordinates"] == pytest.approx([lon, lat], abs=1e-7)
