"""What the tests of the pages of people share."""

from __future__ import annotations

import io
import re

import openpyxl
from flask.testing import FlaskClient

from core.access.queries import user_id_of
from core.db.session import reading
from tests.e2e.folks import TESTER

STREET = "139901001"


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.headers.get("Location", answer.get_data(as_text=True))
    return answer.get_data(as_text=True)


def id_of(login: str) -> str:
    with reading(TESTER) as session:
        return str(user_id_of(session, login))


def sheet(*rows: tuple[str, ...]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    buffer.seek(0)
    return buffer


def one_time_password(shown: str) -> str:
    found = re.search(r"(?<![\w-])[a-z2-9]{4}(-[a-z2-9]{4}){3}(?![\w-])", shown)
    assert found is not None
    return found[0]
