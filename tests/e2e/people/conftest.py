"""What the tests of the pages of people start from."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from tests.e2e.folks import person
from tests.e2e.signing import signed_in
from tests.integration.grids.planting import plant
from web.app import create_app


@pytest.fixture
def app(database: str) -> APIFlask:
    plant()
    return create_app()


@pytest.fixture
def security(app: APIFlask) -> FlaskClient:
    """The security administrator's browser, in English."""
    person("guard", "security_admin", name="钱卫国")
    client = signed_in(app, "guard")
    client.set_cookie("lang", "en")
    return client
