"""`rafid reindex` as a person sees it: its steps in lines, its documents as a bar."""

from __future__ import annotations

import logging
import threading

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.reindex import Reindexer
from streams.errors import RafidError


def run_reindex(
    elastic: ElasticSettings,
    namespace: str,
    *,
    again: bool,
    monthly_from: str | None,
    delete_old: bool,
    abandon: bool,
    as_json: bool,
) -> None:
    """Makes the next generation live, or (`abandon`) gives it up; says each step on standard error."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    console = Console(stderr=True, highlight=False)
    with elastic.client(request_timeout=300) as client, _bar(console) as bar:
        task = bar.add_task("documents looked at", total=None)
        reindexer = Reindexer(
            client,
            namespace,
            stopping=threading.Event(),
            report=console.print,
            progress=lambda found: bar.advance(task, found),
        )
        try:
            if abandon:
                generation = reindexer.abandon()
                click.echo("no generation is being built" if generation is None else f"generation {generation} is gone")
                return
            swapped = reindexer.run(again=again, monthly_from=monthly_from)
        except KeyboardInterrupt:
            raise RafidError("interrupted: workers go on writing to both generations; `rafid reindex` again to go on") from None
        deleted = reindexer.delete(swapped.before) if delete_old else 0
    if as_json:
        click.echo(orjson.dumps(swapped._asdict() | {"deleted_indices": deleted}))
    elif not delete_old:
        pattern = names(namespace, swapped.before).pattern
        click.echo(f"generation {swapped.before} ({pattern}) is still there, under no alias: delete its indices when you like")


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
