"""A plugin's list of places by all its doors: the page, the command, the health check, the demonstration."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from apiflask import APIFlask
from click.testing import CliRunner
from wangge.testing import place

from core.actor import Actor, command_line
from core.db.session import reading, work
from core.errors import Invalid
from core.plugin.build import build_plugin
from core.plugin.doctor import ask
from core.plugin.hooks import DemoPlace
from core.plugin.loading import forget_values
from core.settings import CHECKOUT
from tests.integration.grids.planting import plant
from tests.integration.matters.doors import Person
from tests.integration.matters.people import EAST_STREET
from web import slots
from web.app import create_app

TABLE = "名称,经度,纬度,类型\n和平红色驿站,116.05,39.05,红色驿站\n远方会客厅,0,0,党群会客厅\n"


@pytest.fixture
def app(database: str, operator: Actor, tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    plant()
    place(build_plugin(CHECKOUT / "plugins" / "party", tmp_path_factory.mktemp("dist")), operator)
    yield create_app()
    forget_values("party")


def loaded(table: str, encoding: str = "utf-8") -> tuple[int, int]:
    from wangge_party.stations import STATIONS

    with work(command_line("test")) as session:
        done = STATIONS.load(session, table.encode(encoding))
    return done.added, done.changed


def kept() -> list[Any]:
    from wangge_party.stations import STATIONS

    with reading(command_line("test")) as session:
        return STATIONS.all(session)


def health(app: APIFlask) -> list[tuple[bool, str]]:
    with app.app_context():
        return [(answered.health.ok, answered.health.text) for answered in ask(slots.slots().host, "party")]


def sent(person: Person, table: str) -> Any:
    return person.send("/p/party/places", file=(io.BytesIO(table.encode()), "stations.csv"))


def test_the_page_loads_a_table_for_those_who_may(app: APIFlask) -> None:
    worker, officer = (Person(app, role, role, code) for role, code in (("worker", EAST_STREET), ("officer", None)))
    assert "/p/party/places" not in worker.page("/p/party/").text
    assert sent(worker, TABLE).status_code == 403
    assert "/p/party/places" in officer.page("/p/party/").text
    assert officer.send("/p/party/places").status_code == 422
    wrong = sent(officer, TABLE + "近处,116.05,139.05,茶馆\n")
    assert wrong.status_code == 422
    assert "不能大于 90" in wrong.text
    broken = sent(officer, TABLE + f"{'远' * 140_000},116.05,39.05,红色驿站\n")
    assert broken.status_code == 422
    assert "第 4 行无法读取" in broken.text
    assert "和平红色驿站" not in officer.page("/p/party/").text
    loaded = sent(officer, TABLE)
    assert (loaded.status_code, loaded.location) == (302, "/p/party/")
    page = officer.page("/p/party/").text
    assert "新增 2 处，更新 0 处，1 处在市域外" in page
    assert "和平红色驿站" in page
    assert health(app) == [(False, "1 / 2")]


def test_the_list_leaves_as_a_file_that_can_be_loaded_again(app: APIFlask) -> None:
    officer, worker = Person(app, "officer", "officer", None), Person(app, "worker", "worker", EAST_STREET)
    sent(officer, TABLE)
    assert "/p/party/list.xlsx" in worker.page("/p/party/").text
    answer = worker.page("/p/party/list.csv?lang=zh")
    head, *lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert head.startswith("名称,经度,纬度,")
    assert [line.split(",")[:3] for line in lines] == [
        ["和平红色驿站", "116.05", "39.05"],
        ["远方会客厅", "0.0", "0.0"],
    ]
    sent(officer, answer.get_data().decode("utf-8-sig"))
    assert "新增 0 处，更新 2 处，1 处在市域外" in officer.page("/p/party/").text
    book = openpyxl.load_workbook(io.BytesIO(worker.page("/p/party/list.xlsx?lang=zh").get_data()))
    assert [cell.value for cell in book.worksheets[0]["A"]] == ["名称", "和平红色驿站", "远方会客厅"]


def test_the_command_loads_it_and_tries_it_without_writing(app: APIFlask, tmp_path: Path) -> None:
    file = tmp_path / "stations.csv"
    file.write_text(TABLE)
    with app.app_context():
        ((_owner, command),) = slots.slots().values("register_commands")
    tried = CliRunner().invoke(command, [str(file), "--dry-run", "--json"])
    assert json.loads(tried.stdout) == {"added": 2, "changed": 0, "outside": 1}
    assert health(app) == [(True, "0 / 0")]
    done = CliRunner().invoke(command, [str(file)])
    assert (done.exit_code, done.stdout) == (0, "2 added, 0 changed, 1 outside\n")
    assert "name, lon, lat, category, services" in CliRunner().invoke(command, ["--help"]).output
    assert health(app) == [(False, "1 / 2")]


def test_the_demonstration_plants_places_once_and_never_among_real_ones(app: APIFlask, operator: Actor) -> None:
    spots = [DemoPlace("和平社区", 116.05, 39.05), DemoPlace("三里社区", 116.05, 39.15)]
    from wangge_party import load_demo
    from wangge_party.stations import STATIONS

    for _ in range(2):
        with work(operator) as session:
            load_demo(session, [spots[0], spots[1], spots[1]])
    with reading(operator) as session:
        assert len(STATIONS.all(session)) == 2
    with work(operator) as session:
        load_demo(session, [DemoPlace("新村社区", 116.05, 39.25)])
    with reading(operator) as session:
        assert len(STATIONS.all(session)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_column_and_a_choice_bear_any_of_their_names_in_any_usual_encoding(app: APIFlask, encoding: str) -> None:
    for number, (head, category) in enumerate((
        ("name,lon,lat,category", "parlour"), ("场所名称,经度,纬度,场所类型", "党群会客厅"),
        ("Name,Longitude,Latitude,Kind of place", "Party and people parlours"),
    )):  # fmt: skip
        done = loaded(f"{head}\n和风,116.05,39.05,{category}\n", encoding)
        assert done == ((0, 1) if number else (1, 0))
        assert [row.category for row in kept()] == ["parlour"]


@pytest.mark.parametrize(
    ("row", "pointer"),
    [
        ("和风,216.7,39.5,红色驿站", "/3/lon"),
        ("和风,116.7,39.5,茶馆", "/3/category"),
        (",116.7,39.5,红色驿站", "/3/name"),
    ],
)
def test_a_line_with_a_fault_is_named_and_nothing_is_written(app: APIFlask, row: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refusal:
        loaded(f"名称,经度,纬度,类型\n望湖,116.7,39.5,红色驿站\n{row}\n")
    assert [objection.pointer for objection in refusal.value.objections] == [pointer]
    assert kept() == []


@pytest.mark.parametrize("text", ["", "名称,经度\n一中,116.7\n", "\0\0\0"])
def test_a_file_that_is_no_such_table_is_refused(app: APIFlask, text: str) -> None:
    with pytest.raises(Invalid):
        loaded(text)


def test_the_page_shows_choices_and_figures_in_the_readers_language(app: APIFlask) -> None:
    officer = Person(app, "officer", "officer", None)
    sent(officer, TABLE)
    for language, words in (
        ("zh", ("红色驿站", "党群会客厅", "类型 (红色驿站 / 党群会客厅)")),
        ("en", ("Red stations",)),
    ):
        page = officer.page(f"/p/party/?lang={language}").text
        assert all(word in page for word in words)


def test_a_layer_shows_the_places_of_its_kind(app: APIFlask, operator: Actor) -> None:
    sent(Person(app, "officer", "officer", None), TABLE)
    with app.app_context():
        layers = {layer.name: layer for _owner, layer in slots.slots().values("register_layers")}
    with reading(operator) as session:
        shown = {name: [feature.title for feature in layer.features(session)] for name, layer in layers.items()}
    assert shown == {"party.station": ["和平红色驿站"], "party.parlour": ["远方会客厅"]}
