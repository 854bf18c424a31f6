"""Files for reference layers sent by the pages, as a browser sends them."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.e2e.clients import found
from tests.e2e.signing import send


def sent(client: FlaskClient, url: str, file: Path | None = None, **values: Any) -> TestResponse:
    """Send a form, with a file where there is one."""
    attached = {"file": (io.BytesIO(file.read_bytes()), file.name)} if file is not None else {}
    return send(client, url, {**values, **attached})


def all_of(client: FlaskClient) -> list[dict[str, Any]]:
    """The layers as the API lists them, the lowest first."""
    items: list[dict[str, Any]] = found(client, "/api/v1/reference-layers")["items"]
    return items


def replace_by(client: FlaskClient, where: str, page: str = "") -> TestResponse:
    """Press the button that replaces, as it stands on a page that was opened earlier, or on one opened now."""
    shown = re.search(r'name="mark" value="([^"]+)"', page or client.get(where).text)
    assert shown
    return sent(client, where, answer="replace", mark=shown[1])
