"""Matters through the pages: the form, the list, the matter with its steps, on the real application."""

from __future__ import annotations

import io
import re

import pytest
from apiflask import APIFlask

from core import clock
from core.db.base import new_id
from core.db.cluster import owner_url
from core.db.session import owner_work
from core.matters.kinds import MatterKind, register_kind, unregister
from core.plugin.models import PluginRecord
from core.settings import get_settings
from tests.integration.matters.doors import Person, body_of_report
from tests.integration.matters.people import (
    IN_EAST_CODE,
    IN_SOUTH_CODE,
    TESTER,
    jpeg,
    matter,
    photo,
    read,
    step,
)


def test_the_report_form_gives_a_matter_and_keeps_what_was_entered_after_a_fault(worker: Person) -> None:
    form = worker.page("/matters/new?lon=116.05&lat=39.15")
    assert form.status_code == 200
    assert 'value="116.05"' in form.text
    key = re.search(r'name="id" value="([^"]+)"', form.text)
    assert key is not None
    fields = {"id": key[1], "kind": "general", "title": "", "text": "坏了", "lon": "116.05", "lat": "39.15"}
    faulty = worker.send("/matters/new", **fields, photos=(io.BytesIO(jpeg()), "a.jpg"))
    assert faulty.status_code == 422
    assert "坏了" in faulty.text
    kept = re.search(r'name="file" value="([^"]+)"', faulty.text)
    assert kept is not None
    assert f'<img src="/files/{kept[1]}/small"' in faulty.text
    assert worker.page(f"/files/{kept[1]}/small").status_code == 200
    done = worker.send("/matters/new", **(fields | {"title": "井盖", "file": kept[1]}))
    assert done.status_code == 302
    assert done.location == f"/matters/{key[1]}"
    again = worker.send("/matters/new", **(fields | {"title": "另一处井盖"}))
    assert again.status_code == 422
    assert "此前已提交" in again.text
    assert "另一处井盖" in again.text
    assert key[1] not in again.text
    page = worker.page(done.location)
    assert f"/files/{kept[1]}" in page.text
    assert IN_EAST_CODE[-3:] in page.text


def test_a_report_names_its_kind_and_its_place_or_that_there_is_none(worker: Person) -> None:
    fields = {"id": str(new_id()), "title": "井盖", "text": "坏了"}
    faulty = worker.send("/matters/new", **fields)
    assert faulty.status_code == 422
    assert "尚未选择事项类型" in faulty.text
    assert "尚未标出位置" in faulty.text
    assert not re.search(r'name="kind"[^>]* checked', faulty.text)
    done = worker.send("/matters/new", **fields, kind="general", unplaced="true")
    assert done.status_code == 302
    assert worker.api("GET", f"/matters/{fields['id']}").json["place"] is None


def test_a_matter_keeps_the_title_of_its_kind_while_the_plugin_is_away(head: Person) -> None:
    texts = {"zh": {"Broken lamp": "路灯故障"}}
    adds = {"register_matter_kinds": [{"name": "lamps.broken", "title": "Broken lamp"}]}
    with owner_work(TESTER, owner_url(get_settings())) as session:
        record = PluginRecord(name="lamps", distribution="wangge-lamps", version="1", state="disabled")
        record.wheel_sha256, record.changed_at = "", clock.now()
        record.manifest = {"adds": adds, "texts": texts}
        session.add(record)
    register_kind(MatterKind("lamps.broken", "Broken lamp"), "lamps")
    found = matter(head.actor, kind="lamps.broken", title="第三盏灯")
    unregister("lamps")
    for address in (f"/matters/{found}", "/matters?tab=area", "/matters?tab=area&kind=lamps.broken", "/matters.csv"):
        page = head.page(address).text
        assert "路灯故障" in page, address
        assert "lamps.broken</" not in page, address


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "9999-12-31T23:59", "99999-01-01T00:00", "1969-07-20T20:17"])
def test_a_time_that_cannot_be_is_said_at_its_field(worker: Person, moment: str) -> None:
    fields = {"id": str(new_id()), "kind": "general", "title": "井盖", "unplaced": "true", "happened_at": moment}
    page = worker.send("/matters/new", **fields)
    assert page.status_code == 422
    assert re.search(r'id="f-happened_at-error">[^<]+<', page.text)
    told = worker.api("POST", "/matters", json=body_of_report(happened_at=f"{moment}:00+08:00"))
    assert told.status_code == 422
    assert "happened_at" in told.text


