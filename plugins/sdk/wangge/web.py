"""Pages and API of a plugin."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template

from web.auth import takes_upload
from web.db import actor, read, write

__all__ = ["actor", "api", "pages", "read", "render_template", "takes_upload", "write"]


def pages(import_name: str) -> APIBlueprint:
    """A blueprint for pages, mounted at ``/p/<plugin>``; templates lie in ``templates/<plugin>/`` beside it."""
    return APIBlueprint("pages", import_name, template_folder="templates", enable_openapi=False)


def api(import_name: str) -> APIBlueprint:
    """A blueprint for programs, mounted at ``/api/v1/p/<plugin>`` and described in the OpenAPI document."""
    return APIBlueprint("api", import_name)
