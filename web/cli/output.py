"""How every command speaks: results on stdout (text or JSON), everything else on stderr, honest exit codes."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar

import click

from core.errors import DomainError
from core.intake.refusals import Code, Remedy
from core.text import Text
from core.text import noop as _
from web.i18n import translate_text
from web.objection_values import objection_values

REFUSED = 1
FORM = "/form/"
AS_JSON = f"{__name__}.as_json"
"""Where a command's context remembers that JSON was asked for."""

Command = TypeVar("Command", bound=Callable[..., Any])


def json_option(command: Command) -> Command:
    """Add ``--json`` (parameter ``as_json``)."""
    return click.option(
        "--json", "as_json", is_flag=True, callback=_remember, help="One JSON object, or JSON lines, on stdout."
    )(command)


def _remember(ctx: click.Context, _option: click.Parameter, as_json: bool) -> bool:
    ctx.meta[AS_JSON] = as_json
    return as_json


def answer(result: Mapping[str, Any], as_json: bool, text: Callable[[Mapping[str, Any]], str]) -> None:
    """Print one result as JSON or as text."""
    click.echo(json.dumps(result, ensure_ascii=False, default=_plain) if as_json else text(result))


def _plain(value: object) -> str:
    """A value that JSON has no form of; times by RFC 3339."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def answer_lines(rows: Iterable[Mapping[str, Any]], as_json: bool, text: Callable[[Mapping[str, Any]], str]) -> None:
    """Print rows as JSON lines or as text lines."""
    for row in rows:
        answer(row, as_json, text)


def said_with(words: Mapping[Code, str], reason: Text, remedies: Iterable[Remedy]) -> str:
    """Why a file is refused, and what the command can do about it.

    :param words: of each remedy that it knows, in its own options.
    """
    ways = [Text(words[each.code], each.params) for each in remedies if each.code in words]
    return ". ".join(translate_text(part) for part in (reason, *ways))


def say(message: str) -> None:
    """A remark for the person at the terminal, on stderr."""
    click.echo(message, err=True)


def refuse(message: str) -> NoReturn:
    """End with exit code 1 and a reason on stderr."""
    say(message)
    sys.exit(REFUSED)


def refuse_with(error: DomainError, ctx: click.Context) -> NoReturn:
    """End with exit code 1: the reason on stderr, and on stdout as JSON where that was asked for."""
    if ctx.meta.get(AS_JSON):
        answer(problem_values(error), True, str)
    refuse(explain(error))


def problem_values(error: DomainError) -> dict[str, Any]:
    """An error as the API's problems say it: ``detail``, ``errors``, and its facts."""
    return {"detail": translate_text(error.text), "errors": objection_values(error), **error.facts()}


def explain(error: DomainError) -> str:
    """An error and its objections as lines, in the user's language; those of a kind's form begin with its field."""
    whole = translate_text(error.text)
    lines = [whole]
    if "lon" in error.facts():
        lines.append(translate_text(Text(_("at %(lon)s, %(lat)s"), error.facts())))
    for objection in error.objections:
        detail = translate_text(objection.text)
        if detail in whole:
            continue
        field = f"{objection.pointer.removeprefix(FORM)}: " if objection.pointer.startswith(FORM) else ""
        lines.append(f"- {field}{detail}")
        if objection.mend:
            lines.append(f"  {translate_text(objection.mend)}")
    return "\n".join(lines)
