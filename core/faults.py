"""What pydantic has against a value, as objections whose texts can be translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from core.errors import Objection
from core.text import Text
from core.text import noop as _

FAULTS: Final[Mapping[str, str]] = {
    "missing": _("This field is needed"),
    "string_too_short": _("At least %(min_length)s characters are needed"),
    "string_too_long": _("At most %(max_length)s characters fit"),
    "string_type": _("A text is needed"),
    "string_unicode": _("The text holds characters that cannot be stored"),
    "string_pattern_mismatch": _("The text does not have the form that is asked for"),
    "int_parsing": _("A whole number is needed"),
    "int_type": _("A whole number is needed"),
    "int_from_float": _("A whole number is needed"),
    "int_parsing_size": _("The number is too large"),
    "float_parsing": _("A number is needed"),
    "float_type": _("A number is needed"),
    "finite_number": _("A number is needed"),
    "decimal_type": _("A number is needed"),
    "decimal_parsing": _("A number is needed"),
    "decimal_max_digits": _("At most %(max_digits)s digits fit"),
    "decimal_max_places": _("At most %(decimal_places)s digits fit behind the point"),
    "decimal_whole_digits": _("At most %(whole_digits)s digits fit before the point"),
    "multiple_of": _("It must be a multiple of %(multiple_of)s"),
    "bool_parsing": _("Yes or no is needed"),
    "bool_type": _("Yes or no is needed"),
    "date_type": _("A date is needed, as 2026-11-24"),
    "date_from_datetime_inexact": _("A date is needed, as 2026-11-24"),
    "date_from_datetime_parsing": _("A date is needed, as 2026-11-24"),
    "date_parsing": _("A date is needed, as 2026-11-24"),
    "datetime_type": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "datetime_object_invalid": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "timezone_aware": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "datetime_parsing": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "datetime_from_date_parsing": _("A date and time is needed, as 2026-11-24T08:30+08:00"),
    "greater_than_equal": _("It must be at least %(ge)s"),
    "greater_than": _("It must be more than %(gt)s"),
    "less_than_equal": _("It must be at most %(le)s"),
    "less_than": _("It must be less than %(lt)s"),
    "literal_error": _("Choose one of: %(expected)s"),
    "enum": _("Choose one of: %(expected)s"),
    "uuid_type": _("An id of the form 0190a0b0-0000-7000-8000-000000000000 is needed"),
    "uuid_parsing": _("An id of the form 0190a0b0-0000-7000-8000-000000000000 is needed"),
    "uuid_version": _("An id of the form 0190a0b0-0000-7000-8000-000000000000 is needed"),
    "list_type": _("A list is needed"),
    "dict_type": _("An object with named fields is needed"),
    "model_type": _("An object with named fields is needed"),
    "model_attributes_type": _("An object with named fields is needed"),
    "is_instance_of": _("A file is needed"),
    "none_required": _("Leave this empty"),
    "union_tag_not_found": _("It does not say what it is: %(discriminator)s is missing"),
    "union_tag_invalid": _("Choose one of: %(expected_tags)s"),
    "extra_forbidden": _("There is no such field"),
    "too_short": _("At least %(min_length)s entries are needed"),
    "too_long": _("At most %(max_length)s entries fit"),
}
"""Pydantic's error types that people meet, in words that can be translated."""


def faults_of(error: ValidationError, prefix: str = "") -> list[Objection]:
    """A model's faults as objections with JSON pointers below a prefix such as ``/form``."""
    return [
        Objection(fault_text(detail), pointer=prefix + pointer(detail["loc"]), code=detail["type"])
        for detail in error.errors(include_url=False)
    ]


def pointer(location: Sequence[int | str]) -> str:
    """JSON pointer (RFC 6901) of a place in a document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def fault_text(detail: ErrorDetails) -> Text:
    """One fault in words; a model's own validator says it in words that its catalogue knows."""
    context = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return Text(str(context["error"]).replace("%", "%%"))
    message = FAULTS.get(detail["type"])
    if message is None:
        return Text(_("The value does not fit: %(reason)s"), {"reason": detail["msg"]})
    return Text(message, context)
