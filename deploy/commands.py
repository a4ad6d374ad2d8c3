"""The commands that look after a deployment, wherever it runs."""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from deploy.local.commands import stack_option
from indexing.elastic.settings import ElasticSettings, elastic_options
from indexing.generations.options import monthly_from_option
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.errors import RafidError
from streams.runtime.extras import require_extras

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from deploy.status import DeploymentStatus

json_option = click.option("--json", "as_json", is_flag=True, envvar="RAFID_JSON", help="Print one JSON object.")


@click.command()
@kafka_options
@elastic_options
@click.option(
    "--rights",
    is_flag=True,
    envvar="RAFID_PROVISION_RIGHTS",
    help="Also give each process its rights, as an administrator: ACLs in Kafka, roles in Elasticsearch.",
)
@click.option(
    "--login",
    "logins",
    envvar="RAFID_PROVISION_LOGINS",
    multiple=True,
    metavar="PROCESS:PASSWORD",
    help="With --rights, also make this process's user in Elasticsearch, or set kibana_system's password; may be repeated, "
    "in the variable with blanks between, which is better.",
)
@click.option(
    "--replication-factor",
    envvar="RAFID_REPLICATION_FACTOR",
    type=click.IntRange(1),
    metavar="N",
    help="Replicas of a new topic. [default: as many as there are brokers, 3 at most]",
)
@click.option(
    "--min-insync-replicas",
    envvar="RAFID_MIN_INSYNC_REPLICAS",
    type=click.IntRange(1),
    metavar="N",
    help="How many replicas must have a message before it is acknowledged. [default for new topics: all but one]",
)
@monthly_from_option
@json_option
def provision(
    kafka: KafkaSettings,
    elastic: ElasticSettings,
    *,
    rights: bool,
    logins: tuple[str, ...],
    replication_factor: int | None,
    min_insync_replicas: int | None,
    monthly_from: str | None,
    as_json: bool,
) -> None:
    """Make the topics and the index template what they must be, and say what changed; again and again if you like.

    Also says how many brokers and nodes it found, and on how many of them a message and a story are kept. An index has a
    replica as soon as there is a second node, by itself.
    """
    from elasticsearch import ApiError, TransportError  # noqa: PLC0415 - clients take half a second to import

    from indexing.generations.provision import provision as provision_index  # noqa: PLC0415
    from streams.connect.provision import provision as provision_topics  # noqa: PLC0415
    from streams.connect.replication import replicas_found  # noqa: PLC0415

    passwords = _passwords(logins, kafka.namespace, rights=rights)
    changes = provision_topics(kafka, factor=replication_factor, in_sync=min_insync_replicas)
    found = replicas_found(kafka)
    try:
        with elastic.client() as client:
            changes += provision_index(client, kafka.namespace, monthly_from)
            changes += _grant(kafka, client, passwords) if rights else []
            found.append(_nodes_found(client))
    except (ApiError, TransportError) as exc:
        raise RafidError(f"Elasticsearch at {elastic.urls} did not take the index template: {exc}") from exc
    if as_json:
        click.echo(json.dumps({"changed": changes, "found": found}))
    else:
        click.echo("\n".join([*(changes or ["everything is as it must be"]), *found]))


def _nodes_found(client: Elasticsearch) -> str:
    nodes = client.cluster.health(filter_path="number_of_data_nodes").body["number_of_data_nodes"]
    kept = "a story is on one disk" if nodes == 1 else "a story is on two of them"
    return f"Elasticsearch: {nodes} {'node' if nodes == 1 else 'nodes'} with data; {kept}"


def _passwords(logins: tuple[str, ...], namespace: str, *, rights: bool) -> dict[str, str]:
    """Returns the passwords by user; an error says which login is wrong and never with what."""
    from deploy.security.rights import principals  # noqa: PLC0415 - what it imports is not needed by other commands

    users = {name: each.user for name, each in principals(namespace).items() if each.role} | {"kibana_system": "kibana_system"}
    passwords = {}
    for number, login in enumerate(logins, 1):
        name, _, password = login.partition(":")
        if name not in users or not password:
            raise click.UsageError(f"login {number} is no PROCESS:PASSWORD; the processes are {', '.join(users)}")
        passwords[users[name]] = password
    if passwords and not rights:
        raise click.UsageError("--login needs --rights: a user without its role could do nothing")
    return passwords


def _grant(kafka: KafkaSettings, client: Elasticsearch, passwords: dict[str, str]) -> list[str]:
    from deploy.security.granting import (  # noqa: PLC0415
        grant_in_elasticsearch,
        grant_in_kafka,
        let_into_elasticsearch,
    )
    from deploy.security.rights import principals  # noqa: PLC0415
    from streams.connect import clients  # noqa: PLC0415

    everyone = principals(kafka.namespace).values()
    with clients.admin(kafka) as admin:
        changes = grant_in_kafka(admin, everyone) + grant_in_elasticsearch(client, everyone)
    return changes + let_into_elasticsearch(client, passwords, [each.user for each in everyone])


