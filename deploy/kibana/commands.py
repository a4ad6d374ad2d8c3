"""`rafid dashboards`: saved objects for Kibana, as a file or imported, and the index of dead letters that they chart."""

from __future__ import annotations

import threading
from typing import IO
from urllib.parse import urlsplit

import click

from deploy.kibana.client import ImportFailed, KibanaSettings, import_objects
from deploy.kibana.pack import LANGUAGES, packed, saved_objects
from indexing.elastic.settings import ElasticSettings, elastic_options
from streams.connect.kafka import KafkaSettings, kafka_options, readable_ca_file
from streams.errors import RafidError
from streams.runtime.lifecycle import Process, stopped_by_signals
from streams.runtime.options import process_options
from streams.runtime.settings import ShellSettings

_language_option = click.option(
    "--language",
    envvar="RAFID_DASHBOARDS_LANGUAGE",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Language of titles and labels; dashboards of both can stand side by side.",
)
_namespace_option = click.option(
    "--namespace", envvar="RAFID_NAMESPACE", default="news", show_default=True, help="Prefix of the indices to show."
)


def _kibana_url(_context: click.Context, _option: click.Parameter, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter(f"{value.rpartition('@')[2]!r} is no URL of Kibana: give http[s]://host:port")
    if parts.username is not None:
        raise click.BadParameter("a URL with a user in it: use --kibana-user and RAFID_KIBANA_PASSWORD")
    return value


@click.group()
def dashboards() -> None:
    """Kibana dashboards: Search, Trends, Spread, Health."""


@dashboards.command("export")
@click.argument("file", type=click.File("wb"), default="-")
@_language_option
@_namespace_option
def export_command(*, file: IO[bytes], language: str, namespace: str) -> None:
    """Write the saved objects as NDJSON to FILE (- is standard output): for Kibana's own import page."""
    file.write(packed(saved_objects(language, namespace)))


@dashboards.command("import")
@click.option(
    "--kibana",
    envvar="RAFID_KIBANA",
    required=True,
    metavar="URL",
    callback=_kibana_url,
    help="Address of Kibana, with its base path.",
)
@click.option("--kibana-api-key", envvar="RAFID_KIBANA_API_KEY", help="API key (base64); better given as the variable.")
@click.option("--kibana-user", envvar="RAFID_KIBANA_USER", help="User name, when there is no API key.")
@click.option("--kibana-password", envvar="RAFID_KIBANA_PASSWORD", help="Password; better given as the variable.")
@click.option(
    "--kibana-ca",
    envvar="RAFID_KIBANA_CA",
    type=click.Path(exists=True, dir_okay=False),
    callback=readable_ca_file,
    help="PEM file of the CA to trust.",
)
@click.option("--space", envvar="RAFID_KIBANA_SPACE", help="Space to import into. [default: the default space]")
@click.option(
    "--overwrite/--no-overwrite",
    envvar="RAFID_DASHBOARDS_OVERWRITE",
    default=True,
    show_default=True,
    help="Replace what an earlier import left; changes made there are lost.",
)
@_language_option
@_namespace_option
def import_command(
    *,
    kibana: str,
    kibana_api_key: str | None,
    kibana_user: str | None,
    kibana_password: str | None,
    kibana_ca: str | None,
    space: str | None,
    overwrite: bool,
    language: str,
    namespace: str,
) -> None:
    """Import data views and dashboards into Kibana; again and again if you like."""
    settings = KibanaSettings(kibana, space, kibana_api_key, kibana_user, kibana_password, kibana_ca)
    objects = saved_objects(language, namespace)
    try:
        count = import_objects(settings, packed(objects), len(objects), overwrite=overwrite)
    except ImportFailed as exc:
        for line in exc.lines[:-1]:
            click.echo(f"rafid: {line}", err=True)
        raise RafidError(exc.lines[-1]) from exc
    click.echo(f"{count} objects are in Kibana; dashboards:")
    for saved in objects:
        if saved["type"] == "dashboard":
            click.echo(settings.address(f"/app/dashboards#/view/{saved['id']}"))


@dashboards.command("dead-letters")
@click.option("--once", is_flag=True, envvar="RAFID_DEAD_LETTERS_ONCE", help="End when no dead letter waits; judge no source.")
@click.option(
    "--sources-every",
    envvar="RAFID_SOURCES_EVERY",
    type=click.FloatRange(min=1),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to judge whether sources are silent or empty, for the metrics and the log.",
)
@process_options
@kafka_options
@elastic_options
def dead_letters_command(
    *, once: bool, sources_every: float, shell: ShellSettings, kafka: KafkaSettings, elastic: ElasticSettings
) -> None:
    """Bring dead letters into an index, where the Health dashboard charts them; runs until it is stopped.

    Beside that, judges the sources as `rafid sources status` does, and shows those that are odd as metrics.
    """
    from elasticsearch import ApiError, TransportError  # noqa: PLC0415 - clients take half a second to import

    from deploy.kibana.dead_letters import follow  # noqa: PLC0415
    from deploy.sources.watch import watch_sources  # noqa: PLC0415

    process, stopping = Process("dashboards", shell), threading.Event()
    try:
        with elastic.client() as client, stopped_by_signals(process, stopping):
            if not once:
                watch_sources(kafka, client, process.vitals, stopping, sources_every)
            follow(kafka, client, process, stopping, until_end=once)
    except (ApiError, TransportError) as exc:
        raise RafidError(f"Elasticsearch at {elastic.urls} did not take dead letters: {exc}") from exc
    click.echo(f"{process.counts.taken_in:,} dead letters indexed")
