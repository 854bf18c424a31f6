"""Catalogues: Chinese is complete, merged from its rooms, and carried messages are translated with their values."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from core.text import Text
from web import i18n
from web.glossary import WORDS


@pytest.fixture
def app() -> Flask:
    i18n.compile_catalogues()
    app = Flask("translations")
    Babel(app, default_locale="zh", default_translation_directories=str(i18n.FOLDER))
    return app


def test_every_text_of_the_code_has_its_chinese() -> None:
    assert i18n.untranslated("zh") == []


def test_the_same_texts_are_compiled_once() -> None:
    i18n.compile_catalogues()
    assert i18n.compile_catalogues() == []


def test_a_carried_message_is_translated_with_its_values(app: Flask) -> None:
    text = Text("There is no level %(level)s", {"level": "moon"})
    with app.app_context():
        with force_locale("zh"):
            assert i18n.translate_text(text) == "没有 moon 这一层级"
        with force_locale("en"):
            assert i18n.translate_text(text) == "There is no level moon"


def test_a_text_without_translation_is_named_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = tmp_path / "core"
    room.mkdir()
    (room / "thing.py").write_text('from core.text import noop as _\n\nNAME = _("a wholly new thing")\n')
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    assert i18n.untranslated("zh") == [("a wholly new thing", "core/thing.py:3")]


def test_every_translated_text_stands_somewhere() -> None:
    assert i18n.unused("zh") == []


def test_a_translation_of_what_nothing_says_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "thing.py").write_text('from core.text import noop as _\n\nNAME = _("kept")\n')
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "a.po").write_text('msgid "kept"\nmsgstr "留"\n\nmsgid "gone"\nmsgstr "去"\n')
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    assert i18n.unused("zh") == ["a: 'gone'"]


def test_no_text_is_translated_in_two_ways() -> None:
    assert i18n.contradictions("zh") == []


def test_a_text_that_two_rooms_translate_in_two_ways_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "zh"
    folder.mkdir()
    for room, chinese in (("a", "甲"), ("b", "乙")):
        (folder / f"{room}.po").write_text(f'msgid "thing"\nmsgstr "{chinese}"\n\nmsgid "same"\nmsgstr "同"\n')
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    assert i18n.main(["check"]) == 1
    told = capsys.readouterr().err.splitlines()
    assert [line for line in told if line.startswith("two ")] == ["two zh in a, b: 'thing'"]


def test_compiling_twice_writes_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zh").mkdir()
    (tmp_path / "zh" / "room.po").write_text('msgid "thing"\nmsgstr "甲"\n')
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    assert [path.name for path in i18n.compile_catalogues()] == ["messages.mo"]
    assert i18n.compile_catalogues() == []


def test_every_word_is_explained_in_both_languages_once() -> None:
    assert len({word.name for word in WORDS}) == len(WORDS)
    for word in WORDS:
        assert word.zh
        assert word.en
        assert word.meaning_zh.endswith("。")
        assert word.meaning_en.endswith(".")
