"""The index template: the readable files of `schema/`, joined once into what Elasticsearch takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from indexing.generations.names import ALL_BY_MONTH, names
from indexing.schema.reading import analysis, mappings, read_json, template_version
from streams.records import SIGHTINGS

PRIORITY = 500


def index_template(
    namespace: str = "news",
    generation: int = 1,
    *,
    live: bool = True,
    public: Iterable[str] | None = None,
    monthly_from: str = ALL_BY_MONTH,
) -> dict[str, Any]:
    """Returns the body of `put_index_template` for the indices of this namespace and generation.

    Settings, mappings with `_meta.version` and the month from which each has an index (where there is one), and the aliases
    that a new index comes with: those of the namespaces in `public` (default: its own). A generation that is not `live` is found
    under its building alias alone, so that no search counts a story twice.
    """
    called = names(namespace, generation)
    kept: dict[str, Any] = {} if monthly_from == ALL_BY_MONTH else {"monthly_from": monthly_from}
    return {
        "index_patterns": [called.pattern],
        "priority": PRIORITY,
        "template": {
            "settings": {"index": read_json("settings.json") | {"analysis": analysis()}},
            "mappings": mappings()
            | {"_meta": {"version": template_version(), "namespace": namespace, "generation": generation} | kept},
            "aliases": aliases([namespace] if public is None else public) if live else {called.building: {}},
        },
        "_meta": {"version": template_version()} | kept,
    }


def aliases(public: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Returns the aliases of these namespaces: each has all documents, articles (no copies) and sightings (copies alone)."""
    sighting = {"terms": {"kind": sorted(SIGHTINGS)}}
    found: dict[str, dict[str, Any]] = {}
    for called in map(names, public):
        found[called.everything] = {}
        found[called.articles] = {"filter": {"bool": {"must_not": sighting}}}
        found[called.sightings] = {"filter": sighting}
    return found


def plain_index() -> dict[str, Any]:
    """Returns settings and mappings of the same fields and analysis for an index of another family, such as a test collection."""
    return {
        "settings": {"index": read_json("settings.json") | {"analysis": analysis()}},
        "mappings": mappings() | {"_meta": {"version": template_version()}},
    }
