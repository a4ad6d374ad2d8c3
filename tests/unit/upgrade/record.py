"""Records what a release leaves behind for the next one to read: `python -m tests.unit.upgrade.record`, at a release.

It is made by the stages themselves from the demonstration's invented pages, as they stand on topics, in the register and on disk.
"""

from __future__ import annotations

import importlib.metadata
import json
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from deploy.demo.run import PAGES
from indexing.schema.reading import template_version
from producers.feeds.store import store
from producers.page_fields import encode, page_of_line
from producers.values.defaults import Defaults
from streams.dedup.register import Register
from streams.topics import topics
from streams.workers.deduplicator import headers, read_notice
from streams.workers.splitter import records_for_pages

FOLDER = Path(__file__).parent
WANTED = 12  # pages, all that one language's newsrooms wrote of one event among them
AT_MS = 1_795_000_000_000


def message(topic: str, offset: int, value: bytes, told: Any = (), key: bytes | None = None) -> Any:
    """A message as a stage is given it."""
    return SimpleNamespace(
        topic=topic, partition=0, offset=offset, timestamp=AT_MS / 1000, timestamp_type=1, headers=told, key=key, value=value
    )


def recording() -> dict[str, Any]:
    """What the present code makes of the pages, bytes in hexadecimal digits."""
    our_topics, entries = topics(), dict[bytes, bytes]()
    register = Register(entries)
    made: dict[str, Any] = {"version": importlib.metadata.version("rafid"), "pages": [], "articles": [], "verdicts": []}
    for offset, line in enumerate(PAGES.read_bytes().splitlines()[:WANTED]):
        value = encode(page_of_line(line, Defaults(), datetime(2026, 11, 22, tzinfo=UTC)))
        made["pages"].append(value.hex())
        (records,) = records_for_pages(
            [message(our_topics.pages.name, offset, value)], our_topics, lambda: "2026-11-22T18:25:43Z"
        )
        for sent in records:
            told = [[name, data.hex()] for name, data in sent.headers]
            made["articles"].append({"key": (sent.key or b"").hex(), "value": (sent.value or b"").hex(), "headers": told})
            notice = read_notice(message(sent.topic, len(made["articles"]), sent.value or b"", sent.headers, sent.key))
            verdict = register.judge(notice, len(made["articles"]))
            if verdict:
                made["verdicts"].append([[name, data.hex()] for name, data in headers(notice, verdict)])
    made["register"] = {key.hex(): entry.hex() for key, entry in entries.items()}
    made["template"] = template_version()
    made["topics"] = {topic.name: topic.partitions for topic in our_topics.all()}
    made["feeds"] = feeds_state()
    return made


def feeds_state() -> list[str]:
    """The state of one feed that is followed, as SQL."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "feeds.sqlite")
        with store(path) as kept:
            kept.follow([("https://one.example/rss.xml", "one.example", "one.example", 0.0, 900.0)])
        connection = sqlite3.connect(path)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            return [*connection.iterdump(), f"PRAGMA user_version = {version};"]
        finally:
            connection.close()


if __name__ == "__main__":
    made = recording()
    (FOLDER / f"release-{made['version']}.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
