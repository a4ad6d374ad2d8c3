"""How fast a search answers: the questions of the test collection, one after the other, as `rafid search` asks them."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator

from deploy.local import stack
from indexing.elastic.settings import ElasticSettings
from indexing.search.collection import index_file
from indexing.search.query import SearchRequest
from indexing.search.search import search
from indexing.search.trec import read_queries, run_lines
from streams.errors import RafidError
from tests.bench.report import Row
from tests.conftest import SHARED

QUESTIONS = int(os.environ.get("RAFID_BENCH_QUESTIONS", "500"))
STAGE = "search"


def measure() -> Iterator[Row]:
    """A page with snippets and carriers for each question, and the same questions as a run of rankings."""
    collection = SHARED / "search"
    if not collection.exists():
        raise RafidError(f"nothing to search: there is no collection in {collection}")
    addresses = stack.up(os.environ.get("RAFID_TEST_STACK", "test"))
    asked = list(read_queries(collection / "queries.dev.jsonl"))[:QUESTIONS]
    index = f"bench-{uuid.uuid4().hex[:8]}"
    with ElasticSettings(addresses.elasticsearch).client() as client:
        index_file(client, collection / "paragraphs.jsonl", index)
        for query in asked[:100]:
            search(client, index, index, SearchRequest(text=query.text))
        started, cpu = time.perf_counter(), time.process_time()
        for query in asked:
            search(client, index, index, SearchRequest(text=query.text))
        yield Row(STAGE, "pages of ten stories, one by one", len(asked), time.perf_counter() - started, time.process_time() - cpu)
        started, cpu = time.perf_counter(), time.process_time()
        for _ in run_lines(client, index, asked):
            pass
        yield Row(
            STAGE, "rankings of a hundred, by the hundred", len(asked), time.perf_counter() - started, time.process_time() - cpu
        )
        client.indices.delete(index=index)
