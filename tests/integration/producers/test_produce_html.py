"""`rafid produce html` against a real broker: saved pages are on the topic as extracted, the others among the dead letters."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

import rafid
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import letter_of
from streams.records import Page
from streams.topics import topics
from tests.support.pages.rendering import article_pages, other_pages
from tests.support.servers import read_all


def test_articles_become_pages_and_what_is_none_becomes_a_dead_letter(kafka: KafkaSettings, tmp_path: Path) -> None:
    right, other = list(article_pages())[:6], list(other_pages())[:3]
    for name, data in [*((page.name, page.data) for page in right), *((page.name, page.data) for page in other)]:
        (tmp_path / f"{name}.html").write_bytes(data)

    options = ["--json", "--kafka", kafka.servers, "--namespace", kafka.namespace]
    answer = CliRunner().invoke(rafid.cli, ["produce", "html", str(tmp_path), *options])

    table = topics(kafka.namespace)
    pages = [Page.from_bytes(message.value or b"") for message in read_all(kafka, table.pages.name)]
    letters = [letter_of(message.headers.items()) for message in read_all(kafka, table.dead_letters.name)]
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == {"sent": 6, "malformed_page": 3}
    assert {(page.url, page.title, page.published_at) for page in pages} == {
        (page.url, page.title, page.published_at) for page in right
    }
    assert all(page.text[start:end].strip() for page in pages for start, end, _ in page.links)
    assert all("no article" in letter.error for letter in letters)
    assert len(letters) == 3
