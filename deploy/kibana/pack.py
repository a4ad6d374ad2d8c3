"""Saved objects of Kibana: decoded in files, encoded and joined to the NDJSON that an import takes.

A file holds one object and bears its id. What Kibana keeps as JSON inside a string stands in the file as plain JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Any, Final

import orjson

from indexing.generations.names import names

SavedObject = dict[str, Any]
LANGUAGES: Final = ("en", "ar")
PREFIX: Final = "rafid-"
# Keys whose value Kibana keeps as a string of JSON, for any object, and for a data view (its attributes alone).
_ENCODED: Final = frozenset({"panelsJSON", "optionsJSON", "searchSourceJSON", "ignoreParentSettingsJSON", "spec"})
_ENCODED_IN_VIEWS: Final = frozenset({"fieldFormatMap", "fieldAttrs", "runtimeFieldMap", "sourceFilters", "fields"})
# Keys whose value a person reads, and keys whose value holds none of these.
_SHOWN: Final = frozenset({"title", "description", "label"})
_NEVER_SHOWN: Final = frozenset({"references", "gridData", "marks", "scales", "_source", "aggs", "id", "type"})
# Dashboards and searches are one for each language; data views are shared.
_BY_LANGUAGE: Final = frozenset({"dashboard", "search"})


def saved_objects(language: str = "en", namespace: str = "news") -> list[SavedObject]:
    """Returns the objects for a language and a namespace, decoded; what others refer to comes first.

    Raises RafidError for a namespace that is none.
    """
    folder = files("deploy.kibana")
    objects = [json.loads(file.read_bytes()) for file in folder.joinpath("objects").iterdir() if file.name.endswith(".json")]
    objects.sort(key=lambda saved: (("index-pattern", "search", "dashboard").index(saved["type"]), saved["id"]))
    if language != "en":
        texts = json.loads(folder.joinpath(f"texts-{language}.json").read_bytes())
        objects = [_translated(saved, texts) if saved["type"] in _BY_LANGUAGE else saved for saved in objects]
    return [_renamed(saved, language, namespace, {each["id"]: each["type"] for each in objects}) for saved in objects]


def packed(objects: Iterable[SavedObject]) -> bytes:
    """Returns the objects as NDJSON: encoded as Kibana keeps them, keys sorted, the same bytes each time."""
    return b"".join(orjson.dumps(encoded(saved), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE) for saved in objects)


def encoded(saved: SavedObject) -> SavedObject:
    """Returns the object with its inner JSON as strings."""
    keys = _ENCODED | _ENCODED_IN_VIEWS if saved["type"] == "index-pattern" else _ENCODED
    return saved | {"attributes": _encoded(saved["attributes"], keys)}


def _encoded(value: Any, keys: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_encoded(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    out = {}
    for key, item in value.items():
        # A specification is a string whole; elsewhere a string of JSON may hold another.
        inner = item if key == "spec" else _encoded(item, keys)
        out[key] = orjson.dumps(inner, option=orjson.OPT_SORT_KEYS).decode() if key in keys else inner
    return out


def shown_texts(value: Any) -> Iterator[str]:
    """Yields the titles, descriptions and labels in a value, which are the texts that a person reads."""
    if isinstance(value, list):
        for item in value:
            yield from shown_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _SHOWN and isinstance(item, str) and item:
                yield item
            elif key not in _NEVER_SHOWN:
                yield from shown_texts(item)


def _translated(value: Any, texts: dict[str, str]) -> Any:
    """Returns the value with each text that the table knows in the other language; texts begin with a capital, fields do not."""
    if isinstance(value, list):
        return [_translated(item, texts) for item in value]
    if isinstance(value, dict):
        return {key: item if key in _NEVER_SHOWN else _translated(item, texts) for key, item in value.items()}
    return texts.get(value, value) if isinstance(value, str) else value


def _renamed(saved: SavedObject, language: str, namespace: str, types: dict[str, str]) -> SavedObject:
    """Returns the object under the ids of the language and the namespace, showing the indices of the namespace."""
    called = names(namespace)
    indices = {
        "articles": called.articles,
        "sightings": called.sightings,
        "news": called.everything,
        "news-dead-letters": f"{namespace}-dead-letters",
    }

    def renamed_id(name: str) -> str:
        own = name if namespace == "news" else f"{PREFIX}{namespace}-{name.removeprefix(PREFIX)}"
        return f"{own}-{language}" if language != "en" and types[name] in _BY_LANGUAGE else own

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(item) for item in value]
        if not isinstance(value, dict):
            return value
        out = {key: walk(item) for key, item in value.items()}
        if out.get("id") in types and "type" in out:
            out["id"] = renamed_id(out["id"])
        if "timeFieldName" in out:  # a data view, whose title is its index
            out["title"] = indices[out["title"]]
        if "body" in out and out.get("index") in indices:  # a question of Vega's
            out["index"] = indices[out["index"]]
        return out

    result: SavedObject = walk(saved)
    if namespace != "news" and saved["type"] != "index-pattern":
        result["attributes"]["title"] += f" ({namespace})"
    return result
