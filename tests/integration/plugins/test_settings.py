"""Settings of a plugin: checked when it comes in, read where it runs, shown to the operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.actor import Actor
from core.errors import Refused
from core.plugin.loading import load
from core.plugin.service import InstallPlugin, enable_plugin, install_plugin
from core.plugin.site import Site
from core.settings import FILE_NAME, get_settings, public_values
from tests.integration.plugins.wheels import make_wheel
from web.hooks import SPECS

CODE = """
from pydantic import BaseModel
from wangge import Plugin, settings_of
class Settings(BaseModel):
    height: int = 3
    token: str = ""
PLUGIN = Plugin(name="tiny", title="Tiny", settings=Settings)
HEIGHT = settings_of("tiny", Settings).height
"""


def say(site: Site, lines: str) -> None:
    (site.settings.home / FILE_NAME).write_text(f"[plugins.tiny]\n{lines}\n")
    get_settings.cache_clear()


def test_values_of_the_instance_reach_the_plugin_and_secrets_are_stars(
    site: Site, operator: Actor, tmp_path: Path
) -> None:
    say(site, 'height = 7\ntoken = "s3cret"')
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files={"wangge_tiny/__init__.py": CODE})))
    enable_plugin(operator, site, "tiny")
    assert load(get_settings(), SPECS, operator).loaded["tiny"].module.HEIGHT == 7
    assert public_values(get_settings())["plugins"] == {"tiny": {"height": 7, "token": "**********"}}


def test_a_wrong_value_is_named_and_mending_it_is_enough(site: Site, operator: Actor, tmp_path: Path) -> None:
    code = CODE.replace('HEIGHT = settings_of("tiny", Settings).height', "")
    install_plugin(operator, site, InstallPlugin(make_wheel(tmp_path, files={"wangge_tiny/__init__.py": code})))
    say(site, 'height = "tall"')
    with pytest.raises(Refused, match=r"plugins\.tiny\.height"):
        enable_plugin(operator, site, "tiny")
    say(site, "height = 4")
    assert enable_plugin(operator, site, "tiny").state == "enabled"
