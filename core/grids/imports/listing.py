"""The list of a layer's defects with what was decided of each, as a file beside the upload: it may be long."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

LIST: Final = "repair.json"


def keep_list(folder: Path, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """Keep a list, or forget the former one where there is none; gives its token and how long it is."""
    path = folder / LIST
    if found is None:
        path.unlink(missing_ok=True)
        return None
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    draft.rename(path)
    return {"list": found["list"], "count": len(found["defects"])}


def kept_list(folder: Path) -> dict[str, Any] | None:
    """The list of the last check, its texts as ``Text.to_json`` gave them; ``None`` where none was asked for."""
    path = folder / LIST
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found
