"""E-mail through the operator's SMTP server."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime, parseaddr
from typing import Final

from core import clock
from core.notices.channels import Message, Undelivered
from core.settings import Settings
from core.text import Text
from core.text import noop as _

STEP_SECONDS: Final = 15.0
"""How long the server may take for one answer."""
WHOLE_SECONDS: Final = 60.0
"""How long one message may take in all."""
HEADING_MOST: Final = 150
SAID_MOST: Final = 200
NOT_US: Final = _("The server does not let us send: %(code)s %(said)s")
"""Whoever it is for: that can be mended, and then all of it goes."""
PERMANENT: Final = 500
"""SMTP codes from here on say that the same message will be refused again."""


class Mailer:
    """One connection for the messages of one round, made with the first of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server: smtplib.SMTP | None = None

    def send(self, message: Message) -> None:
        """Hand one message to the server.

        :raises Undelivered: for good where the server refuses the address or the message itself.
        """
        try:
            letter = letter_of(message, self._settings.smtp_from)
        except ValueError as error:
            raise Undelivered(Text(_("This is no e-mail address")), final=True) from error
        watch = threading.Timer(WHOLE_SECONDS, self._cut_off)
        watch.start()
        try:
            self._hand_over(self._connected(), letter, message.to)
        except Undelivered:
            raise
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            raise _refused(NOT_US, error.smtp_code, error.smtp_error, final=False) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Undelivered(Text(_("The mail server cannot be reached: %(why)s"), {"why": _short(error)})) from error
        finally:
            watch.cancel()

    def _hand_over(self, server: smtplib.SMTP, letter: EmailMessage, to: str) -> None:
        """One letter to one address: the server takes it whole, or not at all."""
        try:
            server.send_message(letter, parseaddr(self._settings.smtp_from)[1], [to])
        except smtplib.SMTPRecipientsRefused as error:
            self._reset()
            raise _refused(_("The server refused the address: %(code)s %(said)s"), *error.recipients[to]) from error
        except smtplib.SMTPSenderRefused as error:
            self._reset()
            raise _refused(NOT_US, error.smtp_code, error.smtp_error, final=False) from error
        except smtplib.SMTPDataError as error:
            self._reset()
            words = _("The server refused the message: %(code)s %(said)s")
            raise _refused(words, error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            self._reset()
            words = _("The server cannot take this address: %(why)s")
            raise Undelivered(Text(words, {"why": _short(error)}), final=True) from error

    def close(self) -> None:
        """Say goodbye, or drop the line where that fails."""
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            kept = self._settings
            assert kept.smtp_host
            here = parseaddr(kept.smtp_from)[1].rpartition("@")[2] or "localhost"
            context = ssl.create_default_context()
            if kept.smtp_security == "tls":
                self._server = smtplib.SMTP_SSL(
                    kept.smtp_host, kept.smtp_port, here, timeout=STEP_SECONDS, context=context
                )
            else:
                self._server = smtplib.SMTP(kept.smtp_host, kept.smtp_port, here, timeout=STEP_SECONDS)
            if kept.smtp_security == "starttls":
                self._server.starttls(context=context)
            if kept.smtp_user:
                password = kept.smtp_password.get_secret_value() if kept.smtp_password else ""
                self._server.login(kept.smtp_user, password)
        return self._server

    def _reset(self) -> None:
        """Ready for the next message on the same line, which is dropped where that fails."""
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _cut_off(self) -> None:
        """End what takes too long, from the watching thread: the waiting one then fails at once."""
        line = self._server.sock if self._server is not None else None
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


def letter_of(message: Message, sender: str) -> EmailMessage:
    """The message as a letter; its ``Message-ID`` is the id of the delivery.

    :raises ValueError: where the address is not that of one person.
    """
    if parseaddr(message.to) != ("", message.to):
        raise ValueError(message.to)
    letter = EmailMessage(policy=POLICY)
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    letter["Message-ID"] = f"<{message.id}@{domain}>"
    letter["Date"] = format_datetime(clock.now())
    letter["From"] = sender
    letter["To"] = message.to
    letter["Subject"] = one_line(message.heading, HEADING_MOST)
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday answers it
    parts = [f"{line.text}\n{line.link}" for line in message.lines]
    letter.set_content("\n\n".join([*parts, f"--\n{message.foot}"]) + "\n", cte="base64")
    return letter


def one_line(words: str, most: int) -> str:
    """A text without breaks, cut to a length."""
    joined = " ".join("".join(sign if sign.isprintable() else " " for sign in words).split())
    return joined if len(joined) <= most else f"{joined[: most - 1]}…"


def _refused(message: str, code: int, said: bytes | str, *, final: bool | None = None) -> Undelivered:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    why = Text(message, {"code": code, "said": one_line(words, SAID_MOST)})
    return Undelivered(why, final=code >= PERMANENT if final is None else final)


def _short(error: Exception) -> str:
    return one_line(str(error) or type(error).__name__, SAID_MOST)