def test_a_change_of_kind_keeps_what_was_entered(check_kind: None, worker: Person) -> None:
    fields = {"id": str(new_id()), "title": "井盖", "text": "第一行\n第二行", "lon": "116.05", "lat": "39.15"}
    changed = worker.send(
        "/matters/new",
        **fields,
        kind="test.check",
        show="kind",
        photos=(io.BytesIO(jpeg()), "a.jpg"),
        **{"form.people": "7"},
    )
    assert changed.status_code == 200
    for name, value in {**fields, "form.people": "7"}.items():
        if name != "text":
            assert re.search(rf'name="{re.escape(name)}"[^>]* value="{value}"', changed.text), name
    assert "第一行\n第二行</textarea>" in changed.text
    kept = re.search(r'name="file" value="([^"]+)"', changed.text)
    assert kept is not None
    assert re.search(r'value="test.check" form="report" checked', changed.text)
    assert worker.api("GET", f"/matters/{fields['id']}").status_code == 404
    sent = {**fields, "kind": "test.check", "file": kept[1], "form.people": "7", "form.level": "low"}
    assert worker.send("/matters/new", **sent).status_code == 302
    assert worker.api("GET", f"/matters/{fields['id']}").json["events"][0]["files"] == [kept[1]]


def test_pages_show_small_pictures_made_of_the_photos(worker: Person, app: APIFlask) -> None:
    from PIL import Image

    large = io.BytesIO(jpeg((1600, 1200)))
    photo = worker.api("POST", "/files", data={"file": (large, "a.jpg")}).json["id"]
    report = body_of_report(files=[photo])
    worker.api("POST", "/matters", json=report)
    page = worker.page(f"/matters/{report['id']}")
    assert f'<img src="/files/{photo}/small"' in page.text
    assert f'<img src="/files/{photo}"' not in page.text
    small = worker.page(f"/files/{photo}/small")
    with Image.open(io.BytesIO(small.data)) as image:
        assert (image.format, image.size) == ("JPEG", (320, 240))
    with Image.open(io.BytesIO(worker.page(f"/files/{photo}").data)) as image:
        assert image.size == (1600, 1200)
    assert Person(app, "elsewhere", "worker", "139901002").page(f"/files/{photo}/small").status_code == 404


def test_the_list_leads_back(worker: Person) -> None:
    for number in range(26):
        matter(worker.actor, title=f"事项{number}")
    first = worker.page("/matters?tab=reported")
    assert 'rel="prev"' not in first.text
    forward = re.search(r'href="([^"]+)"[^>]* rel="next"', first.text)
    assert forward is not None
    second = worker.page(forward[1].replace("&amp;", "&"))
    assert "事项0<" in second.text
    back = re.search(r'href="([^"]+)"[^>]* rel="prev"', second.text)
    assert back is not None
    assert "事项25<" in worker.page(back[1].replace("&amp;", "&")).text


def test_the_page_takes_steps_and_shows_refusals(head: Person) -> None:
    found = matter(head.actor)
    assert head.send(f"/matters/{found}/steps/accept", version="1").status_code == 302
    assert read(TESTER, found).state == "accepted"
    refused = head.send(f"/matters/{found}/steps/accept", version="2")
    assert refused.status_code == 409
    assert 'class="notice bad"' in refused.text
    moved = head.send(f"/matters/{found}/steps/relocate", version="2", lon="116.05", lat="39.25", note="近一点")
    assert moved.status_code == 302
    page = head.page(f"/matters/{found}").text
    assert "近一点" in page
    assert "(139901001003)" in page
    assert head.page(f"/matters/{found}/print").status_code == 200


