"""Whose catalogue translates a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, gettext

from core.plugin.catalogues import FOLDER, compile_catalogues
from core.plugin.manager import in_plugin
from web import plugin_words

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
WORDS = {
    "host": {"Open": "未办结"},
    "shops": {"Open": "营业", "Hours": "营业时间"},
    "gates": {"Open": "敞开", "Gate": "大门"},
}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    for name, words in WORDS.items():
        folder = tmp_path / name / FOLDER
        folder.mkdir(parents=True)
        lines = "".join(f'\nmsgid "{english}"\nmsgstr "{chinese}"\n' for english, chinese in words.items())
        (folder / "zh.po").write_text(PO + lines)
        compile_catalogues(tmp_path / name)
    made = Flask(__name__)
    Babel(made, default_locale="zh", default_translation_directories=str(tmp_path / "host" / FOLDER))
    folders = {name: tmp_path / name / FOLDER for name in ("shops", "gates")}
    plugin_words.init_app(made, folders, {"p_gates": "gates"})
    return made


def test_each_plugin_speaks_its_own_words_and_the_host_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert gettext("Open") == "未办结"
        assert plugin_words.word("shops", "Open") == "营业"
        assert plugin_words.word("gates", "Open") == "敞开"
        assert plugin_words.word("away", "Open") == "未办结"
        with in_plugin("shops"):
            assert gettext("Hours") == "营业时间"
            assert gettext("No such text") == "No such text"


def test_outside_plugins_their_words_are_known_behind_the_hosts(app: Flask) -> None:
    with app.test_request_context():
        assert gettext("Gate") == "大门"
