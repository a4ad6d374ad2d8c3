"""The text of documents that editors keep as trees of JSON: blocks, spans, lists, links. Pure.

Known are Editor.js, Draft.js, Lexical, ProseMirror and Tiptap, Slate, Portable Text, Contentful, Quill, and Telegram's export.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_KINDS = ("type", "nodeType", "_type")
_INNER = ("children", "content", "text", "value", "data", "items", "blocks", "ops", "insert", "root")
_TREES = frozenset({"doc", "document", "root"})
_INLINE = re.compile(
    r"(?:text|plain|span|code|link|a|auto-?link|bold|italic|strong|em|underline|strike\w*|mention\w*|hash-?tag|cashtag|bot_command|"
    r"url|email|phone\w*|text_link|custom_emoji|spoiler|(?:entry-|asset-)?hyperlink)",
    re.IGNORECASE,
)
_BREAK = re.compile(r"hard-?break|line-?break|br", re.IGNORECASE)
_DEEPEST = 40  # lists in lists in quotations, and more
_EMPTY_LINES = re.compile(r"\s*\n\s*\n\s*")


def text_of_tree(value: Any) -> str | None:
    """Returns the text of a tree that an editor made, a blank line between its blocks; None for any other value."""
    if not _is_tree(value):
        return None
    out, block = [], list[str]()
    for piece in (*_pieces(value, 0), None):
        if piece is not None:
            block.append(piece)
        elif block:
            out.append("".join(block).strip())
            block.clear()
    return _EMPTY_LINES.sub("\n\n", "\n\n".join(filter(None, out))) or None


def _is_tree(value: Any) -> bool:
    if isinstance(value, dict):
        root = value.get("root")
        return (
            (isinstance(root, dict) and isinstance(root.get("children"), list))
            or (isinstance(value.get("ops"), list) and any(isinstance(op, dict) and "insert" in op for op in value["ops"]))
            or (isinstance(value.get("blocks"), list) and all(isinstance(block, dict) for block in value["blocks"]))
            or (_kind(value) in _TREES and any(isinstance(value.get(name), list) for name in ("content", "children")))
        )
    if not isinstance(value, list):
        return False
    objects = [item for item in value if isinstance(item, dict)]
    has_spans = any(isinstance(item.get("children"), list) or (_kind(item) and _is_list(item.get("content"))) for item in objects)
    is_mixed = any(isinstance(item, str) for item in value) and any(
        isinstance(item.get("text"), str) and _INLINE.fullmatch(_kind(item)) for item in objects
    )
    return has_spans or is_mixed


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)


def _kind(node: dict[str, Any]) -> str:
    return next((node[name] for name in _KINDS if isinstance(node.get(name), str)), "")


def _pieces(node: Any, depth: int) -> Iterator[str | None]:
    """Yields the pieces of text below a node in order, and None wherever a block begins or ends."""
    if isinstance(node, str):
        lines = node.split("\n")  # of Quill, which ends each of its blocks with one
        yield lines[0]
        for line in lines[1:]:
            yield from ("\n", line)
    elif isinstance(node, list) and depth < _DEEPEST:
        for item in node:
            yield from _pieces(item, depth + 1)
    elif isinstance(node, dict) and depth < _DEEPEST:
        yield from _of_object(node, depth)


def _of_object(node: dict[str, Any], depth: int) -> Iterator[str | None]:
    kind = _kind(node)
    if _BREAK.fullmatch(kind):
        yield "\n"
        return
    inner = next((node[name] for name in _INNER if node.get(name)), None)
    is_inline = bool(_INLINE.fullmatch(kind)) or (not kind and isinstance(inner, str))
    if not is_inline:
        yield None
    yield from _pieces(inner, depth + 1)
    if not is_inline:
        yield None
