"""A rule file from what was learned: each rule with its count and examples as comments, for a person to read. Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

from streams.split.spelling import dense
from streams.trials.learn_rules import Found, Learned

_LONGEST_EXAMPLE = 90  # code points; chosen by reading


def rule_file(learned: Learned) -> str:
    """Returns the rule file as text; the reader of rule files takes it as it is."""
    return "\n".join(_lines(learned)) + "\n"


def _lines(learned: Learned) -> Iterator[str]:
    yield f"# Learned from {learned.pages:,} pages of {learned.source}: {learned.stories:,} stories, {learned.titles:,} titles."
    yield "# Read each rule, delete what is wrong, and give the file to `rafid worker split --rules FILE`."
    yield f"[sources.{_quoted(learned.source)}]"
    lines = [found for found in learned.proposed if found.sort == "line"]
    tails = [found for found in learned.proposed if found.sort == "tail"]
    headed = [found for found in learned.proposed if found.sort in ("heading", "opening")]
    yield from _list("lines", lines)
    yield from _list("tails", tails)
    if headed:
        yield "markers = ["
        for found in _distinct(headed):
            yield f"    # in {found.stories} stories with titles of {found.titles} other pages: {_examples(found)}"
            yield f"    {_marker(found)},"
        yield "]"
    if learned.left_alone:
        yield ""
        yield "# Left alone, although it comes again; put it into a list above if you know better:"
        for found in learned.left_alone:
            yield f"# {found.stories} stories, {found.sort} {_quoted(_shown(found.words))}: {found.why_not}"


def _list(name: str, found: list[Found]) -> Iterator[str]:
    if found:
        yield f"{name} = ["
        for one in _distinct(found):
            yield f"    # in {one.stories} stories: {_examples(one)}"
            yield f"    {_quoted(one.words)},"
        yield "]"


def _distinct(found: list[Found]) -> list[Found]:
    """Returns those found, words that are spelled alike once: a rule file has each word once."""
    out: dict[str, Found] = {}
    for one in found:
        out.setdefault(dense(one.words), one)
    return list(out.values())


def _marker(found: Found) -> str:
    form = "alone" if found.sort == "heading" else "heading"
    flag = ", tail = true" if found.has_colon else ", inline = true" if found.is_glued else ""
    return f'{{ opens = "list", form = "{form}"{flag}, words = [{_quoted(found.words)}] }}'


def _examples(found: Found) -> str:
    return " | ".join(map(_shown, found.examples)) or "(pages without titles)"


def _shown(text: str) -> str:
    text = _visible(text)
    return text if len(text) <= _LONGEST_EXAMPLE else text[:_LONGEST_EXAMPLE] + "..."


def _visible(text: str) -> str:
    """Returns the text on one line, without characters that nobody sees: they match without them too."""
    return " ".join("".join(char for char in " ".join(text.split()) if unicodedata.category(char) not in _HIDDEN).split())


_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")


def _quoted(text: str) -> str:
    return json.dumps(_visible(text), ensure_ascii=False)  # a basic string of TOML
