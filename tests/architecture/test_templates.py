"""Templates translate texts of their own alone: `_()` takes its text for HTML, so data go through the filter `told`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.settings import CHECKOUT

TEMPLATES = sorted(
    [*CHECKOUT.glob("web/templates/**/*.html"), *CHECKOUT.glob("plugins/*/wangge_*/templates/**/*.html")]
)
DATA = re.compile(r"\bn?gettext\(\s*[^\s'\"]|(?<![\w'])_\(\s*[^\s'\"]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_only_words_of_the_template_are_translated_as_html(path: Path) -> None:
    assert DATA.findall(path.read_text()) == []