@click.command()
@kafka_options
@elastic_options
@json_option
@click.pass_context
def status(context: click.Context, kafka: KafkaSettings, elastic: ElasticSettings, as_json: bool) -> None:
    """Show servers, topics, the lag of each worker and the documents; exit code 1 when something is down."""
    from deploy.status import status as read_status  # noqa: PLC0415 - clients take half a second to import

    found = read_status(kafka, elastic)
    if as_json:
        click.echo(json.dumps(found))
    else:
        _show_status(found, Console())
    context.exit(1 if found["down"] else 0)


def _show_status(found: DeploymentStatus, console: Console) -> None:
    log, index = found["kafka"], found["elasticsearch"]
    console.print(f"Kafka          {log['address']}  {'up' if log['up'] else 'DOWN'}", highlight=False)
    console.print(f"Elasticsearch  {index['address']}  {index['health'] if index['up'] else 'DOWN'}", highlight=False)
    topics = [
        (name, entry["partitions"], entry["messages"], entry["end_offset"]) for name, entry in log.get("topics", {}).items()
    ]
    workers = [(name, entry["members"], entry["topic"], entry["lag"]) for name, entry in log.get("workers", {}).items()]
    documents = [*index.get("aliases", {}).items(), *index.get("indices", {}).items()]
    for columns, rows in (
        (("topic", "partitions", "messages", "end offset"), topics),
        (("worker", "running", "reads", "lag"), workers),
        (("alias or index", "documents"), documents),
    ):
        if rows:
            console.print(_table(columns, rows))
    if found["dead_letters"]:
        console.print(f"{found['dead_letters']:,} dead letters: `rafid dead-letters list`", highlight=False)
    for line in found["down"]:
        console.print(f"DOWN: {line}", style="bold red", highlight=False, soft_wrap=True)


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, value in zip(columns, rows[0], strict=True):
        table.add_column(column, justify="right" if isinstance(value, int) else "left")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else value for value in row))
    return table


class Pages(click.Path):
    """A file or folder; in a variable it is one, because its name may hold the colon at which click parts several."""

    def split_envvar_value(self, rv: str) -> tuple[str, ...]:
        """Returns the whole value."""
        return (rv,)


@click.command()
@click.option(
    "--pages",
    envvar="RAFID_PAGES",
    multiple=True,
    type=Pages(exists=True, path_type=Path),
    metavar="PATH",
    help="Pages of your own, as `rafid produce files` takes them; may be repeated, and in the variable is one path. "
    "[default: invented ones]",
)
@click.option(
    "--sources",
    envvar="RAFID_SOURCES",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Feeds of your own, as `rafid produce feeds` takes them: each is fetched once, and followed as long as the demo is up. "
    "[default: a local web of invented sites]",
)
@click.option(
    "--still",
    is_flag=True,
    envvar="RAFID_DEMO_STILL",
    help="After the accounts no story appears, and no feed of your own is followed.",
)
@stack_option("demo")
@click.option(
    "--down", is_flag=True, envvar="RAFID_DEMO_DOWN", help="End the servers and workers of the last demo, and delete its data."
)
@json_option
@click.pass_context
def demo(
    context: click.Context, *, pages: tuple[Path, ...], sources: Path | None, still: bool, stack: str, down: bool, as_json: bool
) -> None:
    """Show the whole path: an empty stack of its own, workers, pages in, stories found. It stays up until `--down`.

    The invented pages come from a file and from feeds of a local web, in which stories appear as long as the demo is up.
    Exit code 1 when the audit at its end finds something that does not add up.
    """
    from deploy.demo import following, run, show  # noqa: PLC0415 - clients take half a second to import
    from deploy.demo.watch import watching  # noqa: PLC0415
    from deploy.local import stack as stacks  # noqa: PLC0415

    progress, started = Console(stderr=True), time.monotonic()
    require_extras("web", "serve")
    if down:
        stacks.reset(stack, progress, only_disposable=True)
        click.echo("the demo has ended")
        return
    running = run.start(stack, progress)
    web = None if pages or sources else following.local_web(running)
    with watching(stack, running.kafka, running.workers, progress) as watch:
        if pages:
            run.send(running, pages, watch)
        elif not sources:
            run.send_one_by_one(running, run.PAGES, watch)
        if web:
            following.show_stories_appear(running, web, watch, progress)
        elif sources:
            following.follow_once(running, following.Followed(sources), watch)
        result = run.result(running, watch.accounts, time.monotonic() - started)
    if as_json:
        click.echo(json.dumps(dataclasses.asdict(result)))
    else:
        show.show_result(running, result, show.QUESTIONS if web else (), Console())
    if web and not still:
        web.go_on()
    elif sources and not still:
        following.follow(running, following.Followed(sources))
    context.exit(1 if result.faults else 0)
