"""What a page says of itself to machines: JSON-LD, and the state that script frameworks leave in it. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from lxml import etree

from producers.extract.names import NAMES
from streams.arabic.folding import fold

ARTICLE_TYPES: frozenset[str] = frozenset(NAMES["machines"]["article_types"])
LIST_TYPES: frozenset[str] = frozenset(NAMES["machines"]["list_types"])
_AROUND = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TAGS = re.compile(r"<[a-zA-Z/!][^>]*>")
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h\d)\b[^>]*>", re.IGNORECASE)
_BODY_KEYS: frozenset[str] = frozenset(NAMES["machines"]["body_keys"])
_STORY_KEYS: frozenset[str] = frozenset(NAMES["machines"]["story_keys"])
_ASSIGNMENT = re.compile(r"""\s*(?:window|self|globalThis)(?:\.\w+|\[["']\w+["']\])\s*=\s*(?=[{\[])""")
_DECODER = json.JSONDecoder(strict=False)
_MOST_HEADLINES = 2  # an article and what it answers, or a video in it
_MOST_NODES = 20_000  # a state of megabytes is walked so far and no further


def linked_data(root: etree._Element) -> list[dict[str, Any]]:
    """Returns every JSON-LD object of the page that has a type, `@graph` and lists opened; what cannot be read is left out."""
    out: list[dict[str, Any]] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or ""):
            out += _typed(_loads(script.text or ""))
    return out


def _loads(text: str) -> Any:
    text = _AROUND.sub("", text.strip()).strip().rstrip(";")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    for repaired in (text, re.sub(r",\s*([}\]])", r"\1", text), html.unescape(text)):
        try:
            return json.loads(repaired, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _typed(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    if depth > 4:
        return
    if isinstance(value, list):
        for item in value[:50]:
            yield from _typed(item, depth + 1)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        yield from _typed(value.get("@graph"), depth + 1)
        for key in ("mainEntity", "mainEntityOfPage"):
            if isinstance(value.get(key), dict):
                yield from _typed(value[key], depth + 1)


def types_of(node: dict[str, Any]) -> set[str]:
    """Returns the types of the object by their last names."""
    found = node.get("@type")
    names = found if isinstance(found, list) else [found]
    return {name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)}


def article_of(nodes: list[dict[str, Any]], title: str = "") -> dict[str, Any] | None:
    """Returns the object that describes the page's article: the first article with a headline, else the first article.

    Of three headlines or more, as lists of stories give them, it is that of the page's `title` or none.
    """
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    if len({node["headline"] for node in articles if isinstance(node.get("headline"), str)}) > _MOST_HEADLINES:
        articles = [node for node in articles if isinstance(node.get("headline"), str) and fold(node["headline"]) == fold(title)]
    articles.sort(key=lambda node: ("VideoObject" in types_of(node), not isinstance(node.get("headline"), str)))
    return articles[0] if articles else None


def article_body(article: dict[str, Any] | None) -> str:
    """Returns the article's text as the page gives it to machines, its markup removed; empty when there is none."""
    if article is None:
        return ""
    body = article.get("articleBody")
    if isinstance(body, list):
        body = "\n".join(part for part in body if isinstance(part, str))
    if not isinstance(body, str):
        return ""
    return plain_text(body)


def plain_text(markup: str) -> str:
    """Returns the text of a piece of markup, once or twice escaped, with a newline where a block ends."""
    for _ in range(2):
        if "&" in markup:
            markup = html.unescape(markup)
    if "<" in markup:
        markup = _TAGS.sub(" ", _BREAKS.sub("\n", markup))
    lines = (" ".join(line.split()) for line in markup.replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


class StateArticle(NamedTuple):
    """The longest text that the state of a script framework holds, and the object that says it."""

    text: str
    owner: dict[str, Any]

    def first(self, key: str) -> Any:
        """Returns the first value under one of the names of `key` in `names.toml`, in the object, or None."""
        names = {_plain_key(name): value for name, value in self.owner.items()}
        return next((names[name] for name in NAMES["machines"][key] if names.get(name)), None)


NO_STATE = StateArticle("", {})


def state_article(root: etree._Element) -> StateArticle:
    """Returns the longest text under a name for a body in the state that a script framework left, or NO_STATE."""
    best = NO_STATE
    for script in root.iter("script"):
        kind = script.get("type") or ""
        if "ld+json" in kind:
            continue
        is_json = "json" in kind or script.get("id") in ("__NEXT_DATA__", "__NUXT_DATA__", "ng-state", "serverApp-state")
        for found in _bodies(_loads(script.text or "") if is_json else _assigned(script.text or "")):
            if len(found.text) > len(best.text):
                best = found
    return best._replace(text=plain_text(best.text))


def _assigned(script: str) -> Any:
    """Returns the object that a script assigns to a variable of the window, or None."""
    found = _ASSIGNMENT.match(script)
    if found is None:
        return None
    try:
        return _DECODER.raw_decode(script, found.end())[0]
    except (ValueError, RecursionError):
        return None


def _bodies(value: Any) -> Iterator[StateArticle]:
    waiting: list[tuple[str, Any, dict[str, Any]]] = [("", value, {})]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        key, node, owner = waiting.pop()
        if isinstance(node, dict):
            waiting += ((name, inner, node) for name, inner in node.items())
        elif isinstance(node, list):
            if text := _joined(node):
                yield StateArticle(text, owner)
            waiting += ((key, item, owner) for item in node)
        elif isinstance(node, str) and len(node) > 100 and _plain_key(key) in _BODY_KEYS:
            yield StateArticle(node, owner)


def _joined(items: list[Any]) -> str:
    """Returns the texts of a list of paragraphs, each an object with a kind, a text and no address of its own; else empty."""
    texts = []
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("type") or item.get("kind"), str):
            return ""
        named = {_plain_key(name): inner for name, inner in item.items()}
        if named.keys() & _STORY_KEYS:
            return ""
        texts += [inner for name, inner in named.items() if name in _BODY_KEYS and isinstance(inner, str)][:1]
    return "\n".join(texts) if len(texts) > 1 else ""


def _plain_key(name: str) -> str:
    return name.lower().replace("-", "_")


def names_of(value: Any) -> str | None:
    """Returns the names in an author's or section's value of any shape, joined by a comma, or None."""
    names: list[str] = []
    waiting = [value]
    while waiting and len(names) < 10:
        node = waiting.pop(0)
        if isinstance(node, str):
            name = " ".join(html.unescape(node).split())
            if name and not name.startswith("http") and name not in names:
                names.append(name)
        elif isinstance(node, list):
            waiting += node[:10]
        elif isinstance(node, dict):
            waiting.append(node.get("name"))
    return "، ".join(names) or None
