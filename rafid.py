"""The `rafid` command: joins the commands of the rooms, loaded when they are called, and nothing else."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import click

from streams.errors import RafidError
from streams.runtime.extras import extra_of, what_to_install

# command -> where it lives; a dict is a group of its own.
COMMANDS: dict[str, Any] = {
    "produce": {
        "files": "producers.commands:files",
        "feeds": "producers.feeds.commands:feeds",
        "sitemaps": "producers.feeds.commands:sitemaps",
        "warc": "producers.archive.commands:warc",
        "urls": "producers.urls.commands:urls",
        "html": "producers.html_commands:html",
        "serve": "producers.push.commands:serve",
    },
    "sources": {
        "init": "producers.sources_commands:init",
        "check": "producers.sources_commands:check",
        "import": "producers.sources_commands:import_opml",
        "status": "deploy.sources.commands:status",
    },
    "tokens": "producers.push.commands:tokens",
    "worker": {
        "split": "streams.commands:worker_split",
        "dedup": "streams.commands:worker_dedup",
        "index": "indexing.commands:worker_index",
    },
    "search": "indexing.search.commands:search",
    "trends": "indexing.search.commands:trends",
    "status": "deploy.commands:status",
    "audit": "deploy.audit.commands:audit",
    "dead-letters": "streams.dead_letter_commands:dead_letters",
    "try": {
        "extract": "producers.trials.try_extract:try_extract",
        "split": "streams.commands:try_split",
        "dedup": "streams.commands:try_dedup",
    },
    "label": "streams.commands:label",
    "split-rules": {
        "check": "streams.commands:check_split_rules",
        "learn": "producers.trials.learn_rules:learn_split_rules",
    },
    "schema": "streams.commands:schema",
    "provision": "deploy.commands:provision",
    "certificates": "deploy.security.commands:certificates",
    "reindex": "indexing.commands:reindex",
    "rebuild": {
        "run": "deploy.rebuild.commands:run",
        "compare": "deploy.rebuild.commands:compare",
        "swap": "deploy.rebuild.commands:swap",
        "back": "deploy.rebuild.commands:back",
        "drop": "deploy.rebuild.commands:drop",
    },
    "index-file": "indexing.commands:index_file",
    "lexicon": "indexing.commands:lexicon",
    "learn-weights": "indexing.commands:learn_weights",
    "dashboards": "deploy.kibana.commands:dashboards",
    "local": "deploy.local.commands:local",
    "console": "deploy.console.commands:console",
    "demo": "deploy.commands:demo",
}
# What runs until it is told to stop.
UNTIL_STOPPED = {
    *(("produce", name) for name in ("feeds", "sitemaps", "urls", "serve")),
    *(("worker", name) for name in ("split", "dedup", "index")),
    ("dashboards", "dead-letters"),
    ("console",),
}
GROUP_HELP = {
    "produce": "Send pages into the stream.",
    "sources": "Say whom to follow, and see how that goes.",
    "worker": "Run one worker in the foreground; any of them may die at any moment.",
    "rebuild": "Read the pages again by other rules, beside the live index; compare, swap, go back.",
    "split-rules": "Rule files: what the splitter should know of single sources.",
    "try": "See what a stage makes of your own text, with no server.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are first asked for."""

    def __init__(self, *args: Any, targets: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of the path, not of the alphabet."""
        return list(self.targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now, or None when there is none of this name."""
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        if isinstance(target, dict):
            return LazyGroup(name=cmd_name, help=GROUP_HELP[cmd_name], targets=target)
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(
    cls=LazyGroup,
    targets=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.option("--debug", is_flag=True, envvar="RAFID_DEBUG", help="Show the traceback of an error.")
@click.version_option(package_name="rafid")
def cli(debug: bool) -> None:
    """Arabic news pages in, searchable stories out."""


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yields every command below the group with the words that call it, in the order of the path; each is imported."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        elif command is not None:
            yield (*path, name), command


def main() -> None:
    """Runs the command line; errors end it with one line and exit code 1, wrong usage with 2."""
    words = tuple(word for word in sys.argv[1:] if word != "--debug")
    if not UNTIL_STOPPED.isdisjoint((words[:1], words[:2])):
        _end_at_once_when_told()
    try:
        cli.main(prog_name="rafid", standalone_mode=True)
    except RafidError as exc:
        if _shows_tracebacks():
            raise
        click.echo(f"rafid: {exc}", err=True)
        sys.exit(1)
    except Exception as exc:
        if _shows_tracebacks():
            raise
        click.echo(f"rafid: {_described(exc)}", err=True)
        sys.exit(1)


def _end_at_once_when_told() -> None:
    """Has SIGTERM and SIGINT end the process with 0 until its work begins, and takes them over: nothing is begun yet."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def _described(exc: Exception) -> str:
    if isinstance(exc, ModuleNotFoundError) and (extra := extra_of(exc.name or "")):
        return what_to_install(str(exc.name), extra)
    return f"unexpected {type(exc).__name__}: {exc} (`rafid --debug ...` shows where)"


def _shows_tracebacks() -> bool:
    # What click made of --debug went with its context, and the variable is to mean here what it means there.
    setting = os.environ.get("RAFID_DEBUG", "")
    return "--debug" in sys.argv[1:] or bool(click.BOOL.convert(setting, None, None) if setting.strip() else False)


if __name__ == "__main__":
    main()
