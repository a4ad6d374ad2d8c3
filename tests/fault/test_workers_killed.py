"""Workers that are killed at random moments while pages flow: every page has its fate, every article its one verdict."""

from __future__ import annotations

import itertools
import random
import signal
import time
from pathlib import Path

import pytest

from streams.connect.kafka import KafkaSettings
from streams.topics import topics
from tests.support.accounts import expected_articles, expected_verdicts, judged, sent_articles
from tests.support.news import pages
from tests.support.servers import Worker, read_all, send_pages, wait_for_all, wait_until, workers

PAGES_A_ROUND = 250


@pytest.mark.parametrize(("kills", "seed"), [(3, 1), *(pytest.param(20, seed, marks=pytest.mark.soak) for seed in (2, 3))])
@pytest.mark.timeout(3600)
def test_workers_killed_at_any_moment_lose_and_change_nothing(
    kills: int, seed: int, kafka: KafkaSettings, tmp_path: Path
) -> None:
    """Each round a worker dies somewhere between its start and the end of its work; a restart goes on from its disk, or,
    every third time, from the changelog alone."""
    names = topics(kafka.namespace)
    chance = random.Random(seed)
    news = pages(PAGES_A_ROUND * (kills + 1), seed)
    lost = itertools.cycle([False, False, True])
    with workers() as running:
        states = {stage: tmp_path / stage for stage in ("split", "dedup")}
        alive = {stage: Worker(stage, kafka, tmp_path, state=states[stage]) for stage in states}
        running.extend(alive.values())
        for number in range(kills):
            victim = ("dedup", "split")[number % 2] if kills < 4 else chance.choice(["dedup", "dedup", "split"])
            alive[victim].ready()
            begun = _output(kafka, victim)
            send_pages(kafka, itertools.islice(news, PAGES_A_ROUND))
            _wait_for_more(kafka, victim, begun)
            time.sleep(chance.random() ** 2)  # the moment is the point: it is drawn, not waited for
            alive[victim].kill()
            if next(lost):
                states[victim] = tmp_path / f"{victim}-{number}"
            alive[victim] = Worker(victim, kafka, tmp_path, state=states[victim])
            running.append(alive[victim])
        send_pages(kafka, news)
        wait_for_all(kafka, "split", names.pages.name, 300)
        wait_for_all(kafka, "dedup", names.articles.name, 300)
        assert [worker.stop() for worker in alive.values()] == [0, 0]

    assert read_all(kafka, names.dead_letters.name) == []
    assert sent_articles(kafka) == expected_articles(kafka)
    assert judged(kafka) == expected_verdicts(kafka)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(4))
def test_a_worker_that_wakes_up_after_its_successor_began_changes_nothing(
    seed: int, kafka: KafkaSettings, tmp_path: Path
) -> None:
    names = topics(kafka.namespace)
    news = pages(3 * PAGES_A_ROUND, seed)
    with workers() as running:
        split, first = Worker("split", kafka, tmp_path).ready(), Worker("dedup", kafka, tmp_path)
        running += [split, first]
        first.wait_for("register of 0 entries rebuilt")
        second = Worker("dedup", kafka, tmp_path).ready()
        running.append(second)
        send_pages(kafka, itertools.islice(news, PAGES_A_ROUND))
        _wait_for_more(kafka, "dedup", 0)
        time.sleep(random.Random(seed).random() / 2)
        first.process.send_signal(signal.SIGSTOP)
        begun = _output(kafka, "dedup")
        send_pages(kafka, itertools.islice(news, PAGES_A_ROUND))
        second.wait_for(r"register of [1-9]\d* entries rebuilt")
        _wait_for_more(kafka, "dedup", begun)
        first.process.send_signal(signal.SIGCONT)
        send_pages(kafka, news)
        wait_for_all(kafka, "split", names.pages.name)
        wait_for_all(kafka, "dedup", names.articles.name)

    assert judged(kafka) == expected_verdicts(kafka)


def _output(kafka: KafkaSettings, stage: str) -> int:
    names = topics(kafka.namespace)
    return len(read_all(kafka, {"split": names.articles, "dedup": names.deduplicated}[stage].name))


def _wait_for_more(kafka: KafkaSettings, stage: str, begun: int) -> None:
    wait_until(lambda: _output(kafka, stage) > begun, f"{stage} at work")
