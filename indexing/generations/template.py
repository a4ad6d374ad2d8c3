"""The index template: the readable files of `schema/`, joined once into what Elasticsearch takes."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import orjson

from indexing.generations.names import Names, names
from streams.records import SIGHTINGS

PRIORITY = 500
SEARCH_ONLY = ("ar_syn",)  # filters that no document passes: changing them asks for no reindex
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")


def index_template(namespace: str = "news", generation: int = 1, *, live: bool = True) -> dict[str, Any]:
    """The body of `put_index_template` for the indices of this namespace and generation.

    Settings, mappings with `_meta.version`, and the aliases that a new month comes with. A generation that is not `live` is
    found under its building alias alone, so that no search counts a story twice.
    """
    called = names(namespace, generation)
    return {
        "index_patterns": [called.pattern],
        "priority": PRIORITY,
        "template": {
            "settings": {"index": _json("settings.json") | {"analysis": analysis()}},
            "mappings": mappings() | {"_meta": {"version": VERSION, "namespace": namespace, "generation": generation}},
            "aliases": aliases(called) if live else {called.building: {}},
        },
        "_meta": {"version": VERSION},
    }


def aliases(called: Names) -> dict[str, dict[str, Any]]:
    """The aliases of a live index: all documents, articles (no copies), sightings (nothing but copies)."""
    sighting = {"terms": {"kind": sorted(SIGHTINGS)}}
    return {
        called.everything: {},
        called.articles: {"filter": {"bool": {"must_not": sighting}}},
        called.sightings: {"filter": sighting},
    }


def plain_index() -> dict[str, Any]:
    """Settings and mappings for an index outside of the family, such as a test collection: the same fields and analysis."""
    return {
        "settings": {"index": _json("settings.json") | {"analysis": analysis()}},
        "mappings": mappings() | {"_meta": {"version": VERSION}},
    }


def analysis() -> dict[str, Any]:
    """The analysis settings with every `{"from": [file, ...]}` replaced by the rules of those files."""
    filled: dict[str, Any] = _fill(_json("analysis.json"))
    return filled


def mappings() -> dict[str, Any]:
    """The mappings of every index."""
    return _json("mappings.json")


def char_map(*files: str) -> dict[str, str]:
    """Character rules of the files as one map for one pass: a later file also applies to what the earlier ones give."""
    joined: dict[str, str] = {}
    for file in files:
        rules = dict(_pair(line) for line in lines(file))
        joined = {key: _apply(rules, value) for key, value in joined.items()} | rules
    return joined


def folded(text: str) -> str:
    """The text as the tokenizer sees it at indexing and search: marks and invisible characters gone, letters and case folded."""
    longer, rules, letters = _folding()
    return longer.sub(lambda found: rules[found[0]], text).translate(letters)


@functools.cache
def stop_words() -> frozenset[str]:
    """The words that the index leaves out, except in `title.norm`."""
    return frozenset(lines("stop_words.txt"))


def lines(file: str) -> list[str]:
    """The rules of a file of `schema/`, one a line, without comments and empty lines."""
    stripped = (_COMMENT.sub("", line).strip() for line in _text(file).splitlines())
    return [line for line in stripped if line]


def _fill(node: Any) -> Any:
    if isinstance(node, Mapping):
        if node.keys() == {"from"}:
            return _rules(*node["from"])
        return {key: _fill(value) for key, value in node.items()}
    return node


def _rules(*files: str) -> list[str]:
    if files[0].startswith("char_"):
        return [f"{_escaped(key)}=>{_escaped(value)}" for key, value in char_map(*files).items()]
    return [rule for file in files for rule in lines(file)]


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=>")
    return _unescaped(key.strip()), _unescaped(value.strip())


def _apply(rules: Mapping[str, str], text: str) -> str:
    return "".join(_replaced(rules, text))


def _replaced(rules: Mapping[str, str], text: str) -> Iterator[str]:
    """What a `mapping` filter with these rules makes of the text: at each place the longest key wins."""
    longest = max(map(len, rules))
    at = 0
    while at < len(text):
        size = next((n for n in range(longest, 0, -1) if text[at : at + n] in rules), 1)
        piece = text[at : at + size]
        yield rules.get(piece, piece)
        at += len(piece)


@functools.cache
def _folding() -> tuple[re.Pattern[str], dict[str, str], dict[int, str]]:
    """The rules of `ar_map`: a pattern of the keys of several letters, longest first; all rules; those of one letter."""
    rules = char_map(*_json("analysis.json")["char_filter"]["ar_map"]["mappings"]["from"])
    several = sorted((key for key in rules if len(key) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, several))), rules, {ord(key): rules[key] for key in rules if len(key) == 1}


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _escaped(text: str) -> str:
    """Every character as its escape: the filter trims plain spaces, and nobody can mistake an invisible one."""
    return "".join(f"\\u{ord(char):04X}" for char in text)


@functools.cache
def _text(file: str) -> str:
    return resources.files("indexing").joinpath("schema", file).read_text(encoding="utf-8")


def _json(file: str) -> dict[str, Any]:
    parsed: dict[str, Any] = orjson.loads(_text(file))
    return parsed


def _version() -> str:
    """12 hexadecimal digits that change when what a document leaves in the index changes: nobody has to raise a number."""
    indexed = analysis()
    indexed["filter"] = {name: rule for name, rule in indexed["filter"].items() if name not in SEARCH_ONLY}
    content = orjson.dumps([indexed, mappings()], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(content, digest_size=6).hexdigest()


VERSION = _version()
