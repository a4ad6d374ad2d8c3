"""How fast a search answers on the whole corpus: questions and beginnings of headlines, beside a plain match of the stems."""

from __future__ import annotations

import gzip
import itertools
import os
import shutil
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elasticsearch import Elasticsearch

from indexing.search.collection import documents, index_file
from indexing.search.highlights import highlight
from indexing.search.query import SHOWN, SearchRequest
from indexing.search.query_text import query_text
from indexing.search.search import execute, search
from indexing.search.trec import Query, read_queries, run_lines
from streams.errors import RafidError
from tests.bench.pipeline import PAGES_PER_S, fed, servers
from tests.bench.report import Row
from tests.conftest import SHARED

QUESTIONS = int(os.environ.get("RAFID_BENCH_QUESTIONS", "500"))
HEADLINE_WORDS = 3
READERS = 8
STAGE = "search"
PLAIN = "a plain match"


def measure() -> Iterator[Row]:
    """Yield the pages of one reader and of eight, both beside a running pipeline too, and a run of rankings."""
    collection = SHARED / "search"
    if not collection.exists():
        raise RafidError(f"nothing to search: there is no collection in {collection}")
    at = servers()
    questions = list(read_queries(collection / "queries.dev.jsonl"))[:QUESTIONS]
    index = f"bench-{uuid.uuid4().hex[:8]}"
    with tempfile.TemporaryDirectory() as directory, at.elastic.client() as client:
        corpus = joined(Path(directory) / "corpus.jsonl.gz", collection / "paragraphs.jsonl")
        index_file(client, corpus, index)
        texts = [query.text for query in questions] + list(itertools.islice(headlines(corpus), QUESTIONS))
        yield from _pages(client, index, texts)
        with fed(at, PAGES_PER_S):
            yield from _pages(client, index, texts, ", beside a pipeline")
        yield _rankings(client, index, questions)
        client.indices.delete(index=index)


def _pages(client: Elasticsearch, index: str, texts: list[str], beside: str = "") -> Iterator[Row]:
    """Each text is asked for in both ways, one right after the other, so that a shared machine slows both alike."""
    ways: dict[str, Callable[[str], int]] = {
        PLAIN: lambda text: int(execute(client, index, _plain(text))["took"]),
        "pages of ten stories": lambda text: search(client, index, index, SearchRequest(text=text)).took_ms,
    }
    for text in texts[::10]:
        for ask in ways.values():
            ask(text)
    for readers in (1, READERS):
        took_ms: dict[str, list[int]] = {name: [] for name in ways}
        wall_s, cpu_s = dict.fromkeys(ways, 0.0), dict.fromkeys(ways, 0.0)
        with ThreadPoolExecutor(readers) as pool:
            for batch in (texts[at : at + readers * 4] for at in range(0, len(texts), readers * 4)):
                for name, ask in ways.items():
                    started, cpu = time.perf_counter(), time.process_time()
                    took_ms[name] += pool.map(ask, batch)
                    wall_s[name] += time.perf_counter() - started
                    cpu_s[name] += time.process_time() - cpu
        for name in ways:
            ratio = None if name == PLAIN else statistics.median(took_ms[PLAIN]) / statistics.median(took_ms[name])
            what = f"{name}, {readers} reader{'s' * (readers > 1)}{beside}: server {percentiles(took_ms[name])}"
            yield Row(STAGE, what, len(texts), wall_s[name], cpu_s[name], ratio, "" if ratio is None else f"{PLAIN}, p50")


def _rankings(client: Elasticsearch, index: str, questions: list[Query]) -> Row:
    started, cpu = time.perf_counter(), time.process_time()
    for _ in run_lines(client, index, questions):
        pass
    wall_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    return Row(STAGE, "rankings of a hundred, by the hundred", len(questions), wall_s, cpu_s)


def _plain(text: str) -> dict[str, object]:
    """A match of the body's stems with the highlights and fields of our search."""
    query = {"match": {"body": text}}
    return {"query": query, "size": 10, "_source": list(SHOWN), "highlight": highlight(query_text(text))}


def percentiles(took_ms: Sequence[float]) -> str:
    """The times that half, 95 and 99 of a hundred do not exceed."""
    cuts = statistics.quantiles(took_ms, n=100)
    return f"p50 {cuts[49]:.0f}, p95 {cuts[94]:.0f}, p99 {cuts[98]:.0f} ms"


def joined(path: Path, *more: Path) -> Path:
    """The corpora as one gzipped file, which may be of several members."""
    with path.open("wb") as out:
        for corpus in sorted((SHARED / "corpus").glob("*.jsonl.gz")):
            out.write(corpus.read_bytes())
        with gzip.open(out, "wb") as packed:
            for file in more:
                with file.open("rb") as lines:
                    shutil.copyfileobj(lines, packed)
    return path


def headlines(corpus: Path) -> Iterator[str]:
    """The first words of every fortieth headline."""
    titles = (str(document.get("title") or "").split() for _, document in documents(corpus))
    return (" ".join(words[:HEADLINE_WORDS]) for words in itertools.islice(titles, 0, None, 40) if len(words) > HEADLINE_WORDS)
