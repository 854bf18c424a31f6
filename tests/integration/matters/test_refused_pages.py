"""What a refused report or step was sent with comes back: text, good photos, and the name of the file at fault."""

from __future__ import annotations

import io
import re
from typing import Any

from core.db.base import new_id
from tests.integration.matters.doors import Person
from tests.integration.matters.people import TESTER, jpeg, matter, read, step

ALERT = re.compile(r'role="alert".*?</div>\s*</div>', re.S)


def good_and_bad() -> list[Any]:
    return [(io.BytesIO(jpeg()), "photo.jpg"), (io.BytesIO(b"no photo at all"), "fake.jpg")]


def kept(page: str) -> list[str]:
    return re.findall(r'name="file" value="([^"]+)" checked', page)


def fault_at(page: str, field: str) -> str:
    found = re.search(rf'class="error[^"]*" id="{field}-error">([^<]+)<', page)
    assert found is not None
    return found[1]


def test_one_bad_photo_is_named_and_the_good_ones_are_kept(worker: Person) -> None:
    fields = {"id": str(new_id()), "kind": "general", "title": "井盖", "unplaced": "true"}
    faulty = worker.send("/matters/new", **fields, photos=good_and_bad())
    assert faulty.status_code == 422
    said = fault_at(faulty.text, "f-photos")
    assert "“fake.jpg”没有保存" in said
    assert "请重新选择，或不附它直接提交" in said
    assert "photo.jpg" not in said
    (good,) = kept(faulty.text)
    assert worker.send("/matters/new", **fields, file=good).status_code == 302
    assert worker.api("GET", f"/matters/{fields['id']}").json["events"][0]["files"] == [good]


def test_all_that_is_wrong_with_a_report_stands_above_it_and_leads_to_the_fields(
    check_kind: None, worker: Person
) -> None:
    fields = {"id": str(new_id()), "kind": "test.check", "title": "井盖", "lon": "116.05", "lat": "39.15"}
    faulty = worker.send("/matters/new", **fields, **{"form.people": "200", "form.level": "high"})
    links = re.findall(r'<a href="#([\w-]+)">([^<]+)</a>', faulty.text[faulty.text.index("data-faults") :])
    assert [anchor for anchor, _text in links] == ["f-form-people"]
    assert links[0][1].startswith("People：")
    assert 'id="f-form-people"' in faulty.text
    nothing = worker.send("/matters/new", id=str(new_id()), title="井盖")
    for anchor in ("kinds", "place"):
        assert f'href="#{anchor}"' in nothing.text, anchor
        assert f'id="{anchor}"' in nothing.text, anchor


def test_a_bad_photo_is_named_as_soon_as_another_kind_is_chosen(check_kind: None, worker: Person) -> None:
    fields = {"id": str(new_id()), "kind": "test.check", "show": "kind"}
    changed = worker.send("/matters/new", **fields, photos=good_and_bad())
    assert "“fake.jpg”没有保存" in fault_at(changed.text, "f-photos")
    assert len(kept(changed.text)) == 1
    assert 'name="form.level"' in changed.text
    assert changed.text.count('-error">') == 1


def test_every_photo_that_cannot_be_taken_is_told_at_the_field(worker: Person) -> None:
    taken = worker.api("POST", "/files", data={"file": (io.BytesIO(jpeg()), "a.jpg")}).json["id"]
    fields = {"kind": "general", "title": "井盖", "unplaced": "true"}
    fresh = worker.api("POST", "/files", data={"file": (io.BytesIO(jpeg()), "b.jpg")}).json["id"]
    assert worker.send("/matters/new", **fields, id=str(new_id()), file=taken).status_code == 302
    refused = worker.send("/matters/new", **fields, id=str(new_id()), file=[fresh, taken])
    assert refused.status_code == 422
    assert taken in fault_at(refused.text, "f-photos")
    assert kept(refused.text) == [fresh, taken], "each can be left out"


