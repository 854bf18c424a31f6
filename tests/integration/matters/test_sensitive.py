"""What is told of sensitive matters stays in the house: neither by e-mail, nor SMS, nor webhook does a title leave."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from core import clock
from core.access.commands import UpdateUser
from core.access.service import update_user
from core.db.session import reading, work
from core.matters.kinds import MatterKind, register_kind, unregister
from core.notices.choices import Choices, save_choices
from core.notices.postman import deliver
from core.notices.queries import notices_of
from core.notices.service import tell
from core.notices.views import About
from core.notices.webhooks import add_webhook
from core.settings import get_settings
from core.text import Text
from core.text import noop as _
from tests.integration.access.making import actor, person
from tests.integration.matters.people import TESTER, matter
from tests.integration.notices.hubs import Hub, calling, hub_server
from tests.integration.notices.servers import Mailbox, mail_server, mailing

TITLE, NUMBER = "张某与李某邻里纠纷", "20260000001"
SAID = _("%(title)s (%(number)s): “%(clock)s” is overdue since %(due)s")
OPEN = MatterKind("test.open", "Open")
SECRET = MatterKind("test.secret", "Secret", sensitive=True)
MODES = dict.fromkeys(("matter_asked", "matter_told"), "at_once")


class Outside:
    """Everything that left the house."""

    def __init__(self, box: Mailbox, hub: Hub, folder: Path) -> None:
        self.box, self.hub, self.folder = box, hub, folder

    def texts(self) -> list[str]:
        mails = [f"{letter['Subject']}\n{letter.get_content()}" for _to, letter in self.box.letters]
        sms = [json.loads(file.read_text())["text"] for file in self.folder.iterdir()]
        return mails + sms + [call.said["data"]["text"] for call in self.hub.calls]


@pytest.fixture
def outside(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    box, hub, folder = Mailbox(), Hub(), tmp_path / "sms"
    folder.mkdir()
    for kind in (OPEN, SECRET):
        register_kind(kind, "test")
    monkeypatch.setenv("WANGGE_SMS_FOLDER", str(folder))
    with mail_server(box), mailing(box), hub_server(hub), calling():
        with work(TESTER) as session:
            add_webhook(session, "hub", hub.url)
        yield Outside(box, hub, folder)
    unregister("test")
    get_settings.cache_clear()


def reader() -> UUID:
    who = person("wang")
    with work(TESTER) as session:
        update_user(session, UpdateUser(who, "wang", email="wang@city.example", phone="13800000000"))
    with work(actor(who)) as session:
        save_choices(session, Choices({"email": MODES, "sms": MODES}))
    return who


def told(who: UUID, about: UUID, *, asks: bool, title: str = TITLE) -> None:
    values = {"title": title, "number": NUMBER, "clock": "办理", "due": "2026-12-01 12:00"}
    with work(TESTER) as session:
        tell(session, [who], Text(SAID, values), About("matter", str(about)), asks=asks)


@pytest.mark.parametrize("asks", [True, False])
def test_a_sensitive_matter_is_not_named_outside_and_is_named_in_the_inbox(outside: Outside, asks: bool) -> None:
    who = reader()
    about = matter(TESTER, kind="test.secret", title=TITLE)
    told(who, about, asks=asks)
    assert deliver() == 3
    texts = outside.texts()
    assert len(texts) == 3
    assert [text for text in texts if TITLE in text or NUMBER in text or "办理”" in text] == []
    assert all(("敏感事项需要办理" if asks else "敏感事项有新进展") in text for text in texts)
    assert all(f"/matters/{about}" in str(call.said["data"]["link"]) for call in outside.hub.calls)
    with reading(actor(who)) as session:
        assert TITLE in str(notices_of(session)[0].text)


def test_another_matter_is_named(outside: Outside) -> None:
    told(reader(), matter(TESTER, kind="test.open", title=TITLE), asks=True)
    deliver()
    assert [TITLE in text for text in outside.texts()] == [True, True, True]


def test_a_matter_whose_plugin_is_switched_off_is_not_named(outside: Outside) -> None:
    told(reader(), matter(TESTER, kind="test.open", title=TITLE), asks=True)
    unregister("test")
    deliver()
    assert [text for text in outside.texts() if TITLE in text] == []


def test_in_a_digest_only_the_sensitive_one_is_not_named(outside: Outside) -> None:
    who, noon = reader(), dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
    with work(actor(who)) as session:
        save_choices(session, Choices({"email": {"matter_told": "digest"}}, digest_at=dt.time(17)))
    matters = [matter(TESTER, kind="test.open", title="井盖缺失"), matter(TESTER, kind="test.secret", title=TITLE)]
    with clock.turned(lambda: noon):
        for about, title in zip(matters, ("井盖缺失", TITLE), strict=True):
            told(who, about, asks=False, title=title)
    with clock.turned(lambda: noon + dt.timedelta(hours=5)):
        deliver()
    ((_to, letter),) = outside.box.letters
    said = letter.get_content()
    assert ("井盖缺失" in said, "敏感事项有新进展" in said, TITLE in said) == (True, True, False)
