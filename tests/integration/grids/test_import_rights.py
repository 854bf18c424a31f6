"""Who may import where: a map administrator of one county neither touches another nor sees strangers' files."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import text

from core.access.commands import GrantRole
from core.access.granting import grant_role, revoke_grant
from core.db.session import reading, work
from core.errors import Forbidden, NotFound
from core.grids.imports.draft import ImportOptions
from core.grids.imports.uploads import recent_uploads, request_apply, request_check, store_upload, upload_view
from core.grids.imports.uploadwork import check_upload
from core.grids.jobs import apply_import
from core.text import Text
from tests.e2e.folks import acting, person
from tests.integration.grids.bringing import TESTER, bring, look, written
from tests.integration.grids.drawing import COUNTIES, NODED_CITY, box, collection, draw, feature

WEST = feature("139901001", box(0, 0, 1, 2), "一街"), feature("139901002", box(1, 0, 2, 2), "二街")
EAST = feature("139902001", box(2, 0, 3, 2), "三街"), feature("139902002", box(3, 0, 4, 2), "四街")


@pytest.fixture
def folder(database: str, tmp_path: Path) -> Path:
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city", name_field="name")
    bring(draw(tmp_path / "counties.geojson", *COUNTIES), "county", parent="139900")
    return tmp_path


def test_an_import_needs_the_right_where_it_goes(folder: Path) -> None:
    scoped = acting(person("scoped", "gis_admin", "139901"))
    before = written()
    with pytest.raises(Forbidden, match="granted to you"):
        bring(draw(folder / "east.geojson", *EAST), "street", scoped, parent="139902")
    with pytest.raises(Forbidden, match="granted to you"):
        look(draw(folder / "root.geojson", NODED_CITY), "city", scoped)
    with pytest.raises(Forbidden, match="granted to you"):
        look(folder / "east.geojson", "street", scoped, parent="no such grid")
    assert written() == before
    own = bring(draw(folder / "west.geojson", *WEST), "street", scoped, parent="139901", clean=True)
    assert not own.refused, own.reason


def test_an_upload_is_its_makers_and_the_whole_citys_administrators(folder: Path) -> None:
    scoped, other = acting(person("scoped", "gis_admin", "139901")), acting(person("other", "gis_admin", "139902"))
    whole = acting(person("whole", "gis_admin"))
    with work(scoped) as session:
        key = store_upload(session, "west.geojson", io.BytesIO(collection(*WEST).encode()))
    with work(other) as session:
        assert recent_uploads(session) == []
        with pytest.raises(NotFound):
            upload_view(session, key)
        with pytest.raises(NotFound):
            request_check(session, key, ImportOptions(level="street", parent="139902"))
    for actor in (scoped, whole):
        with work(actor) as session:
            assert [view.id for view in recent_uploads(session)] == [key]
            assert upload_view(session, key).file_name == "west.geojson"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_who_lost_the_right_after_approving_is_spoken_of_and_not_to(folder: Path, elsewhere: bool) -> None:
    """The outcome is read by others, who may have the right."""
    user = person("scoped", "gis_admin", "139901")
    with work(acting(user)) as session:
        key = store_upload(session, "west.geojson", io.BytesIO(collection(*WEST).encode()))
        request_check(session, key, ImportOptions(level="street", parent="139901", clean=True))
    assert check_upload(acting(user), key)
    with work(acting(user)) as session:
        request_apply(session, key)
    with work(TESTER) as session:
        for grant in session.scalars(text("select id from core.grant where user_id = :user"), {"user": user}).all():
            revoke_grant(session, grant)
        if elsewhere:
            grant_role(session, GrantRole(user, "gis_admin", "139902"))
    apply_import(str(key), str(user))
    with reading(TESTER) as session:
        report = upload_view(session, key).report
    assert "may no longer" in str(Text.from_json(report["reason"]))
