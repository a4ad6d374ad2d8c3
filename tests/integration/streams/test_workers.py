"""The two workers on real Kafka: what goes in comes out, what is poison is put aside, who leaves is replaced."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import orjson
import pytest
from kafka import KafkaAdminClient, KafkaProducer, OffsetAndMetadata, TopicPartition

from streams.connect.kafka import KafkaSettings
from streams.connect.offsets import while_groups_are_set_up
from streams.dead_letters.envelope import letter_of
from streams.dedup.notice import notice
from streams.records import Article, Page
from streams.topics import MAX_TEXT_BYTES, group, topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.news import pages
from tests.support.servers import Worker, read_all, send, send_pages, wait_for_all, wait_until, workers


def test_every_page_is_split_and_every_article_judged(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    send_pages(kafka, pages(300))

    with workers() as running:
        running += [Worker("split", kafka, tmp_path), Worker("dedup", kafka, tmp_path)]
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        codes = [worker.stop() for worker in running]

    assert codes == [0, 0]
    assert sent_articles(kafka) == expected_articles(kafka)
    assert judged(kafka) == expected_verdicts(kafka)
    assert len({origin for _, origin in judged(kafka)}) == 300
    assert read_all(kafka, names.dead_letters.name) == []


def test_poison_of_every_kind_is_put_aside_and_the_rest_goes_on(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    good = list(pages(6))
    page = good[0].to_dict()
    poison: dict[str, list[tuple[bytes | None, bytes | None, dict[str, bytes]]]] = {
        "malformed_page": [
            (b"1", None, {}),
            (None, b"", {}),
            (b"3", b"{", {}),
            (b"4", b"\xff" * 100, {}),
            (b"5", b"[]", {}),
            (b"6", orjson.dumps(page | {"id": "none"}), {}),
            (b"7", orjson.dumps(page | {"text": None}), {"attempts": b"4", "trace": b"\x00\xff"}),
        ],
        "page_too_large": [
            (b"8", orjson.dumps(page | {"text": "ب" * MAX_TEXT_BYTES}), {}),
            (b"9", os.urandom(3 * 1024 * 1024), {}),
        ],
    }
    for page_before, bad in zip(good, [*poison["malformed_page"], *poison["page_too_large"]], strict=False):
        send_pages(kafka, [page_before])
        send(kafka, names.pages.name, [bad])
    send(kafka, names.pages.name, [*poison["malformed_page"][5:], *poison["page_too_large"]][-3:])
    article = Article.from_dict({k: v for k, v in page.items() if k != "text"} | {"page_id": page["id"], "role": "main"})
    told = notice(article, 1, (0, 0)).to_bytes()
    key = bytes.fromhex(article.id)
    bad_articles: list[tuple[bytes | None, bytes | None, dict[str, bytes]]] = [
        (key, article.to_bytes(), {}),
        (key, article.to_bytes(), {"notice": b""}),
        (key, article.to_bytes(), {"notice": told[:-1]}),
        (b"other", article.to_bytes(), {"notice": told}),
        (None, article.to_bytes(), {"notice": told}),
        (key, None, {"notice": told}),
    ]
    send(kafka, names.articles.name, bad_articles)

    with workers() as running:
        running += [Worker("split", kafka, tmp_path), Worker("dedup", kafka, tmp_path)]
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        assert [worker.stop() for worker in running] == [0, 0]

    letters = [letter_of(message.headers.items()) for message in read_all(kafka, names.dead_letters.name)]
    assert sorted((letter.stage, letter.reason) for letter in letters) == sorted(
        [("split", "malformed_page")] * 7
        + [("split", "page_too_large")] * 2
        + [("dedup", "malformed_notice")] * 5
        + [("dedup", "malformed_article")]
    )
    assert {letter.attempts for letter in letters} == {1, 5}
    assert judged(kafka) == expected_verdicts(kafka)
    assert len(judged(kafka)) == len(expected_articles(kafka)) > 0


def test_a_register_that_has_lost_its_changelog_is_not_begun_anew_unsaid(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    send(kafka, names.deduplicated.name, [(b"k", b"{}", {})])
    at = TopicPartition(names.articles.name, 0)
    with contextlib.closing(KafkaAdminClient(**kafka.client())) as admin:
        while_groups_are_set_up(admin.alter_group_offsets)(group("dedup", kafka.namespace), {at: OffsetAndMetadata(1, "", -1)})

    with workers() as running:
        running.append(Worker("dedup", kafka, tmp_path))
        assert running[0].process.wait(60) == 1

    assert f"{names.register_changelog.name} is empty, though articles were judged" in running[0].said()
    assert f"kafka-consumer-groups --delete --group {group('dedup', kafka.namespace)}" in running[0].said()


def test_what_is_read_again_hears_the_same_again(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    send_pages(kafka, pages(200))
    with workers() as running:
        running += [Worker("split", kafka, tmp_path), Worker("dedup", kafka, tmp_path)]
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        assert [worker.stop() for worker in running] == [0, 0]
    first = read_all(kafka, names.deduplicated.name)

    admin = KafkaAdminClient(**kafka.client())
    admin.delete_groups([group("dedup", kafka.namespace)])
    admin.close()
    with workers() as running:
        running.append(Worker("dedup", kafka, tmp_path))
        wait_for_all(kafka, "dedup", names.articles.name)
        assert running[0].stop() == 0

    assert len(read_all(kafka, names.deduplicated.name)) > len(first)
    assert judged(kafka) == expected_verdicts(kafka)


def test_an_idle_worker_takes_over_with_the_whole_register(kafka: KafkaSettings, tmp_path: Path) -> None:
    """The first worker leaves, then the second; a third, on the first one's disk, goes on where they were."""
    names = topics(kafka.namespace)
    news = list(pages(450))
    with workers() as running:
        running.append(Worker("split", kafka, tmp_path))
        first = Worker("dedup", kafka, tmp_path)
        running.append(first)
        first.wait_for("register of 0 entries rebuilt")
        send_pages(kafka, news[:150])
        second = Worker("dedup", kafka, tmp_path)
        running.append(second)
        second.wait_for("standing by|rebuilt")
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        assert first.stop() == 0
        send_pages(kafka, news[150:300])
        second.wait_for(r"register of [1-9]\d* entries rebuilt")
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        third = Worker("dedup", kafka, tmp_path).ready()
        running.append(third)
        second.kill()
        send_pages(kafka, news[300:])
        third.wait_for(r"register of [1-9]\d* entries rebuilt")
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)

    assert sent_articles(kafka) == expected_articles(kafka)
    assert judged(kafka) == expected_verdicts(kafka)


