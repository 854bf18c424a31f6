"""Every bad boundary file through the command line, the API and the pages: a clear message, nothing written."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from core.db.session import connect
from gis.formats import read_layer
from tests.e2e.clients import admin_client
from tests.integration.grids.bad_files import CASES, content_of
from tests.integration.grids.bringing import bring, written
from tests.integration.grids.drawing import NODED_CITY, draw
from web import i18n
from web.cli.main import main

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH_SENTENCE = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+ [a-z]+")
IN_GDALS_WORDS = {"damaged file", "damaged GeoJSON"}
KEPT_APART = ("grid_import", "journal", "jobs")
"""What an upload writes of its own: its row, its record, the jobs that stand by."""


@pytest.fixture
def city(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A city, a Chinese terminal; files are read in this process, the limited one has tests of its own."""
    monkeypatch.setattr(
        "core.intake.reading.read_layer_in_subprocess",
        lambda path, layer, encoding, **_limits: read_layer(path, layer, encoding),
    )
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    i18n._terminal.cache_clear()
    bring(draw(tmp_path / "city.geojson", NODED_CITY), "city")
    yield database
    i18n._terminal.cache_clear()


def is_clear(message: str, case: str) -> bool:
    """Chinese throughout; what GDAL says of a damaged file is quoted in its own words."""
    return bool(CHINESE.search(message)) and (case in IN_GDALS_WORDS or not ENGLISH_SENTENCE.search(message))


def arguments(options: dict[str, Any]) -> list[str]:
    """The options as the command line takes them."""
    given = [f"--nest={field}={level}" for field, level in options.get("nest", ())]
    plain = {f"--{name.replace('_', '-')}": value for name, value in options.items() if name != "nest"}
    return given + [name if value is True else f"{name}={value}" for name, value in plain.items()]


def as_json(options: dict[str, Any]) -> dict[str, Any]:
    nest = [{"field": field, "level": level} for field, level in options.get("nest", ())]
    return {"parent": "139900", **options, "nest": nest} if "root" not in options else {**options, "nest": nest}


def by_command(path: Path, options: dict[str, Any], database: str) -> list[str]:
    """The message of the command's refusal."""
    done = CliRunner().invoke(main, ["grid", "import", str(path), *arguments(options), "--json"])
    connect(database)
    report = json.loads(done.stdout)
    assert (done.exit_code, report["refused"], report["change"]) == (1, True, None)
    return [report["reason"]]


def by_api_and_page(client: FlaskClient, path: Path, options: dict[str, Any]) -> list[str]:
    """The messages of every refusal on the way: the report, the page, the approval."""
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(path.read_bytes()), path.name)})
    sent = client.post("/api/v1/imports", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    messages = []
    if sent.status_code == 201:
        key = sent.json["id"]
        sent = client.put(f"/api/v1/imports/{key}/options", json=as_json(options))
        if sent.status_code == 200:
            assert sent.json["state"] == "refused"
            messages.append(sent.json["report"]["reason"])
            page = client.get(f"/grids/import/{key}", headers={"Accept": "text/html"}).text
            told = page[page.index("这样不能导入") :]
            told = told[: told.index("</section>")]
            assert not re.search(r"--[a-z]", told), f"the command's words on the page: {told}"
            sent = client.post(f"/api/v1/imports/{key}/approve")
            assert sent.json["detail"].startswith("此次导入不能批准：")
    assert 400 <= sent.status_code < 500
    assert sent.content_type == "application/problem+json"
    return [*messages, json.dumps(sent.json, ensure_ascii=False)]


def faults_of(messages: list[str], case: str, before: dict[str, int], kept_apart: tuple[str, ...] = ()) -> list[str]:
    """Messages that are not clear, and tables that were written."""
    after = written()
    unclear = [message for message in messages if not is_clear(message, case)]
    return unclear + [name for name in before if before[name] != after[name] and name not in kept_apart]


def laid(folder: Path, case: str) -> Path:
    """The case's file, in a folder of its own."""
    path = folder / f"case{list(CASES).index(case)}" / CASES[case][0]
    path.parent.mkdir()
    path.write_bytes(content_of(case))
    return path


def test_the_command_refuses_every_bad_file_in_chinese(city: str, tmp_path: Path) -> None:
    before = written()
    faults = {
        case: found
        for case, (_name, _content, options, _said) in CASES.items()
        if (found := faults_of(by_command(laid(tmp_path, case), options, city), case, before))
    }
    assert faults == {}


def test_the_api_and_the_pages_refuse_every_bad_file_in_chinese(city: str, tmp_path: Path) -> None:
    client = admin_client()
    before = written()
    faults = {
        case: found
        for case, (_name, _content, options, _said) in CASES.items()
        if (found := faults_of(by_api_and_page(client, laid(tmp_path, case), options), case, before, KEPT_APART))
    }
    assert faults == {}
