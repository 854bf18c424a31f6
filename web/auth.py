"""Who asks: the person of each request, from the session cookie or a bearer token; and the guard against forgery."""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import quote, unquote, urlsplit

from flask import Flask, Response, current_app, g, redirect, request
from flask.typing import ResponseReturnValue

from core.access.policy import require
from core.access.recognising import recognise
from core.access.sessions import CHOOSE_FIRST
from core.actor import Actor
from core.errors import Forbidden, Unauthenticated
from core.settings import get_settings
from core.text import noop as _

View = TypeVar("View", bound=Callable[..., Any])

OPEN: Final = frozenset({"/login", "/healthz", "/readyz", "/api/v1/openapi.json", "/settings/view"})
"""Paths that need nobody signed in."""
OPEN_BELOW: Final = ("/static/", "/problems/", "/settings/logo/")
BASIC_BELOW: Final = "/ogc"
"""Below it a token may also come as the password of HTTP Basic: GIS programs ask people in no other way."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PASSWORD_PAGE: Final = "/account/password"
FIELD: Final = "csrf_token"
HEADER: Final = "X-CSRF-Token"
LEADING_AWAY: Final = ("//", "/./", "/..", "\\")
"""What a path of ours never holds, and what a browser or a proxy may shorten to the address of another host."""
FORM_BYTES: Final = 2_000_000
"""The longest body that is read where no file is sent."""
OPEN_FORM_BYTES: Final = 16_000
"""The longest body that is read of somebody who is not signed in."""


def init_app(app: Flask) -> None:
    """Recognise the person of every request, and turn away whom the path is not for."""
    app.before_request(_recognise)
    app.before_request(_guard)


def cookie_name() -> str:
    """Name of the session cookie; under TLS bound to the host."""
    return "__Host-wangge" if get_settings().secure_cookies else "wangge"


def set_session_cookie(answer: Response, token: str) -> None:
    """Give the browser its session."""
    answer.set_cookie(
        cookie_name(), token, httponly=True, samesite="Lax", secure=get_settings().secure_cookies, path="/"
    )


def current_actor() -> Actor | None:
    """Who asks; ``None`` before login."""
    found = g.get("actor")
    return found if isinstance(found, Actor) else None


def csrf_token() -> str:
    """The token that forms of this browser carry, under a mask of this request's own.

    Pages are sent packed, and from the lengths of many packed pages a text that is the same in all could be guessed.
    """
    if "csrf_mask" not in g:
        g.csrf_mask = secrets.token_bytes(hashlib.sha256().digest_size)
    mask: bytes = g.csrf_mask
    return (mask + _xor(mask, _form_secret())).hex()


def _is_form_token(sent: str) -> bool:
    try:
        given = bytes.fromhex(sent)
    except ValueError:
        return False
    expected = _form_secret()
    mask, masked = given[: len(expected)], given[len(expected) :]
    return len(masked) == len(expected) and hmac.compare_digest(_xor(mask, masked), expected)


def _form_secret() -> bytes:
    basis = request.cookies.get(cookie_name(), "anonymous")
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"csrf:{basis}".encode(), hashlib.sha256).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def signed_in(view: View) -> View:
    """Only for people who are signed in."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if current_actor() is None:
            raise Unauthenticated(_("Please sign in"))
        return view(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


def needs(action: str) -> Callable[[View], View]:
    """Only for people who may do ``action`` somewhere."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            actor = current_actor()
            if actor is None:
                raise Unauthenticated(_("Please sign in"))
            require(actor, action)
            return view(*args, **kwargs)

        return wrapped  # type: ignore[return-value]

    return decorate


def once_recognised(app: Flask, function: Callable[[], None]) -> None:
    """Call a function with each request: the person is known, and nothing is refused yet."""
    functions = app.before_request_funcs[None]
    functions.insert(functions.index(_guard), function)


def takes_upload(view: View) -> View:
    """A view that files are sent to: its body may be as long as the setting ``upload_mb`` says."""
    view.takes_upload = True  # type: ignore[attr-defined]
    return view


def local_path(wanted: str | None) -> str:
    """A path of this site to go to after login; anything else becomes the map."""
    local = wanted is not None and wanted.startswith("/") and wanted.isprintable()
    path = unquote(wanted.partition("?")[0]) if wanted and local else "//"
    return wanted if wanted and not any(sign in path for sign in LEADING_AWAY) else "/map"


def _recognise() -> None:
    g.actor = None
    g.must_change_password = False
    bearer = _token()
    g.by_cookie = bearer is None
    token = bearer if bearer is not None else request.cookies.get(cookie_name())
    if bearer is None and (not token or request.path.startswith("/static/")):
        return
    found = recognise(token or "", bearer=bearer is not None)
    if found is not None:
        g.actor, g.session_id = found.actor, found.session_id
        g.must_change_password, g.plugin_epoch = found.must_change_password, found.plugin_epoch
    elif bearer is not None:
        raise Unauthenticated(_("This token is not valid; ask for a new one"))


def _token() -> str | None:
    """The token that a program shows."""
    scheme, _space, bearer = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip()
    basic = request.authorization if for_programs(request.path) else None
    return (basic.password or "") if basic is not None and basic.type == "basic" else None


def for_programs(path: str) -> bool:
    """Whether an address is one of OGC API."""
    return path == BASIC_BELOW or path.startswith(f"{BASIC_BELOW}/")


def _guard() -> ResponseReturnValue | None:
    is_open = request.path in OPEN or request.path.startswith(OPEN_BELOW)
    request.max_content_length = _longest_body()
    if g.actor is None and not is_open:  # before anything reads the body
        is_part = "HX-Request" in request.headers  # a login page would land inside the page that stands
        is_program = request.path.startswith(("/api/", "/tiles/")) or _asks_as_program()
        if is_part or is_program or request.method not in SAFE_METHODS:
            raise Unauthenticated(_("Please sign in"))
        here = request.full_path if request.query_string else request.path
        return redirect(f"/login?next={quote(here)}")
    if request.method not in SAFE_METHODS and g.by_cookie:
        _refuse_forgery()
    if is_open:
        return None
    if g.must_change_password and g.by_cookie and request.path not in {PASSWORD_PAGE, "/logout"}:
        if request.path.startswith("/api/"):
            raise Forbidden(CHOOSE_FIRST)
        return redirect(PASSWORD_PAGE)
    return None


def wants_page() -> bool:
    """Whether the asker rather has a page than JSON: a person with a browser."""
    return request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"


def _asks_as_program() -> bool:
    return for_programs(request.path) and not wants_page()


def _longest_body() -> int:
    if g.actor is None:
        return OPEN_FORM_BYTES
    view = current_app.view_functions.get(request.endpoint or "")
    return get_settings().upload_mb * 1_000_000 if getattr(view, "takes_upload", False) else FORM_BYTES


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _refuse_forgery() -> None:
    """Unsafe requests of a browser carry the form token and come from this very site."""
    origin = request.headers.get("Origin")
    if origin and _host_of(origin) != request.host:
        raise Forbidden(_("This form was sent from another site"))
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _is_form_token(sent):
        raise Forbidden(_("This form has expired; open the page again and send it once more"))