def test_a_lost_disk_is_rebuilt_from_the_changelog(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    news = list(pages(300))
    send_pages(kafka, news[:200])
    with workers() as running:
        running += [Worker("split", kafka, tmp_path), Worker("dedup", kafka, tmp_path, state=tmp_path / "before")]
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)
        assert running.pop().stop() == 0
        send_pages(kafka, news[200:])
        running.append(Worker("dedup", kafka, tmp_path, state=tmp_path / "after"))
        running[-1].wait_for(r"register of [1-9]\d* entries rebuilt")
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)

    assert judged(kafka) == expected_verdicts(kafka)


@pytest.mark.parametrize("stage", ["split", "dedup"])
def test_a_worker_without_its_topics_says_so(stage: str, kafka: KafkaSettings, tmp_path: Path) -> None:
    other = KafkaSettings(kafka.servers, namespace=f"{kafka.namespace}none")

    with workers() as running:
        running.append(Worker(stage, other, tmp_path))
        code = running[0].process.wait(60)

    assert code == 1
    assert running[0].said().startswith("rafid: there is no topic ")
    assert running[0].said().count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_with_nothing_to_do_stops_when_it_is_told(number: signal.Signals, kafka: KafkaSettings, tmp_path: Path) -> None:
    with workers() as running:
        running.append(Worker("split", kafka, tmp_path).ready())
        running[0].process.send_signal(number)

        assert running[0].process.wait(30) == 0


def test_two_split_workers_share_the_pages(kafka: KafkaSettings, tmp_path: Path) -> None:
    names = topics(kafka.namespace)
    with workers() as running:
        running.append(Worker("split", kafka, tmp_path).ready())
        send_pages(kafka, pages(200))
        running.append(Worker("split", kafka, tmp_path).ready())
        send_pages(kafka, _others(200))
        wait_for_all(kafka, "split", names.pages.name)
        assert [worker.stop() for worker in running] == [0, 0]
        assert ": 0 pages" not in running[1].said()

    assert sent_articles(kafka) == expected_articles(kafka)


def test_pages_of_a_transactional_producer_are_all_split(kafka: KafkaSettings, tmp_path: Path) -> None:
    """The markers of its transactions take up offsets that no message ever comes from."""
    names = topics(kafka.namespace)
    producer = KafkaProducer(**kafka.client(), transactional_id=kafka.namespace)
    producer.init_transactions()
    for number, page in enumerate(pages(12)):
        producer.begin_transaction()
        producer.send(names.pages.name, page.to_bytes(), bytes.fromhex(page.id), partition=0)
        producer.flush()
        if number % 4 == 3:
            producer.abort_transaction()
        else:
            producer.commit_transaction()
    producer.close()

    with workers() as running:
        running.append(Worker("split", kafka, tmp_path))
        wait_until(lambda: len(sent_articles(kafka)) >= 12, "twelve pages split")
        assert running[0].stop() == 0

    assert sent_articles(kafka) == expected_articles(kafka)


def _others(count: int) -> list[Page]:
    return list(pages(2 * count, seed=2))[count:]