def test_a_step_says_how_many_photos_it_asks_for(head: Person) -> None:
    register_kind(MatterKind("lamps.broken", "Broken lamp", evidence={"accept": 2}), "lamps")
    try:
        page = head.page(f"/matters/{matter(head.actor, kind='lamps.broken')}").text
    finally:
        unregister("lamps")
    assert "这一步需要 2 张照片作为凭证" in page
    assert re.findall(r'id="photos-(\w+)"[^>]* required', page) == ["accept"]


def test_a_pin_that_stays_in_its_grid_is_told_so(head: Person) -> None:
    found = matter(head.actor)
    here = read(TESTER, found)
    nearby = {"lon": str(here.lon), "lat": str((here.lat or 0) + 0.0001)}
    head.send(f"/matters/{found}/steps/relocate", version="1", **nearby)
    assert here.grid is not None
    assert f"在网格 {here.grid.name} ({IN_EAST_CODE}) 内移动" in head.page(f"/matters/{found}").text


def test_an_area_begins_with_its_open_matters_most_urgent_first(head: Person) -> None:
    closed, late = matter(head.actor, title="井盖"), matter(head.actor, title="路灯")
    step(TESTER, closed, "reject", note="no")
    tab = re.search(r'href="(/matters\?tab=area[^"]*)"', head.page("/matters").text)
    assert tab is not None
    begun, whole = head.page(tab[1].replace("&amp;", "&")).text, head.page("/matters?tab=area").text
    assert str(late) in begun
    assert str(closed) not in begun
    assert str(closed) in whole


def test_lists_and_exports_keep_the_filter(head: Person) -> None:
    first, second = matter(head.actor, title="井盖"), matter(head.actor, title="=路灯()")
    step(TESTER, first, "reject", note="no")
    listed = head.page("/matters?tab=area&q=路灯")
    assert str(second) in listed.text
    assert str(first) not in listed.text
    csv = head.page("/matters.csv?state=rejected").text
    assert "井盖" in csv
    assert "路灯" not in csv
    sheet = head.page("/matters.xlsx?tab=area")
    assert sheet.data[:2] == b"PK"
    for tab in ("mine", "reported", "area", "overdue"):
        assert head.page(f"/matters?tab={tab}").status_code == 200


@pytest.mark.usefixtures("check_kind")
def test_the_kinds_own_fields_are_asked_and_their_faults_stand_beside_them(worker: Person) -> None:
    form = worker.page("/matters/new?kind=test.check")
    assert "等级" in form.text
    assert 'name="form.level"' in form.text
    key = str(new_id())
    fields = {"id": key, "kind": "test.check", "title": "消防通道堵塞", "lon": "116.05", "lat": "39.15"}
    faulty = worker.send("/matters/new", **fields, **{"form.people": "200", "form.level": "high"})
    assert faulty.status_code == 422
    assert "不能大于 100" in faulty.text
    assert re.search(r'value="high" selected', faulty.text)
    assert worker.send("/matters/new", **fields, **{"form.people": "2", "form.level": "high"}).status_code == 302
    page = worker.page(f"/matters/{key}").text
    assert "重大" in page
    assert worker.api("GET", f"/matters/{key}").json["form"] == {"level": "high", "people": 2}


def test_the_report_form_knows_where_one_may_report_and_the_card_offers_it_there_alone(
    worker: Person, head: Person
) -> None:
    form = worker.page("/matters/new").text
    assert re.search(r'data-own="\[&#34;139901001&#34;\]" data-foreign="不在您负责的网格内；', form)
    assert "disabled" not in worker.page(f"/grids/{IN_EAST_CODE}/card").text
    foreign = worker.page(f"/grids/{IN_SOUTH_CODE}/card").text
    assert "不在您负责的网格内" in foreign
    assert "/matters/new" not in foreign
    fields = {"id": str(new_id()), "kind": "general", "title": "井盖", "lon": "116.15", "lat": "39.05"}
    refused = worker.send("/matters/new", **fields)
    assert refused.status_code == 403
    assert f"（{IN_SOUTH_CODE}）不在您负责的网格内；您可上报的网格：" in refused.text