def test_a_step_with_a_bad_photo_names_it_and_keeps_the_note_and_the_good_one(head: Person) -> None:
    found = matter(head.actor)
    refused = head.send(f"/matters/{found}/steps/note", version="1", note="现场已看过", photos=good_and_bad())
    assert refused.status_code == 422
    dialog = refused.text[refused.text.index('<dialog id="step-note"') :]
    assert "“fake.jpg”没有保存" in fault_at(dialog, "photos-note")
    assert "现场已看过</textarea>" in dialog
    assert ALERT.search(dialog), "the dialog lies over the page, so it says so itself"
    (good,) = kept(dialog)
    assert head.send(f"/matters/{found}/steps/note", version="1", note="现场已看过", file=good).status_code == 302
    assert head.api("GET", f"/matters/{found}").json["events"][-1]["files"] == [good]


def test_a_refused_move_keeps_the_pin(head: Person) -> None:
    found = matter(head.actor)
    moved = {"version": "1", "lon": "116.0612345", "lat": "39.15", "photos": good_and_bad()}
    refused = head.send(f"/matters/{found}/steps/relocate", **moved)
    assert refused.status_code == 422
    assert 'value="116.0612345"' in refused.text


def test_a_step_that_somebody_else_took_first_leaves_its_text_to_be_sent_as_a_note(head: Person) -> None:
    found = matter(head.actor)
    assert head.send(f"/matters/{found}/steps/accept", version="1").status_code == 302
    stale = head.send(
        f"/matters/{found}/steps/accept", version="1", note="派王师傅去", photos=(io.BytesIO(jpeg()), "a.jpg")
    )
    assert stale.status_code == 409
    assert "“受理”没有完成" in stale.text
    left = stale.text[stale.text.index("您写的内容") :]
    assert "派王师傅去</textarea>" in left
    version = re.search(r'action="/matters/[^"]+/steps/note".*?name="version" value="(\d+)"', left, re.S)
    assert version is not None
    sent = head.send(f"/matters/{found}/steps/note", version=version[1], note="派王师傅去", file=kept(left)[0])
    assert sent.status_code == 302
    last = head.api("GET", f"/matters/{found}").json["events"][-1]
    assert (last["note"], last["files"]) == ("派王师傅去", kept(left)[:1])


def test_a_step_on_an_ended_matter_leaves_its_text(head: Person) -> None:
    found = matter(head.actor)
    step(TESTER, found, "reject", note="no")
    late = head.send(f"/matters/{found}/steps/accept", version="1", note="派王师傅去")
    assert late.status_code == 409
    assert read(TESTER, found).state == "rejected"
    assert "派王师傅去" in late.text[late.text.index("您写的内容") :]


def test_a_grid_that_is_not_found_is_said_at_the_field_of_the_list_and_the_filter_stays(head: Person) -> None:
    wrong = head.page("/matters?tab=area&grid=没有此处&q=井盖&state=open")
    assert wrong.status_code == 422
    assert fault_at(wrong.text, "f-grid") == "没有代码、名称或首字母为“没有此处”的网格"
    assert re.search(r'name="grid" value="没有此处"', wrong.text)
    assert re.search(r'name="q" value="井盖"', wrong.text)
    assert "/matters.csv" not in wrong.text, "it would be refused for the same reason"
    export = head.page("/matters.csv?grid=没有此处")
    assert export.status_code == 302
    assert head.page(export.location).status_code == 422, "the list itself says it, at its field"


def test_the_one_grid_of_a_name_or_of_initials_is_taken(head: Person) -> None:
    for typed in ("东街街道", "djjd"):
        found = head.page(f"/matters?tab=area&grid={typed}&q=井盖")
        assert found.status_code == 302, typed
        assert "grid=139901001&" in found.location, typed
        assert "tab=area" in found.location, typed
    assert head.page(found.location).status_code == 200


def test_a_name_that_several_grids_have_asks_which_is_meant(head: Person) -> None:
    said = fault_at(head.page("/matters?tab=area&grid=和平社区").text, "f-grid")
    assert "139901001001" in said
    assert "139901002001" in said


def test_a_state_that_there_is_not_is_said_at_its_field(head: Person) -> None:
    wrong = head.page("/matters?tab=area&state=nonsense")
    assert wrong.status_code == 422
    assert "nonsense" in fault_at(wrong.text, "f-state")
