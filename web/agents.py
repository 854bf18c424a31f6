"""Browsers and programs in words, from the text with which they introduce themselves.

Not by ua-parser (1.0.2 with the patterns of 2026-10): of what stands on a clerk's desk it takes DingTalk and the
browsers of 360 and Xiaomi for others and does not know HarmonyOS, and its first answer costs each worker a second.
"""

from __future__ import annotations

import re
from typing import Final

from flask_babel import gettext as _

BROWSERS: Final = (
    ("微信", r"MicroMessenger/(\d+)"), ("钉钉", r"DingTalk/(\d+)"), ("QQ浏览器", r"QQBrowser/(\d+)"),
    ("360浏览器", r"(?:QihooBrowser|QIHU 360\w*|360SE)/?(\d*)"), ("UC浏览器", r"UCBrowser/(\d+)"),
    ("华为浏览器", r"HuaweiBrowser/(\d+)"), ("小米浏览器", r"MiuiBrowser/(\d+)"), ("Edge", r"Edg[A-Z]?\w*/(\d+)"),
    ("Opera", r"OPR/(\d+)"), ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"), ("Chrome", r"(?:Headless)?Chrome/(\d+)"),
    ("Chrome", r"CriOS/(\d+)"), ("Safari", r"Version/(\d+)[^ ]* .*Safari"), ("curl", r"^curl/(\d+)"),
    ("Python", r"^(?:python-)?(?:requests|httpx|urllib|aiohttp)/?(\d*)"),
)  # fmt: skip
"""In this order: most browsers also bear the names of those that they descend from."""
SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS|OpenHarmony"), ("Android", "Android"), ("iOS", "iPhone|iPad|iPod"), ("Windows", "Windows"),
    ("macOS", "Macintosh|Mac OS X"), ("Linux", "Linux|X11"),
)  # fmt: skip


def agent_words(agent: str) -> str:
    """``Chrome 126 · Windows``; the text itself stays in the tooltip of whoever wants to know more."""
    found = next(((name, hit) for name, pattern in BROWSERS if (hit := re.search(pattern, agent))), None)
    browser = f"{found[0]} {found[1][1]}".strip() if found else _("unknown browser")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, agent)), "")
    return f"{browser} · {system}" if system else browser
