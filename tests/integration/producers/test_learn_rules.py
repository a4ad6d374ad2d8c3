"""`rafid split-rules learn` from the topic of pages, on a real broker."""

from __future__ import annotations

import json

from click.testing import CliRunner

from producers.trials.learn_rules import learn_split_rules
from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.support.news import pages
from tests.support.servers import send, send_pages

PAGES = 60


def test_every_page_of_the_source_on_the_topic_is_read_and_what_is_no_page_passed_over(kafka: KafkaSettings) -> None:
    made = list(pages(PAGES))
    send_pages(kafka, made)
    send(kafka, topics(kafka.namespace).pages.name, [(b"x", b"no page", {})])
    source = made[0].source

    told = CliRunner().invoke(
        learn_split_rules, ["--source", source, "--json", "--kafka", kafka.servers, "--namespace", kafka.namespace]
    )

    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["pages"] == sum(page.source == source for page in made)
