"""Servers for the tests of what leaves the house."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.notices.hubs import Hub, calling, hub_server
from tests.integration.notices.servers import Mailbox, mail_server, mailing


@pytest.fixture
def box(database: str) -> Iterator[Mailbox]:
    """A mail server that runs, and settings that name it."""
    made = Mailbox()
    with mail_server(made), mailing(made):
        yield made


@pytest.fixture
def down(database: str) -> Iterator[Mailbox]:
    """Settings that name a mail server, which does not run."""
    made = Mailbox()
    with mail_server(made):
        pass
    with mailing(made):
        yield made


@pytest.fixture
def hub(database: str) -> Iterator[Hub]:
    """A program that may be called."""
    made = Hub()
    with hub_server(made), calling():
        yield made
