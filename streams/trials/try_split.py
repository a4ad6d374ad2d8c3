"""Trying the splitter on one's own text: JSON Lines for programs, a page in colours for the eye."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.identity import page_id
from streams.records import Article, MalformedRecord, Page
from streams.split.rules import SourceRules
from streams.split.segments import Cut, Kind, Segment
from streams.split.splitter import split
from streams.split.stories import articles

COLOURS: dict[Kind, str] = {
    "body": "default",
    "inline_teaser": "yellow",
    "similar_list": "cyan",
    "read_also_title": "bold magenta",
    "read_also_body": "magenta",
    "source_credit": "green",
    "keywords": "blue",
    "social": "bright_black",
    "copyright": "bright_black",
    "other_boilerplate": "bright_black",
}
# Nothing of a page is known but its text: the time only fills the field.
_FETCHED = "1970-01-01T00:00:00Z"
_TO_RIGHT = "\u200f"  # a right-to-left mark: a line that begins with a number or a bullet is still set from the right


def is_json_lines(start: bytes) -> bool:
    """Tells whether a file that begins so is JSON Lines: an object on its first line that is not blank."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def split_lines(lines: Iterable[bytes], rules: Mapping[str, SourceRules], *, why: bool) -> Iterator[bytes | MalformedRecord]:
    """Yields for each line that is not blank its page's id and segments as JSON, or the error, which names the line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            given, page = page_of_line(line, number)
        except MalformedRecord as exc:
            yield exc
            continue
        found = split(page, rules.get(page.source))
        yield orjson.dumps({"id": given, "segments": [_as_dict(segment, why=why) for segment in found.segments]})


def page_of_line(line: bytes, number: int) -> tuple[Any, Page]:
    """Returns the id as given, and a page with what the splitter looks at; raises MalformedRecord that names the line."""
    name = f"line {number}"
    try:
        fields = orjson.loads(line)
    except orjson.JSONDecodeError as exc:
        raise MalformedRecord(name, "", f"not JSON ({exc})") from None
    if not isinstance(fields, dict):
        raise MalformedRecord(name, "", "an object was expected")
    if not isinstance(fields.get("text"), str):
        raise MalformedRecord(name, "text", "a text was expected")
    looked_at = {key: fields[key] for key in ("text", "title", "url", "links") if fields.get(key) is not None}
    source = fields.get("source") or fields.get("site") or ""
    try:
        page = Page.from_dict({"id": "0" * 32, "fetched_at": _FETCHED, "source": str(source), **looked_at})
    except MalformedRecord as exc:
        raise MalformedRecord(name, exc.field, exc.reason) from None
    return fields.get("id"), page


def _as_dict(segment: Segment, *, why: bool) -> dict[str, Any]:
    out: dict[str, Any] = {"start": segment.start, "end": segment.end, "kind": segment.kind}
    if why:
        out["rule"] = segment.reason
    return out


def show(console: Console, text: str, title: str | None, source: str, rules: SourceRules | None) -> None:
    """Prints the page from right to left, each segment in the colour of its kind with its reason; then the stories it holds."""
    page = Page(id=page_id(None, source, title, text), source=source, title=title, text=text, fetched_at=_FETCHED)
    cut = split(page, rules)
    if console.is_terminal:
        _show_coloured(console, cut)
    else:
        for segment in cut.segments:
            console.print(Text(f"[{segment.kind}: {segment.reason}]"), soft_wrap=True)
            console.print(Text(text[segment.start : segment.end]), soft_wrap=True)
            console.print()
    console.print(_stories(articles(cut)), soft_wrap=not console.is_terminal)


def _show_coloured(console: Console, cut: Cut) -> None:
    for segment in cut.segments:
        colour = COLOURS[segment.kind]
        console.print(Text(f"{segment.kind} \u00b7 {segment.reason}", style=f"dim {colour}"))
        for line in cut.page.text[segment.start : segment.end].splitlines():
            console.print(Text(_TO_RIGHT + line, style=colour, justify="right"))
    counts = Counter(segment.kind for segment in cut.segments)
    console.rule(", ".join(f"{count} {kind}" for kind, count in counts.items()) or "an empty page")


def _stories(found: Sequence[Article]) -> Table:
    """Returns a line for each article: its role, words, title and what hangs on it."""
    out = Table(box=None, pad_edge=False)
    for column in ("story", "words", "teasers", "related", "credit", "keywords", "title"):
        out.add_column(column, justify="right" if column in ("words", "teasers", "related") else "left", overflow="fold")
    for article in found:
        out.add_row(
            article.role,
            str(len(article.body.split())),
            str(len(article.teasers)),
            str(len(article.related)),
            *(Text(value or "-") for value in (article.credit, article.keywords, article.title)),
        )
    return out
