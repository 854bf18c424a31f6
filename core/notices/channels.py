"""The ways by which notices leave the house: what is sent, and what each way promises.

A channel is *open* where the operator set it up. Whatever it sends carries the id of the delivery, which stays the
same however often it is tried, so that a receiver can tell a second copy from a second message.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

from core.settings import Settings
from core.text import Text
from core.text import noop as _

EMAIL: Final = "email"
SMS: Final = "sms"
PERSONAL: Final[Mapping[str, str]] = {EMAIL: _("E-mails"), SMS: _("SMS")}
"""Channels that a person chooses for themselves, with their titles."""
WEBHOOK: Final = "webhook"
ALL: Final[Mapping[str, str]] = {**PERSONAL, WEBHOOK: _("Webhook")}
"""Every channel with its title: those of people, and the one by which programs are called."""


@dataclass(frozen=True)
class Line:
    """One notice of a message.

    :param text: in the reader's language: what happened, with number and title; nothing else of a matter leaves.
    :param link: address of the page that it is about; a path where the instance's own address is not set.
    """

    at: dt.datetime
    text: str
    link: str


@dataclass(frozen=True)
class Message:
    """What is to be sent now.

    :param id: of the delivery, the same at each try.
    :param to: the person's address in this channel; empty for webhooks.
    :param heading: one line that says what it is.
    :param foot: why the person gets it, and where that is changed.
    :param facts: for programs: type, subject and id, and the id of whom it tells, beside the one line's text and link.
    """

    id: UUID
    to: str
    heading: str
    lines: tuple[Line, ...]
    foot: str
    facts: Mapping[str, Any]


class Undelivered(Exception):
    """A message was not taken.

    :param final: whether trying again cannot help, as with an address that does not exist.
    """

    def __init__(self, why: Text, *, final: bool = False) -> None:
        self.why = why
        self.final = final
        super().__init__(str(why))


class Sender(Protocol):
    """A channel at work; used by one thread."""

    def send(self, message: Message) -> None:
        """Hand a message over whole.

        :raises Undelivered: when it was not taken, or nobody knows whether it was.
        """

    def close(self) -> None:
        """Let go of what it holds; never raises."""


def open_channels(settings: Settings) -> tuple[str, ...]:
    """Those of the personal channels that the operator set up."""
    set_up = {EMAIL: settings.smtp_host, SMS: settings.sms_folder}
    return tuple(channel for channel, found in set_up.items() if found)
