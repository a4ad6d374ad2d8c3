"""Commands of the index: the worker that fills it, and what people do with it."""

from __future__ import annotations

import click

from indexing.elastic import ElasticSettings, elastic_options
from streams.kafka import KafkaSettings, kafka_options


@click.command()
@click.option(
    "--batch-messages",
    envvar="RAFID_BATCH_MESSAGES",
    type=click.IntRange(1, 10_000),
    default=1_000,
    show_default=True,
    metavar="MESSAGES",
    help="Most messages in a bulk request.",
)
@click.option(
    "--batch-bytes",
    envvar="RAFID_BATCH_BYTES",
    type=click.IntRange(min=1),
    default=5 * 1024 * 1024,
    show_default=True,
    metavar="BYTES",
    help="Most bytes of messages in a bulk request.",
)
@click.option(
    "--batch-age",
    envvar="RAFID_BATCH_AGE",
    type=click.FloatRange(min=0),
    default=0.5,
    show_default=True,
    metavar="SECONDS",
    help="Longest wait of a message for its batch to fill.",
)
@click.option(
    "--in-flight",
    envvar="RAFID_IN_FLIGHT",
    type=click.IntRange(1, 16),
    default=2,
    show_default=True,
    metavar="REQUESTS",
    help="Bulk requests at a time.",
)
@kafka_options
@elastic_options
def worker_index(
    *, batch_messages: int, batch_bytes: int, batch_age: float, in_flight: int, kafka: KafkaSettings, elastic: ElasticSettings
) -> None:
    """Bring verdicts into Elasticsearch: read news.deduplicated, write news-g1-YYYY.MM. Run as many as there are partitions."""
    from indexing.batches import Limits  # noqa: PLC0415 - the clients take half a second to import
    from indexing.indexer import IndexerSettings  # noqa: PLC0415
    from indexing.process import run_index_worker  # noqa: PLC0415

    limits = Limits(messages=batch_messages, size=batch_bytes, age_s=batch_age)
    run_index_worker(kafka, elastic, IndexerSettings(limits=limits, in_flight=in_flight))
