"""`rafid split-rules learn`: the pages of one source, from files or the topic of pages, become a rule file to read."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

import click
import orjson

from producers.inputs import LINES, MAX_LINE_BYTES, Input, InputLine, Unreadable, inputs, lines, read_whole
from producers.page_fields import PageTooLarge, page_of_line, page_of_text
from producers.values.defaults import Defaults
from streams.commands import rules_option, split_rules
from streams.connect.kafka import KafkaSettings, kafka_options_unless
from streams.errors import RafidError
from streams.records import MalformedRecord, Page, decode_strict
from streams.runtime.options import json_option
from streams.split.rules import read_rules
from streams.topics import topics
from streams.trials.learn_rules import MAX_CODE_POINTS, MAX_PAGES, Learned, changed, learn
from streams.trials.proposed_rules import rule_file

SHOWN_REFUSALS = 5
_SHOWN_SOURCES = 5


class _Gathered(NamedTuple):
    """The last pages of one source, as many as are held at once, and how many pages of each source there were."""

    pages: list[Page]
    seen: Counter[str]


@click.command("learn")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, allow_dash=True), metavar="[PAGES]...")
@click.option("--source", envvar="RAFID_SOURCE", required=True, help="The source to learn, as its pages name it.")
@rules_option
@click.option(
    "--to",
    envvar="RAFID_LEARNED_RULES",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the rules, which is written anew.  [default: standard output]",
)
@json_option
@kafka_options_unless("paths")
def learn_split_rules(
    paths: tuple[str, ...], *, source: str, rules: IO[str] | None, to: Path | None, as_json: bool, kafka: KafkaSettings | None
) -> None:
    """Propose rules for one source from its PAGES: files as `rafid produce files` takes them, - for standard input.

    Without PAGES, from what is on the topic news.pages. A page that names no source is taken for one of SOURCE. The last
    20,000 pages count, of 25 million characters together. Proposed are words above titles of other pages, lines and ends of lines
    that come again in stories of every subject, each with its count and examples; what comes again and is left alone is
    listed with the reason. Nothing is changed: read the file, and give it to `rafid worker split --rules`.
    """
    known = split_rules(rules).get(source) if rules else None
    gathered = _gathered(_pages_of_topic(kafka) if kafka else _pages_of_files(paths, source), source)
    if not gathered.pages:
        others = ", ".join(f"{name} ({count:,})" for name, count in gathered.seen.most_common(_SHOWN_SOURCES))
        raise RafidError(f"no page of {source}; {f'there are pages of {others}' if others else 'there are no pages at all'}")
    learned = learn(source, gathered.pages, known)
    text = rule_file(learned)
    if as_json:
        click.echo(orjson.dumps(learned))
    elif to is None:
        click.echo(text, nl=False)
    if to is not None:
        to.write_text(text, encoding="utf-8")
    click.echo(_summary(learned, gathered, text, to), err=True)


def _summary(learned: Learned, gathered: _Gathered, text: str, to: Path | None) -> str:
    rules = read_rules(text)[learned.source]
    pages, words = changed(gathered.pages, None, rules) if learned.proposed else (0, 0)
    held = len(gathered.pages)
    unread = gathered.seen[learned.source] - held
    return (
        f"{learned.source}: {len(learned.proposed)} rules proposed, {len(learned.left_alone)} more words that recur left alone; "
        f"from {held:,} pages{f' (the last; {unread:,} before them were not looked at)' if unread else ''}. "
        f"They take {words:,} words out of the bodies of {pages:,} pages{f': {to}' if to else ''}"
    )


def _gathered(pages: Iterable[Page], source: str) -> _Gathered:
    held: deque[Page] = deque()
    seen: Counter[str] = Counter()
    length = 0
    for page in pages:
        seen[page.source] += 1
        if page.source != source:
            continue
        held.append(page)
        length += len(page.text)
        while len(held) > MAX_PAGES or (length > MAX_CODE_POINTS and len(held) > 1):
            length -= len(held.popleft().text)
    return _Gathered(list(held), seen)


def _pages_of_files(paths: tuple[str, ...], source: str) -> Iterator[Page]:
    """Yields the pages of the files; a line that is no page is named on standard error, and the rest goes on."""
    defaults, now = Defaults(source=source), datetime.now(UTC)
    refused = 0
    for found in itertools.chain.from_iterable(map(inputs, paths)):
        try:
            for line in lines(found, lambda _: None) if found.kind == LINES else [read_whole(found, lambda _: None)]:
                try:
                    yield _page(found, line, defaults, now)
                except (MalformedRecord, PageTooLarge) as exc:
                    refused += 1
                    if refused <= SHOWN_REFUSALS:
                        click.echo(f"rafid: {found.name}:{line.number}: {exc}", err=True)
        except Unreadable as exc:
            click.echo(f"rafid: {exc}", err=True)
    if refused:
        click.echo(f"rafid: {refused:,} lines are no pages and were left out", err=True)


def _page(found: Input, line: InputLine, defaults: Defaults, now: datetime) -> Page:
    if line.length > MAX_LINE_BYTES:
        raise PageTooLarge(f"{line.length:,} bytes; {MAX_LINE_BYTES:,} may be one page")
    if found.kind == LINES:
        return page_of_line(line.data, defaults, now)
    return page_of_text(line.data, found.name, defaults, now)


def _pages_of_topic(kafka: KafkaSettings) -> Iterator[Page]:
    """Yields the pages that lie on the topic of pages at the time of the call, those of all partitions side by side."""
    from streams.connect import clients, reading  # noqa: PLC0415 - files need no Kafka

    pages = topics(kafka.namespace).pages
    with clients.open_consumer(kafka) as consumer:
        span = reading.Span(pages.name, reading.beginnings(consumer, pages), reading.ends(consumer, pages))
        for message in reading.messages(consumer, span):
            page = decode_strict(Page, message.value or b"")
            if page is not None:  # a message that is no page is the split worker's to name
                yield page
