"""Values that were written as text: sections of CDATA, lists and objects. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from producers.values.repairs import Repairs
from streams.loose_json import literal

BETWEEN_TAGS = re.compile(r"[,،;؛|\n]")
_CDATA = re.compile(r"(?:<|&(?:amp;)?lt;)!\[CDATA\[|\]\](?:>|&(?:amp;)?gt;)")
_DEEPEST = 8  # of an author in an object in a list, and more
_CLOSING = {"[": "]", "{": "}"}
_BETWEEN_OF_NUMPY = re.compile(r"(?<=['\"])\s+(?=['\"])")
_ARRAY_OF_POSTGRES = re.compile(r"\{([^{}:\[\]]*)\}")


def opened(value: Any, field: str, repairs: Repairs, *, may_be_array: bool = False, depth: int = 0) -> Any:
    """Returns the value that was meant; `may_be_array` says that `{a,b}` of PostgreSQL is a list of words."""
    if depth > _DEEPEST:
        return value
    if isinstance(value, str):
        return _opened_text(value, field, repairs, may_be_array=may_be_array)
    if isinstance(value, list | tuple):
        return [opened(item, field, repairs, depth=depth + 1) for item in value]
    if isinstance(value, dict):
        return {name: opened(item, field, repairs, depth=depth + 1) for name, item in value.items()}
    return value


def _opened_text(text: str, field: str, repairs: Repairs, *, may_be_array: bool) -> Any:
    if "CDATA[" in text:
        bare = _CDATA.sub("", text)
        if bare != text:
            repairs.add(field, "CDATA taken off")
            text = bare.strip()
    found = _listed(text.strip(), may_be_array=may_be_array)
    if found is None:
        return text
    repairs.add(field, "a list or an object in a text")
    return found


def _listed(text: str, *, may_be_array: bool) -> list[Any] | dict[str, Any] | None:
    """Returns the list of texts, or the object, that the text is; None for any other text, such as a title in brackets."""
    if not text or text[-1] != _CLOSING.get(text[0]):
        return None
    for read in (json.loads, lambda text: literal(_BETWEEN_OF_NUMPY.sub(", ", text))):
        try:
            found = read(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) or (isinstance(found, list) and all(map(_may_be_text, found))):
            return found
        return None
    array = _ARRAY_OF_POSTGRES.fullmatch(text) if may_be_array else None
    return [part.strip().strip('"') for part in array[1].split(",")] if array else None


def _may_be_text(value: Any) -> bool:
    return value is None or isinstance(value, str | dict)
