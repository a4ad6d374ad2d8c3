"""The commands that make the index: the worker that fills it, its next generation, a plain collection, the stemmer's lexicon."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from indexing.elastic.settings import ElasticSettings, elastic_options
from indexing.generations.options import monthly_from_option
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.runtime.options import json_option, namespace_option, process_options

if TYPE_CHECKING:
    from streams.runtime.settings import ShellSettings


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
    help="Longest wait of a message for its batch to fill, while others come.",
)
@click.option(
    "--in-flight",
    envvar="RAFID_IN_FLIGHT",
    type=click.IntRange(1, 16),
    default=3,
    show_default=True,
    metavar="REQUESTS",
    help="Bulk requests at a time.",
)
@click.option(
    "--instance",
    envvar="RAFID_INSTANCE",
    metavar="NAME",
    help="A name that no other worker has: restarted under it, a worker has its partitions back at once. [default: none]",
)
@process_options
@kafka_options
@elastic_options
def worker_index(
    *,
    batch_messages: int,
    batch_bytes: int,
    batch_age: float,
    in_flight: int,
    instance: str | None,
    shell: ShellSettings,
    kafka: KafkaSettings,
    elastic: ElasticSettings,
) -> None:
    """Bring verdicts into Elasticsearch: read news.deduplicated, write news-g*-YYYY.MM (or -YYYY). One a partition at most."""
    from indexing.worker.batches import Limits  # noqa: PLC0415 - the clients take half a second to import
    from indexing.worker.loop import IndexerSettings  # noqa: PLC0415
    from indexing.worker.process import run_index_worker  # noqa: PLC0415
    from streams.runtime.lifecycle import Process  # noqa: PLC0415

    limits = Limits(messages=batch_messages, size_bytes=batch_bytes, age_s=batch_age)
    settings = IndexerSettings(limits=limits, in_flight=in_flight)
    process = Process("index", shell)
    run_index_worker(kafka, elastic, settings, process, instance=instance)


@click.command()
@namespace_option
@click.option(
    "--again", is_flag=True, envvar="RAFID_REINDEX_AGAIN", help="Also when the live generation is already of this version."
)
@monthly_from_option
@click.option(
    "--delete-old",
    is_flag=True,
    envvar="RAFID_REINDEX_DELETE_OLD",
    help="Delete the generation before, once the next one is live.",
)
@click.option(
    "--abandon",
    is_flag=True,
    envvar="RAFID_REINDEX_ABANDON",
    help="Delete what was built of the next generation, instead of finishing it.",
)
@json_option
@elastic_options
def reindex(
    *,
    namespace: str,
    again: bool,
    monthly_from: str | None,
    delete_old: bool,
    abandon: bool,
    as_json: bool,
    elastic: ElasticSettings,
) -> None:
    """Build the next generation of the indices beside live writes, and swap it in; started again, it goes on where it was."""
    from indexing.generations.reindex_command import run_reindex  # noqa: PLC0415 - loaded when it is needed

    if abandon and (again or delete_old):
        raise click.UsageError("--abandon stands alone")
    run_reindex(
        elastic, namespace, again=again, monthly_from=monthly_from, delete_old=delete_old, abandon=abandon, as_json=as_json
    )


@click.command("index-file")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--index", required=True, envvar="RAFID_INDEX", help="The index to make; it must not exist yet.")
@elastic_options
def index_file(*, file: Path, index: str, elastic: ElasticSettings) -> None:
    """Load a plain collection, JSON Lines of `id`, `title` and `text` (or `body`), under the same fields and analysis."""
    from indexing.search.collection import index_file as load  # noqa: PLC0415 - loaded when it is needed

    with elastic.client() as client:
        count = load(client, file, index)
    click.echo(f"{count:,} documents in {index}")


@click.command()
@click.argument("corpus", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--write",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    envvar="RAFID_LEXICON_WRITE",
    help="Write first_letters.txt and full_forms.txt into this directory.",
)
@json_option
def lexicon(*, corpus: tuple[Path, ...], write: Path | None, as_json: bool) -> None:
    """Rebuild the stemmer's lexicon from a CORPUS (JSON Lines, may be gzipped) and show the difference to the one in use."""
    from indexing.schema.lexicon import (  # noqa: PLC0415 - loaded when it is needed
        counted,
        difference,
        rebuilt,
        texts,
        write_files,
    )

    files = rebuilt(counted(texts(corpus)))
    if write:
        write_files(write, files)
    changes = {name: [sorted(rows) for rows in difference(name, asked)] for name, asked in files.items()}
    if as_json:
        click.echo(orjson.dumps({name: {"added": added, "gone": gone} for name, (added, gone) in changes.items()}))
        return
    for name, (added, gone) in changes.items():
        for row in added:
            click.echo(f"+ {name}: {row}")
        for row in gone:
            click.echo(f"- {name}: {row}")
        click.echo(f"{name}: {len(added)} lines more, {len(gone)} no longer asked for")
    if write:
        click.echo(f"written to {write}; documents need a reindex after a change")


@click.command("learn-weights")
@click.argument("questions", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--index", required=True, envvar="RAFID_INDEX", help="The index that holds the answers, made by `rafid index-file`."
)
@click.option(
    "--write",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="RAFID_WEIGHTS_WRITE",
    help="Write the weights into this file.",
)
@elastic_options
def learn_weights(*, questions: Path, answers: Path, index: str, write: Path | None, elastic: ElasticSettings) -> None:
    """Learn how much each clause of the search counts, from QUESTIONS (JSON Lines of `id`, `query`) and ANSWERS (TREC qrels)."""
    from indexing.search.learning import learn, read_answers, sampled  # noqa: PLC0415 - loaded when it is needed
    from indexing.search.trec import read_queries  # noqa: PLC0415
    from indexing.search.weights import current_weights, written  # noqa: PLC0415

    with elastic.client() as client:
        sample = sampled(client, index, list(read_queries(questions)), read_answers(answers))
    learnt = learn(sample, current_weights())
    click.echo(written(learnt.weights), nl=False)
    click.echo(f"MRR@10 of {len(sample.answer):,} questions: {learnt.present:.4f} now, {learnt.all_questions:.4f} with these")
    for now, then in learnt.left_out:
        click.echo(f"learned on one half, asked with the other: {now:.4f} now, {then:.4f} then")
    if write:
        write.write_text(written(learnt.weights), encoding="utf-8")
