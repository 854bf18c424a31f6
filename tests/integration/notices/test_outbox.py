"""What is told leaves by e-mail: with the transaction, at least once, with one id, and as each person chose."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from core import clock
from core.access.commands import UpdateUser
from core.access.service import disable_user, update_user
from core.db.session import reading, work
from core.errors import Forbidden, NotFound, Refused
from core.maintenance.pruning import prune
from core.notices.choices import Choices, own_choices, save_choices
from core.notices.claiming import LEASE, WAITS
from core.notices.deliveries import count_by_state, deliveries, retry_dead, retry_delivery
from core.notices.postman import deliver
from core.notices.queries import notices_of
from core.notices.service import Telling, mark_read, tell, tell_many, unask
from core.notices.views import About, DeliveryView
from core.settings import CHECKOUT, get_settings
from core.text import Text
from core.text import noop as _
from tests.integration.access.making import TESTER, actor, person, rows
from tests.integration.notices.servers import Mailbox, mail_server

MATTER = About("matter", "019a0000-0000-7000-8000-000000000002")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
NOON = dt.datetime(2026, 12, 1, 4, tzinfo=dt.UTC)
"""12:00 in Shanghai."""
OVER = _("%(title)s (%(number)s): “%(clock)s” is overdue since %(due)s")
SEND = """
from core.assembly import assemble
from core.db.session import connect
from core.notices.postman import deliver
from core.settings import get_settings
assemble()
connect(get_settings().database_url.get_secret_value())
deliver()
"""


def reached(login: str, email: str = "", language: str = "zh") -> UUID:
    who = person(login)
    with work(TESTER) as session:
        update_user(session, UpdateUser(who, login, email=email or f"{login}@city.example", language=language))
    return who


def told(who: UUID, message: str = "news", **params: str) -> None:
    with work(TESTER) as session:
        tell(session, [who], Text(message, params), MATTER, asks=True)


def later(passed: dt.timedelta, since: dt.datetime | None = None) -> int:
    """What is tried when so much time has passed."""
    moment = (since or clock.now()) + passed
    with clock.turned(lambda: moment):
        return deliver()


def listed() -> list[DeliveryView]:
    with reading(TESTER) as session:
        return deliveries(session)


def states() -> dict[str, int]:
    with reading(TESTER) as session:
        return {str(state): n for state, n in count_by_state(session).items()}


def choose(who: UUID, choices: Choices) -> None:
    with work(actor(who)) as session:
        save_choices(session, choices)


def test_a_notice_leaves_once_with_number_title_and_link_in_the_readers_language(box: Mailbox) -> None:
    due = {"title": "井盖缺失", "number": "20260000001", "clock": "办理", "due": "2026-12-01 12:00"}
    told(reached("wang"), OVER, **due)
    assert deliver() == 1
    assert deliver() == 0
    (to, letter) = box.letters[0]
    assert (to, letter["To"]) == ("wang@city.example", "wang@city.example")
    assert letter["Message-ID"] == f"<{listed()[0].id}@city.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    said = letter.get_content()
    assert "井盖缺失" in said
    assert "超时" in said or "逾期" in said
    assert f"https://city.example/matters/{MATTER.id}" in said
    assert "井盖缺失" in letter["Subject"]
    assert "https://city.example/account/notices/choices" in said
    assert states() == {"sent": 1}


def test_what_is_rolled_back_never_leaves(box: Mailbox) -> None:
    who = reached("wang")
    with pytest.raises(ZeroDivisionError), work(TESTER) as session:
        tell(session, [who], Text("news"), MATTER, asks=True)
        raise ZeroDivisionError
    assert deliver() == 0
    assert rows("select * from core.notice_delivery") == []


def test_many_tellings_leave_to_each_person_once(box: Mailbox) -> None:
    wang, li = reached("wang"), reached("li")
    with work(TESTER) as session:
        both = Telling(frozenset({wang, li}), Text("both"), MATTER)
        tell_many(session, [both, Telling(frozenset({li}), Text("li"), MATTER)], asks=True)
    assert deliver() == 3
    assert sorted(to for to, _letter in box.letters) == ["li@city.example", "li@city.example", "wang@city.example"]
    assert len(set(box.ids())) == 3


def test_an_hour_without_the_server_loses_nothing_and_doubles_nothing(
    down: Mailbox,
) -> None:
    who, start = reached("wang"), clock.now()
    for number in range(3):
        told(who, f"news {number}")
    for minutes in range(0, 60, 5):
        later(dt.timedelta(minutes=minutes), start)
    assert states() == {"waiting": 3}
    assert "cannot be reached" in str(listed()[-1].fault)
    with mail_server(down):
        later(HOUR, start)
        later(2 * HOUR, start)
    assert sorted(said.splitlines()[0] for said in down.texts()) == ["news 0", "news 1", "news 2"]
    assert states() == {"sent": 3}


def test_after_three_days_it_is_dead_until_somebody_tries_it_again(down: Mailbox) -> None:
    told(reached("wang"))
    moment = clock.now()
    for wait in WAITS:
        assert later(dt.timedelta(0), moment) == 1
        assert states() == {"waiting": 1}
        moment += wait
    later(dt.timedelta(0), moment)
    assert states() == {"dead": 1}
    assert DAY * 2 < moment - clock.now() < DAY * 4
    dead = listed()[0]
    with work(TESTER) as session:
        retry_delivery(session, dead.id)
    with mail_server(down):
        assert deliver() == 1
    assert down.ids() == [f"<{dead.id}@city.example>"]
    with pytest.raises(Refused), work(TESTER) as session:
        retry_delivery(session, dead.id)


def test_a_wrong_address_is_given_up_at_once_and_holds_nobody_up(box: Mailbox) -> None:
    box.refused = {"wang@city.example": "550 no such user", "busy@city.example": "451 come back later"}
    for login in ("wang", "li"):
        told(reached(login))
    assert deliver() == 2
    assert [to for to, _letter in box.letters] == ["li@city.example"]
    dead = next(each for each in listed() if each.state == "dead")
    assert (dead.to, dead.attempts) == ("wang", 1)
    assert "550 no such user" in str(dead.fault)
    told(reached("busy"))
    deliver()
    assert states() == {"dead": 1, "sent": 1, "waiting": 1}
    with work(TESTER) as session:
        assert retry_dead(session) == 1
    box.refused = {}
    later(HOUR)
    assert states() == {"sent": 3}


def test_an_address_that_names_two_people_reaches_neither(box: Mailbox) -> None:
    told(reached("wang", "wang@city.example,li@city.example"))
    deliver()
    assert (box.letters, states()) == ([], {"dead": 1})


def test_a_line_break_in_a_title_writes_no_header(box: Mailbox) -> None:
    told(reached("wang"), "%(title)s", title="x\r\nBcc: all@city.example\r\n\r\nhello")
    deliver()
    (_to, letter) = box.letters[0]
    assert letter["Bcc"] is None
    assert letter["Subject"].startswith("x Bcc:")


def test_a_server_that_takes_it_and_says_nothing_gets_it_again_with_the_same_id(box: Mailbox) -> None:
    told(reached("wang"))
    box.silent.set()
    deliver()
    box.silent.clear()
    later(HOUR)
    assert len(box.ids()) == 2
    assert len(set(box.ids())) == 1
    assert states() == {"sent": 1}


def test_a_worker_killed_while_it_sends_leaves_the_message_to_the_next(box: Mailbox) -> None:
    told(reached("wang"))
    box.held.clear()
    worker = subprocess.Popen([sys.executable, "-c", SEND], cwd=CHECKOUT, env=dict(os.environ))
    try:
        assert box.reached.wait(60)
    finally:
        worker.kill()
        worker.wait()
    box.held.set()
    assert deliver() == 0, "the dead worker's lease holds"
    assert states() == {"waiting": 1}
    assert later(LEASE) == 1
    assert len(set(box.ids())) == 1
    assert states() == {"sent": 1}


def test_workers_beside_each_other_send_each_once(box: Mailbox) -> None:
    who = reached("wang")
    for number in range(20):
        told(who, f"news {number}")
    ready = threading.Barrier(4)

    def send() -> int:
        ready.wait()
        return deliver()

    with ThreadPoolExecutor(4) as pool:
        tasks = [pool.submit(send) for _each in range(4)]
        assert sum(task.result() for task in tasks) == 20
    assert len(box.letters) == len(set(box.ids())) == 20


def test_what_was_read_or_taken_back_or_has_no_reader_is_not_sent(box: Mailbox) -> None:
    reads, asked, leaves, moves = (reached(login) for login in ("reads", "asked", "leaves", "moves"))
    for who in (reads, leaves, moves):
        told(who)
    with work(actor(reads)) as session:
        mark_read(session, [notices_of(session)[0].id])
    with work(TESTER) as session:
        disable_user(session, leaves)
        update_user(session, UpdateUser(moves, "moves"))
        other = About("matter", "019a0000-0000-7000-8000-000000000003")
        tell(session, [asked], Text("to do"), other, asks=True)
        unask(session, other)
    assert deliver() == 0
    assert states() == {"dropped": 4}
    assert box.letters == []


def test_nothing_is_written_for_whom_no_channel_reaches(box: Mailbox) -> None:
    told(person("wang"))
    off = reached("li")
    choose(off, Choices({"email": {"matter_asked": "off"}}))
    told(off)
    assert states() == {}


def test_quiet_hours_are_waited_out_over_midnight(box: Mailbox) -> None:
    who = reached("wang")
    choose(who, Choices(quiet=(dt.time(22), dt.time(7))))
    evening = NOON + 11 * HOUR
    with clock.turned(lambda: evening):
        told(who)
        assert deliver() == 0
    assert later(7 * HOUR + 59 * dt.timedelta(minutes=1), evening) == 0
    assert later(8 * HOUR, evening) == 1


def test_what_failed_by_day_does_not_wake_by_night(down: Mailbox) -> None:
    who = reached("wang")
    choose(who, Choices(quiet=(dt.time(12, 30), dt.time(14))))
    with clock.turned(lambda: NOON):
        told(who)
        deliver()
    with mail_server(down):
        assert later(HOUR, NOON) == 0
        assert later(2 * HOUR, NOON) == 1


def test_a_digest_brings_the_day_in_one_letter_without_what_was_read(box: Mailbox) -> None:
    who = reached("wang", language="en")
    choose(who, Choices({"email": {"matter_asked": "digest"}}, digest_at=dt.time(17)))
    with clock.turned(lambda: NOON):
        for number in range(4):
            told(who, f"news {number}")
        with work(actor(who)) as session:
            mark_read(session, [notices_of(session)[1].id])
        assert deliver() == 0
    assert later(5 * HOUR, NOON) == 1
    with clock.turned(lambda: NOON + 6 * HOUR):
        told(who, "for tomorrow")
        assert deliver() == 0
    ((_to, letter),) = box.letters
    said = letter.get_content()
    assert [f"news {n}" in said for n in range(4)] == [True, True, False, True]
    assert letter["Subject"] == "3 new notices"
    assert [(each.state, each.notices) for each in listed()] == [("waiting", 1), ("dropped", 1), ("sent", 3)]
    assert later(DAY + 5 * HOUR, NOON) == 1


def test_a_digest_that_failed_brings_the_same_again(down: Mailbox) -> None:
    who = reached("wang")
    choose(who, Choices({"email": {"matter_asked": "digest"}}, digest_at=dt.time(17)))
    with clock.turned(lambda: NOON):
        told(who, "one")
        told(who, "two")
    later(5 * HOUR, NOON)
    with clock.turned(lambda: NOON + 4 * HOUR):
        told(who, "three")
    with mail_server(down):
        later(6 * HOUR, NOON)
        later(6 * HOUR, NOON)
    carried = {tuple(word for word in ("one", "two", "three") if word in said) for said in down.texts()}
    assert carried == {("one", "two"), ("three",)}


def test_choices_are_kept_and_others_are_refused(box: Mailbox) -> None:
    who = reached("wang")
    chosen = Choices({"email": {"plan_told": "at_once"}}, (dt.time(0), dt.time(6)), dt.time(9))
    choose(who, chosen)
    with reading(actor(who)) as session:
        found = own_choices(session)
    assert found == chosen
    assert (found.mode("email", "plan_told"), found.mode("email", "matter_asked")) == ("at_once", "at_once")


def test_only_whoever_runs_the_channels_sees_and_retries(box: Mailbox) -> None:
    who = reached("wang")
    told(who)
    with pytest.raises(Forbidden), reading(actor(who)) as session:
        deliveries(session)
    with pytest.raises(Forbidden), work(actor(who)) as session:
        retry_dead(session)
    with pytest.raises(NotFound), work(TESTER) as session:
        retry_delivery(session, who)


def test_what_ended_long_ago_goes_and_what_waits_stays(box: Mailbox) -> None:
    who, now = reached("wang"), clock.now()
    with clock.turned(lambda: now - DAY * 91):
        told(who)
        deliver()
    told(who)
    prune(0)
    assert states() == {"waiting": 1}
    with work(TESTER) as session:
        assert session.scalar(text("select count(*) from core.notice")) == 2


@pytest.fixture
def drop(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for SMS; its gateway has not come yet."""
    folder = tmp_path / "sms"
    folder.mkdir()
    monkeypatch.setenv("WANGGE_SMS_FOLDER", str(folder))
    monkeypatch.setenv("WANGGE_SITE_URL", "https://city.example")
    get_settings.cache_clear()
    yield folder
    monkeypatch.undo()
    get_settings.cache_clear()


def with_phone(login: str) -> UUID:
    who = person(login)
    with work(TESTER) as session:
        update_user(session, UpdateUser(who, login, phone="13800000000"))
    choose(who, Choices({"sms": {"matter_asked": "at_once"}}))
    return who


def test_an_sms_is_one_whole_file_and_comes_only_to_those_who_chose_it(drop: Path) -> None:
    told(with_phone("wang"), "井盖缺失")
    told(person("li"), "not chosen")
    deliver()
    (file,) = drop.iterdir()
    assert file.name == f"{listed()[0].id}.json"
    assert json.loads(file.read_text()) == {
        "id": file.stem, "to": "13800000000", "text": "井盖缺失 https://city.example/account/notices",
    }  # fmt: skip
    assert states() == {"sent": 1}


def test_an_sms_whose_folder_is_away_waits_for_it_and_keeps_its_id(drop: Path) -> None:
    told(with_phone("wang"))
    drop.rmdir()
    deliver()
    waiting = listed()[0]
    assert (waiting.state, waiting.attempts) == ("waiting", 1)
    drop.mkdir()
    later(HOUR)
    assert [file.name for file in drop.iterdir()] == [f"{waiting.id}.json"]
