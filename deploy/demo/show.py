"""What a demonstration prints: counts, searches, and how to go on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from elasticsearch import Elasticsearch
from rich.console import Console
from rich.table import Table

from deploy.demo.run import Demo, Result
from indexing.generations.names import names
from indexing.search.query import SearchRequest
from indexing.search.rendering import show_page
from indexing.search.search import search

# Asked of the invented pages, none as they have it: final ha and dotless ya, Farsi letters, other digits and no article.
QUESTIONS = ("محطه تحليه المياه فى ميناء الياسمين", "حریق سوق الأقمشة", "قطار سريع ٧١ دقيقة")
HITS = 3
SEARCHES = 3


def show_result(demo: Demo, result: Result, questions: Sequence[str], console: Console) -> None:
    """Prints the counts of each stage, the stories that answer the questions, and what to type next."""
    console.print(_counts(result))
    called = names(demo.kafka.namespace)
    with demo.elastic.client() as client:
        changed = changed_page(client, called.articles)
        for question in questions or common_titles(client, called.everything):
            console.rule(f'rafid search "{question}"', align="left", style="dim")
            answer = search(client, called.articles, called.everything, SearchRequest(text=question, size=HITS))
            show_page(console, dataclasses.replace(answer, next_page=None))
    _how_to_go_on(demo, changed, console)


def common_titles(client: Elasticsearch, everything: str) -> list[str]:
    """Returns the titles of the stories that most documents tell: questions that these pages must answer."""
    stories = {"stories": {"terms": {"field": "story_id", "size": SEARCHES}}}
    buckets = client.search(index=everything, size=0, aggregations=stories).body["aggregations"]["stories"]["buckets"]
    found = client.search(
        index=everything, query={"ids": {"values": [bucket["key"] for bucket in buckets]}}, source_includes=["title"]
    )
    return [hit["_source"]["title"] for hit in found.body["hits"]["hits"] if hit["_source"].get("title")]


def changed_page(client: Elasticsearch, articles: str) -> str | None:
    """Returns the id of the story whose page changed last; None when none did."""
    updates = {"term": {"kind": "update"}}
    hits = client.search(index=articles, query=updates, size=1, sort=[{"first_seen": "desc"}], source=False).body["hits"]["hits"]
    return hits[0]["_id"] if hits else None


def _counts(result: Result) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in result.verdicts.items())
    for what, count, of in (
        ("pages in", result.pages, ""),
        ("dead letters", result.dead_letters, "bad input, kept: rafid dead-letters list"),
        (
            "articles",
            sum(result.articles.values()),
            f"{result.articles['main']:,} main, {result.articles['read_also']:,} read also",
        ),
        ("verdicts", sum(result.verdicts.values()), kinds),
        ("documents", result.documents, "stories and their fuller versions, searchable"),
        ("sightings", result.sightings, "copies, kept as such"),
    ):
        table.add_row(what, f"{count:,}", of)
    faults = ", ".join(f"{count:,} {fault}" for fault, count in result.faults.items())
    table.add_row("audit", "NOT clean" if faults else "clean", faults or "nothing lost, nothing doubled: rafid audit")
    return table


def _how_to_go_on(demo: Demo, changed: str | None, console: Console) -> None:
    here = "" if demo.stack == "local" else f"RAFID_STACK={demo.stack} "
    console.rule("how to go on", align="left", style="dim")
    for line, what in (
        (f'{here}rafid search "..."', "search these pages"),
        (f"{here}rafid produce files FILE.jsonl", "send your own: one JSON object a line"),
        (f"{here}rafid status", "topics, workers, documents"),
        (f"{here}rafid dead-letters list", "what could not be read, and why"),
        (demo.console, "search, stories, trends and the pipeline in a browser"),
        *([(f"{demo.console}story/{changed}#versions", "a page that changed, word by word")] if changed else []),
        (f"rafid demo --down{'' if demo.stack == 'demo' else f' --stack {demo.stack}'}", "end the servers and the workers"),
    ):
        # What it does stands first: an address is longer than any column, and can be copied whole from a line's end.
        console.print(f"  {what:54} {line}", highlight=False, soft_wrap=True)
