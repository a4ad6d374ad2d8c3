"""`rafid rebuild`: the pages again, by the present rules, beside the live index."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from typing import IO, Any, TypeVar

import click
from rich.console import Console

from indexing.elastic.settings import ElasticSettings, elastic_options
from streams.commands import rules_option, split_rules
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.runtime.options import json_option

Command = TypeVar("Command", bound=Callable[..., Any])

LOOK_EVERY_S = 2.0

into_option = click.option(
    "--into",
    envvar="RAFID_REBUILD_INTO",
    metavar="NAMESPACE",
    help="The rebuild's own namespace. [default: that of --namespace with -rebuild behind it]",
)


def _into(kafka: KafkaSettings, into: str | None) -> str:
    found = into or f"{kafka.namespace}-rebuild"
    if found == kafka.namespace:
        raise click.UsageError("--into must be another namespace than --namespace")
    return found


@click.command()
@click.option("--until-through", envvar="RAFID_REBUILD_UNTIL_THROUGH", is_flag=True, help="End when it has caught up.")
@into_option
@kafka_options
@elastic_options
def run(until_through: bool, into: str | None, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    """Build it: read all pages again with three workers of its own, and go on with the live ones until interrupted.

    Rules of sources (RAFID_SPLIT_RULES) and the state folder (RAFID_STATE) are those of the workers. Killed at any moment, the
    next run goes on. In a deployment run the same three workers as units: RAFID_NAMESPACE is the rebuild's, RAFID_PAGES_OF
    the live one.
    """
    from deploy.rebuild import progress, workers  # noqa: PLC0415 - clients take half a second to import
    from indexing.generations.provision import provision as provision_index  # noqa: PLC0415
    from streams.connect.provision import provision as provision_topics  # noqa: PLC0415
    from streams.topics import topics  # noqa: PLC0415

    own, console = _into(kafka, into), Console(stderr=True, highlight=False)
    provision_topics(dataclasses.replace(kafka, namespace=own))
    with elastic.client() as client:
        provision_index(client, own)
    our_topics = topics(own, kafka.namespace)
    with workers.running(workers.environment(kafka, elastic, own)) as started, progress.positions(kafka, our_topics) as at:
        shown = None
        try:
            while True:
                workers.check(started)
                behind = at.behind()
                line = ", ".join(f"{left:,} wait for {worker}" for worker, left in behind.items() if left) or "caught up"
                if line != shown:
                    console.print(f"rebuild {own}: {line}")
                    shown = line
                if until_through and not any(behind.values()):
                    return
                time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            console.print(f"rebuild {own}: stopped; `rafid rebuild run` goes on")


@click.command()
@click.option(
    "--examples",
    envvar="RAFID_REBUILD_EXAMPLES",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    metavar="N",
    help="How many stories to show line by line.",
)
@rules_option
@into_option
@json_option
@kafka_options
@elastic_options
def compare(
    *,
    examples: int,
    rules: IO[str] | None,
    into: str | None,
    as_json: bool,
    kafka: KafkaSettings,
    elastic: ElasticSettings,
) -> None:
    """See how many stories it makes otherwise, by which rule, and N of them side by side; reads only."""
    from deploy.rebuild import rebuild, screen  # noqa: PLC0415 - clients take half a second to import

    with elastic.client() as client:
        found = rebuild.compare(kafka, client, _into(kafka, into), split_rules(rules) if rules else {})
    if as_json:
        click.echo(json.dumps(screen.as_json(found, examples), ensure_ascii=False))
    else:
        screen.show(found, examples, Console())


@click.command()
@click.option(
    "--patience",
    envvar="RAFID_REBUILD_PATIENCE",
    type=click.FloatRange(min=1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long a worker of the rebuild may make no progress.",
)
@into_option
@json_option
@kafka_options
@elastic_options
def swap(patience: float, into: str | None, as_json: bool, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    """Let searches find the rebuild: wait until it has every page of now, carry older documents over, move the aliases.

    The live workers go on writing what searches found before, so that `rafid rebuild back` leads there at any time.
    """
    from deploy.rebuild import progress, rebuild  # noqa: PLC0415 - clients take half a second to import
    from streams.topics import topics  # noqa: PLC0415

    own = _into(kafka, into)
    with progress.positions(kafka, topics(own, kafka.namespace)) as at:
        at.wait(patience)
    with elastic.client() as client:
        given, carried = rebuild.swap(kafka, client, own)
    _tell(given._asdict() | {"carried_over": carried}, as_json=as_json)


@click.command()
@json_option
@kafka_options
@elastic_options
def back(as_json: bool, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    """Let searches find again what the live workers wrote, also meanwhile."""
    from indexing.generations import serving  # noqa: PLC0415 - clients take half a second to import

    with elastic.client() as client:
        _tell(serving.give(client, kafka.namespace, kafka.namespace)._asdict(), as_json=as_json)


@click.command()
@click.option("--yes", is_flag=True, envvar="RAFID_YES", help="Do not ask.")
@into_option
@kafka_options
@elastic_options
def drop(yes: bool, into: str | None, kafka: KafkaSettings, elastic: ElasticSettings) -> None:
    """Delete a rebuild: its indices, template, topics and groups. What searches find is never deleted."""
    from deploy.rebuild import rebuild  # noqa: PLC0415 - clients take half a second to import

    own = _into(kafka, into)
    if not yes:
        click.confirm(f"delete the indices and topics of {own}?", abort=True)
    with elastic.client() as client:
        gone = rebuild.drop(kafka, client, own)
    click.echo(f"{own} is gone, with {gone} indices")


def _tell(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(
        f"searches of {facts['namespace']} find {facts['after']} ({facts['documents_after']:,} documents) "
        f"and no more {facts['before']} ({facts['documents_before']:,} documents)"
    )
    if facts.get("carried_over"):
        click.echo(f"{facts['carried_over']:,} documents older than the pages were carried over")