def test_the_reporter_is_told_who_takes_it_up_and_not_what_right_is_lacking(worker: Person) -> None:
    found = matter(worker.actor)
    page = worker.page(f"/matters/{found}").text
    assert "已上报，由以下人员受理：" in page
    assert "您的角色" not in page


def test_a_matter_without_place_or_grid_says_so_and_not_what_was_never_looked_for(worker: Person, head: Person) -> None:
    found = matter(worker.actor, place=None)
    page = worker.page(f"/matters/{found}").text
    assert "该事项没有位置，无法查找附近的上报" in page
    assert "50 米内" not in page
    assert "尚未定格，由负责全域的以下人员受理" in page
    own = matter(head.actor, place=None)
    step(TESTER, own, "accept")
    page = head.page(f"/matters/{own}").text
    assert "该事项未定格，而您的权限只限于授权给您的网格。未定格期间，可以“网格自办”的是负责全域的：" in page
    assert "本网格" not in page


@pytest.mark.usefixtures("check_kind")
def test_a_handler_who_may_not_close_reads_whom_to_ask(head: Person) -> None:
    found = matter(TESTER, kind="test.check", form={"level": "low"})
    step(head.actor, found, "accept")
    step(head.actor, found, "settle")
    page = head.page(f"/matters/{found}").text
    assert "下一步是“办结”。这类事项不能由办理人自己办结。请本网格的同事或受理台核查后办结。" in page
    assert "可以“办结”的其他人员：网格长、受理员" in page


def test_an_export_of_a_wrong_filter_leads_to_the_list_which_says_what_is_wrong(head: Person) -> None:
    answer = head.page("/matters.xlsx?tab=area&grid=nowhere")
    assert answer.status_code == 302
    shown = head.page(answer.headers["Location"])
    assert shown.status_code == 422
    assert 'id="f-grid-error"' in shown.text


def test_a_kind_whose_plugin_is_away_stays_chosen_in_the_filter(head: Person) -> None:
    shown = head.page("/matters?tab=area&kind=lamps.broken").text
    assert '<optgroup label="未启用">' in shown
    assert '<option value="lamps.broken" selected>' in shown
    assert '<optgroup label="未启用">' not in head.page("/matters?tab=area&kind=general").text


@pytest.mark.usefixtures("check_kind")
def test_photos_that_a_step_will_ask_for_are_announced(worker: Person) -> None:
    told = "“办结”时需附照片（至少 1 张）"
    assert told in worker.page("/matters/new?kind=test.check").text
    assert "时需附照片" not in worker.page("/matters/new?kind=general").text


def test_the_current_step_of_the_way_is_the_matters_state(head: Person) -> None:
    found = matter(head.actor)
    for name, title in (("", "已上报"), ("accept", "已受理"), ("settle", "网格办理中"), ("close", "已办结")):
        if name:
            step(TESTER, found, name)
        page = head.page(f"/matters/{found}").text
        assert re.findall(r'<li class="now" aria-current="step">.*?</span>([^<\s]+)', page, re.DOTALL) == [title]
        assert "已定格" in page


def test_each_photo_is_captioned_with_its_step_and_each_step_says_what_it_brings_about(head: Person) -> None:
    found = matter(head.actor)
    step(head.actor, found, "note", note="现场", files=(photo(head.actor),))
    step(head.actor, found, "accept")
    step(head.actor, found, "settle", files=(photo(head.actor),))
    page = head.page(f"/matters/{found}").text
    assert re.findall(r'<p class="caption">(\S+) <time', page) == ["添加备注", "网格自办"]
    assert "事项就此办结，之后只能添加备注" in page
    other = matter(head.actor)
    step(head.actor, other, "accept")
    assert "此后办理人是您" in head.page(f"/matters/{other}").text


def test_the_list_says_how_many_there_are_in_all(head: Person) -> None:
    for _each in range(27):
        matter(head.actor)
    page = head.page("/matters?tab=area").text
    assert "共 27 条" in page
    assert page.count("<tr") == 26
